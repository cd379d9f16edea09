// Turns a preprocessed CUDA C file into C++ for the host.
#pragma once

#include <string>
#include <vector>

namespace standin {

struct Rewritten {
  std::string text;
  std::vector<std::string> kernels;  // extern "C" __global__ functions, which a program finds by name
};

/** The source after the preprocessor, with the prelude in front of it. */
Rewritten rewrite(const std::string& source);

}  // namespace standin

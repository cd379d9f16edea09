// What the stand-in's driver gives to its libraries (cuBLAS, cuDNN): checked device memory and
// streams that record work and run it when somebody synchronises.
#pragma once

#include <cstdarg>
#include <functional>
#include <mutex>
#include <string>

#include "abi.h"

#define STANDIN_EXPORT __attribute__((visibility("default")))
#define STANDIN_CALL extern "C" STANDIN_EXPORT

namespace standin {

/** An error found while recorded work runs: the device's error, told at the next synchronisation. */
struct STANDIN_EXPORT Fault {
  CUresult code;
  std::string text;
};

/** Held by every call: the stand-in's state belongs to one thread at a time. */
STANDIN_EXPORT std::recursive_mutex& mutex();

/** Formats like printf. */
STANDIN_EXPORT std::string format(const char* pattern, ...) __attribute__((format(printf, 1, 2)));

/**
 * Returns the code after it kept the text, which error strings then end with: the Java side shows
 * NVIDIA's text, and so the reason as well.
 */
STANDIN_EXPORT CUresult fail(CUresult code, const std::string& text);

/** The text that was kept for a code, or an empty one. */
STANDIN_EXPORT std::string reason(CUresult code);

/** Whether the calling thread has a context, and an error's text if it has none. */
STANDIN_EXPORT CUresult requireContext(const char* call);

/** The calling thread's context. */
STANDIN_EXPORT CUcontext currentContext();

/**
 * Why the bytes may not be touched by the device, or an empty text if they may: they lie in one
 * live allocation of device memory (or of pinned host memory, which the device may read too).
 */
STANDIN_EXPORT std::string violation(const char* what, CUdeviceptr address, std::size_t bytes);

/** Throws the {@link Fault} that the device would have. */
STANDIN_EXPORT void check(const char* what, CUdeviceptr address, std::size_t bytes);

/** Whether the stream is one of the current context's, or one of the default streams. */
STANDIN_EXPORT CUresult requireStream(const char* call, CUstream stream);

/** Whether the stream records a graph. */
STANDIN_EXPORT bool isCapturing(CUstream stream);

/** Records work on a stream: it runs, once, when the stream is synchronised; in a graph, each time. */
STANDIN_EXPORT CUresult enqueue(const char* call, CUstream stream, std::function<void()> work);

/**
 * Refuses a call that allocates or synchronises while the calling thread records a graph.
 * Returns CUDA_SUCCESS where it may go on; otherwise the recording is spoiled.
 */
STANDIN_EXPORT CUresult refuseInCapture(const char* call);

/** Runs what is recorded on a stream. Returns the error that it met. */
STANDIN_EXPORT CUresult drain(CUstream stream);

template <typename T>
T* at(CUdeviceptr address) {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(address));
}

}  // namespace standin

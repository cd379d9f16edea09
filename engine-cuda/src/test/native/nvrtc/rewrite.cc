// Two words of the language need more than a macro: __shared__, whose dynamic arrays become pointers
// and whose other variables go into a section of their own; and __global__, whose functions are
// listed in a table at the file's end, from which the driver calls them.
#include "rewrite.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "../driver/interface.h"

namespace standin {
namespace {

constexpr const char* GLOBAL = "__global_entry__";  // what the prelude makes of __global__
constexpr const char* SHARED = "__shared__";

bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::size_t findWord(const std::string& text, const char* word, std::size_t from) {
  std::size_t length = std::strlen(word);
  while ((from = text.find(word, from)) != std::string::npos) {
    bool begins = from == 0 || !isWord(text[from - 1]);
    if (begins && !isWord(text[from + length])) return from;
    from += length;
  }
  return from;
}

/** Whether the text in front of a place ends with a word; moves the place in front of it. */
bool takeBefore(const std::string& text, std::size_t& place, const std::string& word) {
  std::size_t end = place;
  while (end > 0 && std::isspace(static_cast<unsigned char>(text[end - 1]))) end--;
  if (end < word.size() || text.compare(end - word.size(), word.size(), word) != 0) return false;
  place = end - word.size();
  return true;
}

/** The identifier that ends in front of a place. */
std::string nameBefore(const std::string& text, std::size_t place) {
  while (place > 0 && std::isspace(static_cast<unsigned char>(text[place - 1]))) place--;
  std::size_t begin = place;
  while (begin > 0 && isWord(text[begin - 1])) begin--;
  return text.substr(begin, place - begin);
}

void removeWord(std::string& text, const std::string& word) {
  for (std::size_t at; (at = findWord(text, word.c_str(), 0)) != std::string::npos;) {
    text.erase(at, word.size());
  }
}

/** extern __shared__ T name[]; becomes a pointer to the block's dynamic memory. */
std::string dynamicArray(const std::string& declaration) {
  std::size_t bracket = declaration.find('[');
  std::string name = nameBefore(declaration, bracket);
  std::string type = declaration.substr(0, declaration.rfind(name, bracket));
  for (std::size_t at; (at = type.find("alignas(")) != std::string::npos;) {
    type.erase(at, type.find(')', at) + 1 - at);
  }
  return "[[maybe_unused]] " + type + "* const " + name + " = reinterpret_cast<" + type +
         "*>(standin::dynamic)";
}

void rewriteShared(std::string& text) {
  std::size_t at = 0;
  while ((at = findWord(text, SHARED, at)) != std::string::npos) {
    std::size_t begin = at, end = text.find(';', at);
    bool dynamic = takeBefore(text, begin, "extern");
    if (!dynamic) takeBefore(text, begin, "static");
    std::string declaration = text.substr(at + std::strlen(SHARED), end - at - std::strlen(SHARED));
    std::string replacement;
    if (dynamic) {
      replacement = dynamicArray(declaration);
    } else {
      removeWord(declaration, "static");
      replacement = "static __attribute__((section(\"standin_shared\"))) " + declaration;
    }
    text.replace(begin, end - begin, replacement);
    at = begin + replacement.size();
  }
}

std::vector<std::string> takeKernels(std::string& text) {
  std::vector<std::string> names;
  std::size_t at = 0;
  while ((at = findWord(text, GLOBAL, at)) != std::string::npos) {
    text.replace(at, std::strlen(GLOBAL), std::strlen(GLOBAL), ' ');
    std::size_t before = at;
    if (!takeBefore(text, before, "\"C\"")) continue;  // its name would be a mangled one
    std::string name = nameBefore(text, text.find('(', at));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string table(const std::vector<std::string>& kernels) {
  std::string text = "\nextern char sharedFrom[] __asm__(\"__start_standin_shared\") "
                     "__attribute__((weak, visibility(\"hidden\")));\n"
                     "extern char sharedTo[] __asm__(\"__stop_standin_shared\") "
                     "__attribute__((weak, visibility(\"hidden\")));\n";
  std::string list;
  for (const std::string& name : kernels) {
    std::string type = "standin::Kernel<&::" + name + ">";
    text += "static const standin::Entry standinEntry_" + name + " = {\"" + name + "\", " + type + "::count, " +
            type + "::arguments, &" + type + "::threads};\n";
    list += "&standinEntry_" + name + ", ";
  }
  text += "static const standin::Entry* const standinEntries[] = {" + list + "nullptr};\n";
  text += "extern \"C\" __attribute__((visibility(\"default\"))) const standin::File standinFile;\n"
          "const standin::File standinFile = {" + std::to_string(KERNEL_INTERFACE) + ", " +
          std::to_string(kernels.size()) +
          ", standinEntries, &threadIdx, &blockIdx, &blockDim, &gridDim, &standin::next, "
          "&standin::order, &standin::left, standin::exited, &standin::waiting, &standin::calls, "
          "sharedFrom, sharedTo, standin::dynamic};\n";
  return text;
}

}  // namespace

Rewritten rewrite(const std::string& source) {
  Rewritten result{source, {}};
  rewriteShared(result.text);
  result.kernels = takeKernels(result.text);
  result.text += table(result.kernels);
  return result;
}

}  // namespace standin

// NVRTC's calls, as its manual gives them: the source is compiled by the host's C++ compiler, and
// the "cubin" is a shared object that the stand-in's driver loads.
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "rewrite.h"

#define STANDIN_CALL extern "C" __attribute__((visibility("default")))

extern char** environ;

namespace {

using Path = std::filesystem::path;

enum Result {
  SUCCESS = 0,
  INVALID_INPUT = 3,
  INVALID_PROGRAM = 4,
  INVALID_OPTION = 5,
  COMPILATION = 6,
  INTERNAL_ERROR = 11,
};

struct Program {
  std::string source;
  std::string name;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string log;
  std::string cubin;
};

struct Options {
  bool real = false;  // sm_XX, and not compute_XX
  std::vector<std::string> passed;
};

std::string readFile(const Path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void writeFile(const Path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/** Where the stand-in lies: the prelude and the compiler's name are beside its libraries. */
Path home() {
  Dl_info info;
  dladdr(reinterpret_cast<void*>(&home), &info);
  return std::filesystem::absolute(info.dli_fname).parent_path();
}

bool startsWith(const std::string& text, const char* prefix) {
  return text.compare(0, std::strlen(prefix), prefix) == 0;
}

/** Understands what NVRTC does; options that change nothing on the host are dropped. */
bool parse(const std::string& option, Options* options) {
  for (const char* arch : {"--gpu-architecture=", "-arch="}) {
    if (startsWith(option, arch)) {
      std::string value = option.substr(std::strlen(arch));
      options->real = startsWith(value, "sm_");
      return options->real || startsWith(value, "compute_");
    }
  }
  if (option == "--std=c++17" || option == "-std=c++17") return true;
  if (startsWith(option, "--define-macro=")) {
    options->passed.push_back("-D" + option.substr(15));
    return true;
  }
  if (startsWith(option, "-D")) {
    options->passed.push_back(option);
    return true;
  }
  for (const char* dropped : {"--fmad=", "-fmad=", "--ftz=", "--prec-div=", "--prec-sqrt=", "--maxrregcount=",
                              "--generate-line-info", "-lineinfo", "--device-debug", "-G", "--restrict",
                              "-restrict", "--extra-device-vectorization", "-default-device",
                              "--device-as-default-execution-space"}) {
    if (startsWith(option, dropped)) return true;
  }
  return false;
}

/** Runs a command with its output in files: its exit status, or -1. */
int run(const std::vector<std::string>& command, const Path& out, const Path& err) {
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&files, 1, out.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&files, 2, err.c_str(), flags, 0600);
  pid_t child;
  int failed = posix_spawnp(&child, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed) return -1;
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/** Errors as NVRTC writes them: file(line): error: what. */
std::string translate(const std::string& messages, const std::string& name) {
  std::istringstream in(messages);
  std::string log, line;
  int errors = 0;
  while (std::getline(in, line)) {
    std::size_t error = line.find(" error: ");
    std::size_t first = line.find(':'), second = first == std::string::npos ? first : line.find(':', first + 1);
    if (error == std::string::npos || second == std::string::npos || second > error) continue;
    log += line.substr(0, first) + "(" + line.substr(first + 1, second - first - 1) + "):" + line.substr(error) + "\n";
    errors++;
  }
  if (errors == 0) return messages;
  return log + "\n" + std::to_string(errors) + (errors == 1 ? " error" : " errors") +
         " detected in the compilation of \"" + name + "\".\n";
}

Result compile(Program* program, const Options& options, const Path& directory) {
  Path beside = home();
  std::string compiler = readFile(beside / "compiler");
  if (compiler.empty()) {
    program->log = "the stand-in's folder names no compiler";
    return INTERNAL_ERROR;
  }
  for (const auto& [name, text] : program->headers) writeFile(directory / name, text);
  writeFile(directory / "source", "#include \"" + (beside / "prelude.h").string() + "\"\nnamespace {\n#line 1 \"" +
                                      program->name + "\"\n" + program->source + "\n}\n");
  std::vector<std::string> preprocess = {compiler, "-E", "-x", "c++", "-std=c++17", "-w",
                                         "-I" + directory.string()};
  preprocess.insert(preprocess.end(), options.passed.begin(), options.passed.end());
  preprocess.push_back((directory / "source").string());
  Path text = directory / "text", errors = directory / "errors";
  if (run(preprocess, text, errors) != 0) {
    program->log = translate(readFile(errors), program->name);
    return COMPILATION;
  }
  writeFile(directory / "kernels.ii", standin::rewrite(readFile(text)).text);
  // No contraction and no fast math: what the source says is what is computed, fmaf where it stands.
  // Misaligned accesses and indices outside of arrays stop the kernel.
  Path object = directory / "kernels.so";
  int status = run({compiler, "-x", "c++-cpp-output", "-std=c++17", "-O2", "-w", "-fPIC", "-shared",
                    "-fvisibility=hidden", "-ffp-contract=off", "-fno-math-errno", "-fno-exceptions",
                    "-fsanitize=alignment,bounds", "-fsanitize-undefined-trap-on-error", "-o",
                    object.string(), (directory / "kernels.ii").string(), "-lm"},
                   text, errors);
  program->log = translate(readFile(errors), program->name);
  if (status != 0) return COMPILATION;
  if (options.real) program->cubin = readFile(object);
  return SUCCESS;
}

}  // namespace

STANDIN_CALL const char* nvrtcGetErrorString(int result) {
  switch (result) {
    case SUCCESS: return "NVRTC_SUCCESS";
    case INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
    case INVALID_PROGRAM: return "NVRTC_ERROR_INVALID_PROGRAM";
    case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    case COMPILATION: return "NVRTC_ERROR_COMPILATION";
    case INTERNAL_ERROR: return "NVRTC_ERROR_INTERNAL_ERROR";
    default: return "NVRTC_ERROR unknown";
  }
}

/**
 * 12, and a second number that no NVRTC has and that changes with the prelude: whoever keeps
 * compiled kernels by version never takes a stand-in's for a GPU's, nor an old one's.
 */
STANDIN_CALL int nvrtcVersion(int* major, int* minor) {
  unsigned hash = 2166136261u;
  for (unsigned char c : readFile(home() / "prelude.h")) hash = (hash ^ c) * 16777619u;
  *major = 12;
  *minor = 10000 + hash % 90000;
  return SUCCESS;
}

STANDIN_CALL int nvrtcGetNumSupportedArchs(int* count) {
  *count = 2;
  return SUCCESS;
}

STANDIN_CALL int nvrtcGetSupportedArchs(int* architectures) {
  architectures[0] = 80;
  architectures[1] = 90;
  return SUCCESS;
}

STANDIN_CALL int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers,
                                    const char* const* texts, const char* const* names) {
  if (program == nullptr || source == nullptr || headers < 0) return INVALID_INPUT;
  *program = new Program{source, name == nullptr ? "default_program" : name, {}, {}, {}};
  for (int i = 0; i < headers; i++) (*program)->headers.emplace_back(names[i], texts[i]);
  return SUCCESS;
}

STANDIN_CALL int nvrtcDestroyProgram(Program** program) {
  if (program == nullptr || *program == nullptr) return INVALID_PROGRAM;
  delete *program;
  *program = nullptr;
  return SUCCESS;
}

STANDIN_CALL int nvrtcCompileProgram(Program* program, int count, const char* const* texts) {
  if (program == nullptr) return INVALID_PROGRAM;
  Options options;
  for (int i = 0; i < count; i++) {
    if (!parse(texts[i], &options)) {
      program->log = std::string("nvrtc: error: invalid option '") + texts[i] + "'\n";
      return INVALID_OPTION;
    }
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "standin-nvrtc-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    program->log = "no temporary folder";
    return INTERNAL_ERROR;
  }
  Result result = compile(program, options, pattern);
  std::error_code ignored;
  std::filesystem::remove_all(pattern, ignored);
  return result;
}

STANDIN_CALL int nvrtcGetProgramLogSize(Program* program, std::size_t* size) {
  if (program == nullptr) return INVALID_PROGRAM;
  *size = program->log.size() + 1;
  return SUCCESS;
}

STANDIN_CALL int nvrtcGetProgramLog(Program* program, char* log) {
  if (program == nullptr) return INVALID_PROGRAM;
  std::memcpy(log, program->log.c_str(), program->log.size() + 1);
  return SUCCESS;
}

STANDIN_CALL int nvrtcGetCUBINSize(Program* program, std::size_t* size) {
  if (program == nullptr) return INVALID_PROGRAM;
  *size = program->cubin.size();
  return SUCCESS;
}

STANDIN_CALL int nvrtcGetCUBIN(Program* program, char* cubin) {
  if (program == nullptr) return INVALID_PROGRAM;
  std::memcpy(cubin, program->cubin.data(), program->cubin.size());
  return SUCCESS;
}

/** There is a text, as from NVRTC, but no driver takes it. */
constexpr char PTX[] = "// the stand-in has no PTX\n";

STANDIN_CALL int nvrtcGetPTXSize(Program* program, std::size_t* size) {
  if (program == nullptr) return INVALID_PROGRAM;
  *size = sizeof PTX;
  return SUCCESS;
}

STANDIN_CALL int nvrtcGetPTX(Program* program, char* ptx) {
  if (program == nullptr) return INVALID_PROGRAM;
  std::memcpy(ptx, PTX, sizeof PTX);
  return SUCCESS;
}

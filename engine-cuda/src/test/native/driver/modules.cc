// Modules are the shared objects that the stand-in's NVRTC makes; launches check what a device would.
#include <dlfcn.h>
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <map>

#include "kernel.h"
#include "state.h"

struct CUmod_st {
  int image;  // the loader knows libraries by name, and this one's number: open as long as the module
  void* library;
  CUcontext context;
  const standin::KernelFile* file;
  std::map<std::string, CUfunction> functions;
};

struct CUfunc_st {
  CUmodule module;
  const standin::KernelEntry* entry;
  unsigned dynamicLimit;
};

namespace {

using namespace standin;
using Guard = std::lock_guard<std::recursive_mutex>;

std::set<CUmodule> modules;
std::set<CUfunction> functions;
unsigned long long launches = 0;

/** Bytes of a shared object: the table of sections is its last part. */
std::size_t elfSize(const void* image) {
  auto header = static_cast<const Elf64_Ehdr*>(image);
  return header->e_shoff + std::size_t{header->e_shnum} * header->e_shentsize;
}

/** A file in memory that holds the image, or -1. */
int imageFile(const void* image) {
  int file = memfd_create("kernel", MFD_CLOEXEC);
  auto from = static_cast<const char*>(image);
  for (std::size_t left = elfSize(image); file >= 0 && left > 0;) {
    ssize_t written = write(file, from, left);
    if (written <= 0) {
      close(file);
      return -1;
    }
    from += written;
    left -= written;
  }
  return file;
}

CUresult requireModule(const char* call, CUmodule module) {
  if (CUresult r = requireContext(call)) return r;
  return modules.count(module) ? CUDA_SUCCESS
                               : fail(CUDA_ERROR_INVALID_HANDLE,
                                      format("%s: the module was unloaded or never loaded", call));
}

CUresult requireFunction(const char* call, CUfunction function) {
  if (CUresult r = requireContext(call)) return r;
  return functions.count(function) ? CUDA_SUCCESS
                                   : fail(CUDA_ERROR_INVALID_HANDLE,
                                          format("%s: the function's module was unloaded", call));
}

unsigned staticBytes(CUfunction function) {
  return function->module->file->sharedTo - function->module->file->sharedFrom;
}

CUresult checkLaunch(CUfunction f, const Triple& grid, const Triple& block, unsigned dynamicBytes) {
  const char* name = f->entry->name;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > MAX_GRID_X || grid.y > MAX_GRID_YZ ||
      grid.z > MAX_GRID_YZ) {
    return fail(CUDA_ERROR_INVALID_VALUE, format("kernel '%s': a grid of %u x %u x %u blocks", name,
                                                 grid.x, grid.y, grid.z));
  }
  unsigned long long threads = 1ull * block.x * block.y * block.z;
  if (threads == 0 || threads > MAX_THREADS_PER_BLOCK || block.z > MAX_BLOCK_Z) {
    return fail(CUDA_ERROR_INVALID_VALUE, format("kernel '%s': a block of %u x %u x %u threads", name,
                                                 block.x, block.y, block.z));
  }
  if (dynamicBytes > f->dynamicLimit) {
    return fail(CUDA_ERROR_INVALID_VALUE,
                format("kernel '%s': %u bytes of dynamic shared memory, %u are allowed", name,
                       dynamicBytes, f->dynamicLimit));
  }
  return CUDA_SUCCESS;
}

}  // namespace

STANDIN_CALL CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuModuleLoadData")) return r;
  if (CUresult r = refuseInCapture("cuModuleLoadData")) return r;
  if (image == nullptr || std::memcmp(image, ELFMAG, SELFMAG) != 0) {
    return fail(CUDA_ERROR_INVALID_IMAGE, "the stand-in loads only what its own NVRTC compiled");
  }
  if (static_cast<const Elf64_Ehdr*>(image)->e_machine != EM_X86_64) {
    return fail(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image was compiled for a GPU, not for the stand-in");
  }
  int memory = imageFile(image);
  if (memory < 0) return fail(CUDA_ERROR_OUT_OF_MEMORY, "cuModuleLoadData: no memory for the image");
  void* library = dlopen(format("/proc/self/fd/%d", memory).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    close(memory);
    return fail(CUDA_ERROR_INVALID_IMAGE, dlerror());
  }
  auto file = static_cast<const KernelFile*>(dlsym(library, "standinFile"));
  if (file == nullptr || file->interface != KERNEL_INTERFACE) {
    dlclose(library);
    close(memory);
    return fail(CUDA_ERROR_NO_BINARY_FOR_GPU, "the image was made by another version of the stand-in");
  }
  *module = new CUmod_st{memory, library, currentContext(), file, {}};
  for (unsigned i = 0; i < file->count; i++) {
    CUfunction f = new CUfunc_st{*module, file->kernels[i], SHARED_PER_BLOCK};
    (*module)->functions[file->kernels[i]->name] = f;
    functions.insert(f);
  }
  modules.insert(*module);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned, int*, void**) {
  return cuModuleLoadData(module, image);
}

STANDIN_CALL CUresult cuModuleUnload(CUmodule module) {
  Guard guard(mutex());
  if (CUresult r = requireModule("cuModuleUnload", module)) return r;
  if (CUresult r = refuseInCapture("cuModuleUnload")) return r;
  CUresult before = finish(currentContext());
  for (auto& [name, function] : module->functions) {
    functions.erase(function);
    delete function;
  }
  modules.erase(module);
  dlclose(module->library);
  close(module->image);
  delete module;
  return before;
}

STANDIN_CALL CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  Guard guard(mutex());
  if (CUresult r = requireModule("cuModuleGetFunction", module)) return r;
  auto found = module->functions.find(name);
  if (found == module->functions.end()) {
    return fail(CUDA_ERROR_NOT_FOUND, format("cuModuleGetFunction: no kernel '%s'", name));
  }
  *function = found->second;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuFuncGetAttribute(int* value, int attribute, CUfunction function) {
  Guard guard(mutex());
  if (CUresult r = requireFunction("cuFuncGetAttribute", function)) return r;
  switch (attribute) {
    case 0: *value = MAX_THREADS_PER_BLOCK; return CUDA_SUCCESS;
    case 1: *value = staticBytes(function); return CUDA_SUCCESS;
    case 4: *value = 32; return CUDA_SUCCESS;  // registers of a thread
    case 8: *value = function->dynamicLimit; return CUDA_SUCCESS;
    default: return fail(CUDA_ERROR_INVALID_VALUE, format("cuFuncGetAttribute: attribute %d", attribute));
  }
}

STANDIN_CALL CUresult cuFuncSetAttribute(CUfunction function, int attribute, int value) {
  Guard guard(mutex());
  if (CUresult r = requireFunction("cuFuncSetAttribute", function)) return r;
  if (attribute == 9) return CUDA_SUCCESS;  // how cache and shared memory share, a hint
  if (attribute != 8 || value < 0 || value > static_cast<int>(SHARED_PER_BLOCK_OPTIN)) {
    return fail(CUDA_ERROR_INVALID_VALUE,
                format("cuFuncSetAttribute: attribute %d, value %d", attribute, value));
  }
  function->dynamicLimit = value;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function,
                                                                  int blockSize, std::size_t) {
  Guard guard(mutex());
  if (CUresult r = requireFunction("cuOccupancyMaxActiveBlocksPerMultiprocessor", function)) return r;
  *blocks = 2048 / blockSize;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuLaunchKernel(CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ,
                                     unsigned blockX, unsigned blockY, unsigned blockZ,
                                     unsigned dynamicBytes, CUstream stream, void** parameters,
                                     void** extra) {
  Guard guard(mutex());
  if (CUresult r = requireFunction("cuLaunchKernel", function)) return r;
  if (function->module->context != currentContext()) {
    return fail(CUDA_ERROR_INVALID_HANDLE, "cuLaunchKernel: the module is another context's");
  }
  Triple grid{gridX, gridY, gridZ}, block{blockX, blockY, blockZ};
  if (CUresult r = checkLaunch(function, grid, block, dynamicBytes)) return r;
  const KernelEntry* entry = function->entry;
  if (extra != nullptr || (parameters == nullptr && entry->count > 0)) {
    return fail(CUDA_ERROR_INVALID_VALUE, format("kernel '%s': no arguments", entry->name));
  }
  struct Values {
    std::vector<unsigned long long> storage;
    std::vector<void*> pointers;
  };
  auto values = std::make_shared<Values>();
  std::size_t words = 0;
  for (unsigned i = 0; i < entry->count; i++) words += (entry->arguments[i].bytes + 7) / 8;
  values->storage.resize(words);
  words = 0;
  for (unsigned i = 0; i < entry->count; i++) {
    if (parameters[i] == nullptr) {
      return fail(CUDA_ERROR_INVALID_VALUE, format("kernel '%s': argument %u is missing", entry->name, i));
    }
    values->pointers.push_back(&values->storage[words]);
    std::memcpy(values->pointers[i], parameters[i], entry->arguments[i].bytes);
    words += (entry->arguments[i].bytes + 7) / 8;
  }
  // Every other launch runs from the last thread to the first: results that depend on the order of
  // threads do not repeat.
  bool backwards = launches++ % 2 == 1;
  const KernelFile* file = function->module->file;
  return enqueue("cuLaunchKernel", stream, [=] {
    markKernel();
    if (!modules.count(function->module)) {
      throw Fault{CUDA_ERROR_INVALID_HANDLE, "the kernel's module was unloaded"};
    }
    runKernel({file, entry, grid, block, dynamicBytes, backwards, values->pointers.data()});
  });
}

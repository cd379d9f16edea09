// Start, versions, the one device, contexts, and what error numbers mean.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "state.h"

namespace standin {
namespace {

constexpr int DEFAULT_DRIVER_VERSION = 12060;
constexpr const char* DEVICE_NAME = "Tandem stand-in (host memory, no GPU)";

bool initialised = false;
thread_local std::vector<CUcontext> current;
CUcontext primary = nullptr;

std::map<CUresult, std::string>& reasons() {
  static std::map<CUresult, std::string> kept;
  return kept;
}

struct ErrorText {
  const char* name;
  const char* text;
};

const std::map<CUresult, ErrorText>& errors() {
  static const std::map<CUresult, ErrorText> table = {
      {CUDA_SUCCESS, {"CUDA_SUCCESS", "no error"}},
      {CUDA_ERROR_INVALID_VALUE, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
      {CUDA_ERROR_OUT_OF_MEMORY, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
      {CUDA_ERROR_NOT_INITIALIZED, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
      {CUDA_ERROR_NO_DEVICE, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
      {CUDA_ERROR_INVALID_DEVICE, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
      {CUDA_ERROR_INVALID_IMAGE, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
      {CUDA_ERROR_INVALID_CONTEXT, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
      {CUDA_ERROR_NO_BINARY_FOR_GPU,
       {"CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"}},
      {CUDA_ERROR_INVALID_HANDLE, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
      {CUDA_ERROR_ILLEGAL_STATE,
       {"CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"}},
      {CUDA_ERROR_NOT_FOUND, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
      {CUDA_ERROR_NOT_READY, {"CUDA_ERROR_NOT_READY", "device not ready"}},
      {CUDA_ERROR_ILLEGAL_ADDRESS,
       {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
      {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
       {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"}},
      {CUDA_ERROR_CONTEXT_IS_DESTROYED, {"CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"}},
      {CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED,
       {"CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED",
        "part or all of the requested memory range is already mapped"}},
      {CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED,
       {"CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED",
        "pointer does not correspond to a registered memory region"}},
      {CUDA_ERROR_MISALIGNED_ADDRESS, {"CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"}},
      {CUDA_ERROR_LAUNCH_FAILED, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
      {CUDA_ERROR_NOT_SUPPORTED, {"CUDA_ERROR_NOT_SUPPORTED", "operation not supported"}},
      {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
       {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"}},
      {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
       {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
        "operation failed due to a previous error during capture"}},
      {CUDA_ERROR_STREAM_CAPTURE_MERGE,
       {"CUDA_ERROR_STREAM_CAPTURE_MERGE", "operation would result in a merge of separate capture sequences"}},
      {CUDA_ERROR_STREAM_CAPTURE_UNMATCHED,
       {"CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"}},
      {CUDA_ERROR_STREAM_CAPTURE_UNJOINED,
       {"CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"}},
      {CUDA_ERROR_STREAM_CAPTURE_ISOLATION,
       {"CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "dependency created on uncaptured work in another stream"}},
      {CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
       {"CUDA_ERROR_STREAM_CAPTURE_IMPLICIT",
        "operation would make the legacy stream depend on a capturing blocking stream"}},
      {CUDA_ERROR_CAPTURED_EVENT,
       {"CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"}},
      {CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD,
       {"CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD",
        "attempt to terminate a thread-local capture sequence from another thread"}},
  };
  return table;
}

void destroy(CUcontext context) {
  finish(context);
  freeAllOf(context);
  while (!context->streams.empty()) deleteStream(*context->streams.begin());
  liveContexts().erase(context);
  delete context;
}

CUcontext create(bool isPrimary) {
  CUcontext context = new CUctx_st{isPrimary, 0, nullptr, {}};
  liveContexts().insert(context);
  context->legacy = newStream(context, 0);
  return context;
}

CUresult requireDevice(const char* call, CUdevice device) {
  if (!initialised) return fail(CUDA_ERROR_NOT_INITIALIZED, format("%s before cuInit", call));
  return device == 0 ? CUDA_SUCCESS
                     : fail(CUDA_ERROR_INVALID_DEVICE, format("%s: device %d", call, device));
}

/** Attribute numbers of the manual with the values of the device that is played. */
const std::map<int, int>& attributes() {
  static const std::map<int, int> table = {
      {1, MAX_THREADS_PER_BLOCK},      // max threads per block
      {2, MAX_THREADS_PER_BLOCK},      // max block x
      {3, MAX_THREADS_PER_BLOCK},      // max block y
      {4, MAX_BLOCK_Z},                // max block z
      {5, MAX_GRID_X},                 // max grid x
      {6, MAX_GRID_YZ},                // max grid y
      {7, MAX_GRID_YZ},                // max grid z
      {8, SHARED_PER_BLOCK},           // shared memory per block
      {9, 64 * 1024},                  // constant memory
      {10, 32},                        // warp size
      {12, 65536},                     // registers per block
      {13, 1000000},                   // clock rate in kHz
      {15, 1},                         // copies overlap with kernels
      {16, 4},                         // multiprocessors
      {17, 0},                         // no kernel timeout
      {18, 0},                         // not integrated
      {19, 1},                         // can map host memory
      {20, 0},                         // default compute mode
      {31, 1},                         // concurrent kernels
      {32, 0},                         // no ECC
      {33, 0},                         // PCI bus
      {34, 0},                         // PCI device
      {36, 1000000},                   // memory clock rate in kHz
      {37, 64},                        // memory bus width in bits
      {38, 1 << 20},                   // L2 bytes
      {39, 2048},                      // threads per multiprocessor
      {40, 1},                         // copy engines
      {41, 1},                         // unified addressing
      {50, 0},                         // PCI domain
      {75, 9},                         // compute capability
      {76, 0},
      {78, 0},                         // no stream priorities
      {81, 228 * 1024},                // shared memory per multiprocessor
      {82, 65536},                     // registers per multiprocessor
      {83, 0},                         // no managed memory
      {95, 0},                         // no cooperative launches
      {97, SHARED_PER_BLOCK_OPTIN},    // shared memory per block, opted in
      {115, 0},                        // no memory pools
  };
  return table;
}

}  // namespace

std::string format(const char* pattern, ...) {
  va_list list;
  va_start(list, pattern);
  char buffer[1024];
  std::vsnprintf(buffer, sizeof buffer, pattern, list);
  va_end(list);
  return buffer;
}

CUresult fail(CUresult code, const std::string& text) {
  reasons()[code] = text;
  return code;
}

std::string reason(CUresult code) {
  auto found = reasons().find(code);
  return found == reasons().end() ? "" : found->second;
}

std::set<CUcontext>& liveContexts() {
  static std::set<CUcontext> live;
  return live;
}

CUcontext currentContext() { return current.empty() ? nullptr : current.back(); }

CUresult requireContext(const char* call) {
  if (!initialised) return fail(CUDA_ERROR_NOT_INITIALIZED, format("%s before cuInit", call));
  CUcontext context = currentContext();
  if (context == nullptr) {
    return fail(CUDA_ERROR_INVALID_CONTEXT, format("%s: this thread has no current context", call));
  }
  if (!liveContexts().count(context)) {
    return fail(CUDA_ERROR_CONTEXT_IS_DESTROYED, format("%s: the current context was destroyed", call));
  }
  return CUDA_SUCCESS;
}

}  // namespace standin

using namespace standin;
using Guard = std::lock_guard<std::recursive_mutex>;

STANDIN_CALL CUresult cuInit(unsigned flags) {
  Guard guard(mutex());
  if (flags != 0) return fail(CUDA_ERROR_INVALID_VALUE, "cuInit: flags must be 0");
  initialised = true;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuDriverGetVersion(int* version) {
  const char* text = std::getenv("TANDEM_STANDIN_DRIVER");
  *version = text == nullptr ? DEFAULT_DRIVER_VERSION : std::atoi(text);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuGetErrorName(CUresult error, const char** name) {
  Guard guard(mutex());
  auto found = errors().find(error);
  *name = found == errors().end() ? nullptr : found->second.name;
  return *name == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

/** NVIDIA's text and what the stand-in knows besides: the pointer holds until the next question. */
STANDIN_CALL CUresult cuGetErrorString(CUresult error, const char** text) {
  Guard guard(mutex());
  static std::map<CUresult, std::string> whole;
  auto found = errors().find(error);
  *text = nullptr;
  if (found == errors().end()) return CUDA_ERROR_INVALID_VALUE;
  std::string why = reason(error);
  whole[error] = why.empty() ? found->second.text : format("%s [%s]", found->second.text, why.c_str());
  *text = whole[error].c_str();
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuDeviceGetCount(int* count) {
  *count = initialised ? 1 : 0;
  return initialised ? CUDA_SUCCESS : fail(CUDA_ERROR_NOT_INITIALIZED, "cuDeviceGetCount before cuInit");
}

STANDIN_CALL CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  Guard guard(mutex());
  if (CUresult r = requireDevice("cuDeviceGet", ordinal)) return r;
  *device = ordinal;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  Guard guard(mutex());
  if (CUresult r = requireDevice("cuDeviceGetName", device)) return r;
  std::snprintf(name, length, "%s", DEVICE_NAME);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
  Guard guard(mutex());
  if (CUresult r = requireDevice("cuDeviceTotalMem", device)) return r;
  *bytes = totalMemory();
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device) {
  Guard guard(mutex());
  if (CUresult r = requireDevice("cuDeviceGetAttribute", device)) return r;
  auto found = attributes().find(attribute);
  if (found == attributes().end()) {
    return fail(CUDA_ERROR_INVALID_VALUE, format("cuDeviceGetAttribute: attribute %d", attribute));
  }
  *value = found->second;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  Guard guard(mutex());
  if (CUresult r = requireDevice("cuDevicePrimaryCtxRetain", device)) return r;
  if (primary == nullptr) primary = create(true);
  primary->retained++;
  *context = primary;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  Guard guard(mutex());
  if (CUresult r = requireDevice("cuDevicePrimaryCtxRelease", device)) return r;
  if (primary == nullptr) {
    return fail(CUDA_ERROR_INVALID_CONTEXT, "cuDevicePrimaryCtxRelease: it was not retained");
  }
  if (--primary->retained == 0) {
    destroy(primary);
    primary = nullptr;
  }
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
  Guard guard(mutex());
  if (CUresult r = requireDevice("cuDevicePrimaryCtxGetState", device)) return r;
  *flags = 0;
  *active = primary != nullptr;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuCtxCreate_v2(CUcontext* context, unsigned, CUdevice device) {
  Guard guard(mutex());
  if (CUresult r = requireDevice("cuCtxCreate", device)) return r;
  *context = create(false);
  current.push_back(*context);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuCtxDestroy_v2(CUcontext context) {
  Guard guard(mutex());
  if (!liveContexts().count(context) || context->primary) {
    return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxDestroy: no context made by cuCtxCreate");
  }
  destroy(context);
  if (currentContext() == context) current.pop_back();
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuCtxSetCurrent(CUcontext context) {
  Guard guard(mutex());
  if (!initialised) return fail(CUDA_ERROR_NOT_INITIALIZED, "cuCtxSetCurrent before cuInit");
  if (context != nullptr && !liveContexts().count(context)) {
    return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxSetCurrent: the context was destroyed");
  }
  if (!current.empty()) current.pop_back();
  if (context != nullptr) current.push_back(context);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuCtxGetCurrent(CUcontext* context) {
  if (!initialised) return fail(CUDA_ERROR_NOT_INITIALIZED, "cuCtxGetCurrent before cuInit");
  *context = currentContext();
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuCtxPushCurrent_v2(CUcontext context) {
  Guard guard(mutex());
  if (!liveContexts().count(context)) {
    return fail(CUDA_ERROR_INVALID_CONTEXT, "cuCtxPushCurrent: the context was destroyed");
  }
  current.push_back(context);
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuCtxPopCurrent_v2(CUcontext* context) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuCtxPopCurrent")) return r;
  if (context != nullptr) *context = current.back();
  current.pop_back();
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuCtxGetDevice(CUdevice* device) {
  if (CUresult r = requireContext("cuCtxGetDevice")) return r;
  *device = 0;
  return CUDA_SUCCESS;
}

STANDIN_CALL CUresult cuCtxSynchronize() {
  Guard guard(mutex());
  if (CUresult r = requireContext("cuCtxSynchronize")) return r;
  if (CUresult r = refuseInCapture("cuCtxSynchronize")) return r;
  return finish(currentContext());
}

// cuBLAS's handle, as its manual gives it.
#include "handle.h"

#include <map>
#include <set>

namespace {

using namespace standin;
using Guard = std::lock_guard<std::recursive_mutex>;

constexpr int VERSION = 120600;
constexpr int REASONS = 100000;  // where the reasons of cuBLAS's results are kept among the driver's

std::set<cublasHandle_t> handles;

const char* nameOf(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
  }
  return "CUBLAS_STATUS unknown";
}

const char* textOf(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "success";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "the library was not initialized";
    case CUBLAS_STATUS_INVALID_VALUE: return "an unsupported value or parameter was passed to the function";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "the GPU program failed to execute";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "the functionality requested is not supported";
  }
  return "unknown";
}

}  // namespace

namespace standin {

cublasStatus_t fail(cublasStatus_t status, const std::string& text) {
  fail(static_cast<CUresult>(REASONS + status), text);
  return status;
}

cublasStatus_t requireHandle(const char* call, cublasHandle_t handle) {
  if (!handles.count(handle)) {
    return fail(CUBLAS_STATUS_NOT_INITIALIZED, format("%s: the handle was destroyed or never made", call));
  }
  if (CUresult r = requireContext(call)) return fail(CUBLAS_STATUS_NOT_INITIALIZED, reason(r));
  if (handle->context != currentContext()) {
    return fail(CUBLAS_STATUS_INVALID_VALUE, format("%s: the handle is another context's", call));
  }
  if (CUresult r = requireStream(call, handle->stream)) {
    return fail(CUBLAS_STATUS_EXECUTION_FAILED, reason(r));
  }
  if (handle->workspaceBytes > 0) {
    std::string text = violation("the handle's workspace", handle->workspace, handle->workspaceBytes);
    if (!text.empty()) return fail(CUBLAS_STATUS_EXECUTION_FAILED, text);
  }
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace standin

STANDIN_CALL cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  Guard guard(mutex());
  if (CUresult r = requireContext("cublasCreate")) return fail(CUBLAS_STATUS_NOT_INITIALIZED, reason(r));
  if (CUresult r = refuseInCapture("cublasCreate")) return fail(CUBLAS_STATUS_NOT_INITIALIZED, reason(r));
  *handle = new cublasContext{currentContext(), nullptr, POINTER_HOST, MATH_DEFAULT, 0, 0};
  handles.insert(*handle);
  return CUBLAS_STATUS_SUCCESS;
}

/** Waits for the device, as the manual says. */
STANDIN_CALL cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  Guard guard(mutex());
  if (!handles.count(handle)) return fail(CUBLAS_STATUS_NOT_INITIALIZED, "cublasDestroy");
  if (requireContext("cublasDestroy") == CUDA_SUCCESS) {
    if (CUresult r = refuseInCapture("cublasDestroy")) return fail(CUBLAS_STATUS_EXECUTION_FAILED, reason(r));
  }
  handles.erase(handle);
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

STANDIN_CALL cublasStatus_t cublasGetVersion_v2(cublasHandle_t, int* version) {
  *version = VERSION;
  return CUBLAS_STATUS_SUCCESS;
}

STANDIN_CALL std::size_t cublasGetCudartVersion() { return 12060; }

STANDIN_CALL const char* cublasGetStatusName(cublasStatus_t status) { return nameOf(status); }

STANDIN_CALL const char* cublasGetStatusString(cublasStatus_t status) {
  Guard guard(mutex());
  static std::map<int, std::string> whole;
  std::string why = reason(REASONS + status);
  whole[status] = why.empty() ? textOf(status) : format("%s [%s]", textOf(status), why.c_str());
  return whole[status].c_str();
}

/** Takes a stream, and gives up the workspace that was set: the manual says so. */
STANDIN_CALL cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, CUstream stream) {
  Guard guard(mutex());
  if (!handles.count(handle)) return fail(CUBLAS_STATUS_NOT_INITIALIZED, "cublasSetStream");
  if (CUresult r = requireStream("cublasSetStream", stream)) return fail(CUBLAS_STATUS_INVALID_VALUE, reason(r));
  handle->stream = stream;
  handle->workspace = 0;
  handle->workspaceBytes = 0;
  return CUBLAS_STATUS_SUCCESS;
}

STANDIN_CALL cublasStatus_t cublasGetStream_v2(cublasHandle_t handle, CUstream* stream) {
  Guard guard(mutex());
  if (cublasStatus_t s = requireHandle("cublasGetStream", handle)) return s;
  *stream = handle->stream;
  return CUBLAS_STATUS_SUCCESS;
}

STANDIN_CALL cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, std::size_t bytes) {
  Guard guard(mutex());
  if (cublasStatus_t s = requireHandle("cublasSetWorkspace", handle)) return s;
  CUdeviceptr address = reinterpret_cast<CUdeviceptr>(workspace);
  if (address % 256 != 0) return fail(CUBLAS_STATUS_INVALID_VALUE, "cublasSetWorkspace: not aligned to 256 bytes");
  std::string text = violation("cublasSetWorkspace", address, bytes);
  if (!text.empty()) return fail(CUBLAS_STATUS_INVALID_VALUE, text);
  handle->workspace = address;
  handle->workspaceBytes = bytes;
  return CUBLAS_STATUS_SUCCESS;
}

STANDIN_CALL cublasStatus_t cublasSetPointerMode_v2(cublasHandle_t handle, int mode) {
  Guard guard(mutex());
  if (cublasStatus_t s = requireHandle("cublasSetPointerMode", handle)) return s;
  if (mode != POINTER_HOST && mode != POINTER_DEVICE) return fail(CUBLAS_STATUS_INVALID_VALUE, "pointer mode");
  handle->pointerMode = mode;
  return CUBLAS_STATUS_SUCCESS;
}

STANDIN_CALL cublasStatus_t cublasGetPointerMode_v2(cublasHandle_t handle, int* mode) {
  Guard guard(mutex());
  if (cublasStatus_t s = requireHandle("cublasGetPointerMode", handle)) return s;
  *mode = handle->pointerMode;
  return CUBLAS_STATUS_SUCCESS;
}

STANDIN_CALL cublasStatus_t cublasSetMathMode(cublasHandle_t handle, int mode) {
  Guard guard(mutex());
  if (cublasStatus_t s = requireHandle("cublasSetMathMode", handle)) return s;
  if (mode < 0 || mode > MATH_TF32) return fail(CUBLAS_STATUS_INVALID_VALUE, format("math mode %d", mode));
  handle->mathMode = mode;
  return CUBLAS_STATUS_SUCCESS;
}

STANDIN_CALL cublasStatus_t cublasGetMathMode(cublasHandle_t handle, int* mode) {
  Guard guard(mutex());
  if (cublasStatus_t s = requireHandle("cublasGetMathMode", handle)) return s;
  *mode = handle->mathMode;
  return CUBLAS_STATUS_SUCCESS;
}

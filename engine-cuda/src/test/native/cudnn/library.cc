// cuDNN's handle, versions and results.
#include "library.h"

#include <map>

namespace standin {
namespace {

constexpr std::size_t VERSION = 90501;
constexpr std::size_t CUDART_VERSION = 12060;
constexpr int REASONS = 200000;  // where the reasons of cuDNN's results are kept among the driver's

Registry<cudnnContext>& handles() {
  static Registry<cudnnContext> all;
  return all;
}

const char* nameOf(cudnnStatus_t status) {
  switch (status) {
    case CUDNN_STATUS_SUCCESS: return "CUDNN_STATUS_SUCCESS";
    case CUDNN_STATUS_NOT_INITIALIZED: return "CUDNN_STATUS_NOT_INITIALIZED";
    case CUDNN_STATUS_BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
    case CUDNN_STATUS_BAD_PARAM_NULL_POINTER: return "CUDNN_STATUS_BAD_PARAM_NULL_POINTER";
    case CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER: return "CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER";
    case CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED: return "CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED";
    case CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT: return "CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT";
    case CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH: return "CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH";
    case CUDNN_STATUS_NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_EXECUTION_FAILED: return "CUDNN_STATUS_EXECUTION_FAILED";
  }
  return "CUDNN_STATUS unknown";
}

}  // namespace

cudnnStatus_t fail(const char* call, const Refusal& refusal) {
  fail(static_cast<CUresult>(REASONS + refusal.status), format("%s: %s", call, refusal.text.c_str()));
  return refusal.status;
}

void requireHandle(const char* call, cudnnHandle_t handle) {
  cudnnContext& context = handles().of("handle", handle);
  if (CUresult r = requireContext(call)) refuse(CUDNN_STATUS_NOT_INITIALIZED, reason(r));
  if (context.context != currentContext()) refuse(CUDNN_STATUS_BAD_PARAM, "the handle is another context's");
}

void submit(const char* call, cudnnHandle_t handle, std::function<void()> work) {
  if (CUresult r = enqueue(call, handle->stream, std::move(work))) refuse(CUDNN_STATUS_EXECUTION_FAILED, reason(r));
}

void requireOperand(const char* name, const void* address, std::size_t bytes) {
  if (address == nullptr) refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, format("%s is null", name));
  auto device = reinterpret_cast<CUdeviceptr>(address);
  if (device % sizeof(float) != 0) refuse(CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER, name);
  std::string text = violation(name, device, bytes);
  if (!text.empty()) refuse(CUDNN_STATUS_EXECUTION_FAILED, text);
}

void checkOperand(const char* name, const void* address, std::size_t bytes) {
  check(name, reinterpret_cast<CUdeviceptr>(address), bytes);
}

}  // namespace standin

using namespace standin;

STANDIN_CALL std::size_t cudnnGetVersion() { return VERSION; }
STANDIN_CALL std::size_t cudnnGetCudartVersion() { return CUDART_VERSION; }
STANDIN_CALL std::size_t cudnnGetMaxDeviceVersion() { return 900; }

STANDIN_CALL const char* cudnnGetErrorString(cudnnStatus_t status) {
  std::lock_guard<std::recursive_mutex> guard(mutex());
  static std::map<int, std::string> whole;
  std::string why = reason(REASONS + status);
  whole[status] = why.empty() ? nameOf(status) : format("%s [%s]", nameOf(status), why.c_str());
  return whole[status].c_str();
}

STANDIN_CALL cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  return guarded("cudnnCreate", [&] {
    if (CUresult r = requireContext("cudnnCreate")) refuse(CUDNN_STATUS_NOT_INITIALIZED, reason(r));
    if (CUresult r = refuseInCapture("cudnnCreate")) refuse(CUDNN_STATUS_EXECUTION_FAILED, reason(r));
    *handle = handles().add();
    **handle = {currentContext(), nullptr};
  });
}

STANDIN_CALL cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  return guarded("cudnnDestroy", [&] {
    handles().of("handle", handle);
    if (CUresult r = refuseInCapture("cudnnDestroy")) refuse(CUDNN_STATUS_EXECUTION_FAILED, reason(r));
    handles().remove("handle", handle);
  });
}

STANDIN_CALL cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, CUstream stream) {
  return guarded("cudnnSetStream", [&] {
    requireHandle("cudnnSetStream", handle);
    if (CUresult r = requireStream("cudnnSetStream", stream)) refuse(CUDNN_STATUS_BAD_PARAM, reason(r));
    handle->stream = stream;
  });
}

STANDIN_CALL cudnnStatus_t cudnnGetStream(cudnnHandle_t handle, CUstream* stream) {
  return guarded("cudnnGetStream", [&] {
    requireHandle("cudnnGetStream", handle);
    *stream = handle->stream;
  });
}

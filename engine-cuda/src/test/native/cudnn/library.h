// What cuDNN's calls share: results, handles, and how liveness is checked. The numbers are those of
// the "cuDNN API reference", version 9.
#pragma once

#include <set>

#include "../driver/standin.h"

enum cudnnStatus_t {
  CUDNN_STATUS_SUCCESS = 0,
  CUDNN_STATUS_NOT_INITIALIZED = 1001,
  CUDNN_STATUS_BAD_PARAM = 2000,
  CUDNN_STATUS_BAD_PARAM_NULL_POINTER = 2002,
  CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER = 2003,
  CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED = 2004,
  CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT = 2006,
  CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH = 2008,
  CUDNN_STATUS_NOT_SUPPORTED = 3000,
  CUDNN_STATUS_EXECUTION_FAILED = 5000,
};

struct cudnnContext {
  CUcontext context;
  CUstream stream;
};
using cudnnHandle_t = cudnnContext*;

namespace standin {

/** A check that did not hold; calls turn it into their result. */
struct Refusal {
  cudnnStatus_t status;
  std::string text;
};

[[noreturn]] inline void refuse(cudnnStatus_t status, const std::string& text) { throw Refusal{status, text}; }

/** Keeps the reason for cudnnGetErrorString and returns the status. */
cudnnStatus_t fail(const char* call, const Refusal& refusal);

/** Refuses a handle that was destroyed or belongs elsewhere. */
void requireHandle(const char* call, cudnnHandle_t handle);

/** Objects of one kind that are alive. */
template <typename T>
class Registry {
 public:
  T* add() {
    T* made = new T();
    live.insert(made);
    return made;
  }
  T& of(const char* kind, T* object) {
    if (object == nullptr) refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, format("the %s is null", kind));
    if (!live.count(object)) {
      refuse(CUDNN_STATUS_BAD_PARAM, format("the %s was destroyed or never made", kind));
    }
    return *object;
  }
  void remove(const char* kind, T* object) {
    of(kind, object);
    live.erase(object);
    delete object;
  }

 private:
  std::set<T*> live;
};

/** Runs a call's body under the lock; a refusal becomes the result. */
template <typename Body>
cudnnStatus_t guarded(const char* call, Body body) {
  std::lock_guard<std::recursive_mutex> guard(mutex());
  try {
    body();
    return CUDNN_STATUS_SUCCESS;
  } catch (const Refusal& refusal) {
    return fail(call, refusal);
  }
}

/** Records the work of a call whose operands were checked. */
void submit(const char* call, cudnnHandle_t handle, std::function<void()> work);

/** Refuses an operand that is not wholly in device memory or is misaligned. */
void requireOperand(const char* name, const void* address, std::size_t bytes);

/** The same when the work runs: a fault of the device. */
void checkOperand(const char* name, const void* address, std::size_t bytes);

}  // namespace standin

// What cuBLAS's calls share: the handle and the results.
#pragma once

#include "../driver/standin.h"

enum cublasStatus_t {
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_NOT_INITIALIZED = 1,
  CUBLAS_STATUS_INVALID_VALUE = 7,
  CUBLAS_STATUS_EXECUTION_FAILED = 13,
  CUBLAS_STATUS_NOT_SUPPORTED = 15,
};

enum PointerMode { POINTER_HOST = 0, POINTER_DEVICE = 1 };
enum MathMode { MATH_DEFAULT = 0, MATH_PEDANTIC = 2, MATH_TF32 = 3 };

struct cublasContext {
  CUcontext context;
  CUstream stream;
  int pointerMode;
  int mathMode;
  CUdeviceptr workspace;
  std::size_t workspaceBytes;
};

using cublasHandle_t = cublasContext*;

namespace standin {

/** Keeps the reason for cublasGetStatusString and returns the status. */
cublasStatus_t fail(cublasStatus_t status, const std::string& text);

/** Whether a call may use the handle: alive, of the current context, its stream and workspace too. */
cublasStatus_t requireHandle(const char* call, cublasHandle_t handle);

}  // namespace standin

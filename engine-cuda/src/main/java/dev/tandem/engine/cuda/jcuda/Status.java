package dev.tandem.engine.cuda.jcuda;

import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;

/** Turns statuses into exceptions. Nothing is allocated where a call succeeded. */
final class Status {
  /** The status of success, the same in all of NVIDIA's libraries. */
  static final int SUCCESS = 0;

  private Status() {}

  /** Checks a call of the driver that has no operands worth naming. */
  static void driver(int status, String call) {
    if (status != SUCCESS) {
      throw driverFailure(status, call, "");
    }
  }

  /** Checks a call of the driver on a named thing. */
  static void driver(int status, String call, String operand) {
    if (status != SUCCESS) {
      throw driverFailure(status, call, operand);
    }
  }

  /** Checks a call of the driver on a number of bytes. */
  static void driver(int status, String call, long bytes) {
    if (status != SUCCESS) {
      throw driverFailure(status, call, bytes + " bytes");
    }
  }

  /** Returns the exception for a call of the driver that failed. */
  static CudaException driverFailure(int status, String call, String operands) {
    String[] name = new String[1];
    String[] text = new String[1];
    JCudaDriver.cuGetErrorName(status, name);
    JCudaDriver.cuGetErrorString(status, text);
    return failure(status, call, operands, name[0] + ": " + text[0]);
  }

  /** Checks a call of cuBLAS that has no operands worth naming. */
  static void cublas(int status, String call) {
    if (status != SUCCESS) {
      throw cublasFailure(status, call, "");
    }
  }

  /** Returns the exception for a call of cuBLAS that failed. */
  static CudaException cublasFailure(int status, String call, String operands) {
    String name = JCublas2.cublasGetStatusName(status);
    String text = JCublas2.cublasGetStatusString(status);
    return failure(status, call, operands, name + ": " + text);
  }

  /** Checks a call of cuDNN on something, whose text is asked for where the call failed. */
  static void cudnn(int status, String call, Object operand) {
    if (status != SUCCESS) {
      throw failure(status, call, operand.toString(), JCudnn.cudnnGetErrorString(status));
    }
  }

  /** Checks a call of NVRTC. */
  static void nvrtc(int status, String call, String operands) {
    if (status != SUCCESS) {
      throw failure(status, call, operands, JNvrtc.nvrtcGetErrorString(status));
    }
  }

  private static CudaException failure(int status, String call, String operands, String text) {
    return new CudaException("%s(%s) failed: %s".formatted(call, operands, text), status);
  }
}

package dev.tandem.engine.cuda.jcuda;

/** A call of one of NVIDIA's libraries that failed: names the call, its operands and the reason. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * Makes an exception.
   *
   * @param message the call with its operands and the library's own text
   * @param status the status that the call returned
   */
  CudaException(String message, int status) {
    super(message);
    this.status = status;
  }

  /** Returns the status that the call returned; what it means depends on the library. */
  public int status() {
    return status;
  }
}

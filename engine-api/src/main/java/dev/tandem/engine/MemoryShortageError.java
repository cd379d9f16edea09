package dev.tandem.engine;

/**
 * There is not enough memory for what was asked: an {@link OutOfMemoryError} whose message says
 * what that was, what there is and what to do.
 */
public final class MemoryShortageError extends OutOfMemoryError {
  private static final long serialVersionUID = 1L;

  /** What {@link #freeBytes} is where nobody knows. */
  public static final long UNKNOWN = -1;

  private final String shortage;
  private final String remedy;
  private final long freeBytes;

  /**
   * Makes the error.
   *
   * @param shortage what was asked and what there is
   * @param remedy what to do, without brackets
   * @param freeBytes what is free after all that was taken for the same purpose was given back, or
   *     {@link #UNKNOWN}
   * @param cause the refusal of the JVM or of the device; may be null
   */
  public MemoryShortageError(String shortage, String remedy, long freeBytes, Throwable cause) {
    super(shortage + " (" + remedy + ")");
    this.shortage = shortage;
    this.remedy = remedy;
    this.freeBytes = freeBytes;
    initCause(cause);
  }

  /** Returns this error after more was given back. */
  public MemoryShortageError withFree(long bytes) {
    return new MemoryShortageError(shortage, remedy, bytes, getCause());
  }

  /** Returns this error with the advice of somebody who knows more. */
  public MemoryShortageError withRemedy(String better) {
    return new MemoryShortageError(shortage, better, freeBytes, getCause());
  }

  /** Returns the bytes that are free, or {@link #UNKNOWN}. */
  public long freeBytes() {
    return freeBytes;
  }
}

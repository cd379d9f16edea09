package dev.tandem.engine;

/**
 * How a backend is to be opened.
 *
 * @param threads the number of CPU worker threads, at least 1; results do not depend on it
 * @param math the arithmetic of matrix products
 */
public record BackendOptions(int threads, MathMode math) {
  /** Checks the values. */
  public BackendOptions {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException(
          "threads is " + threads + " (give a number from 1 to 1024)");
    }
  }

  /** Returns the defaults: as many threads as the machine has processors, exact binary32. */
  public static BackendOptions defaults() {
    return new BackendOptions(Runtime.getRuntime().availableProcessors(), MathMode.FP32);
  }

  /** Returns these options with another number of threads. */
  public BackendOptions withThreads(int number) {
    return new BackendOptions(number, math);
  }
}

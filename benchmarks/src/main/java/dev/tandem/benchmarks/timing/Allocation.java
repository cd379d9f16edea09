package dev.tandem.benchmarks.timing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts the bytes that are allocated on the Java heap, by all threads. */
public final class Allocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** A compilation that ends between two windows can allocate in one of them, not in all. */
  private static final int WINDOWS = 3;

  private Allocation() {}

  /** Returns the bytes of the current thread since it started. */
  static long ofThisThread() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  private static long total() {
    return THREADS.getTotalThreadAllocatedBytes();
  }

  /**
   * Returns the bytes of one run, rounded up: the least of a few windows of runs.
   *
   * @param runnable is run several times
   * @param runs in a window
   */
  public static long bytes(Runnable runnable, int runs) {
    long least = Long.MAX_VALUE;
    for (int window = 0; window < WINDOWS && least > 0; window++) {
      long begin = total();
      for (int i = 0; i < runs; i++) {
        runnable.run();
      }
      least = Math.min(least, total() - begin);
    }
    return Math.ceilDiv(least, runs);
  }
}

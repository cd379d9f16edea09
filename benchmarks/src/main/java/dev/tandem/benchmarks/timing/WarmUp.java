package dev.tandem.benchmarks.timing;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/**
 * Runs something until the JVM has compiled it. Time alone does not tell: on a busy machine the
 * compiler's threads wait for a processor. A vector of the Vector API is an object until its method
 * is compiled for good, so that what runs on vectors is compiled when it allocates nothing.
 */
public final class WarmUp {
  private static final double NANOSECONDS = 1e9;
  private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

  /** In so much time a loop that is still interpreted allocates, and a compilation may end. */
  private static final double WINDOW_SECONDS = 0.1;

  private WarmUp() {}

  /**
   * Runs at least for a while, and on until for a tenth of a second nothing was compiled, and
   * nothing allocated by this thread. Others are not asked: they run the same loops, or are none of
   * ours and allocate when they like.
   *
   * @param runnable is run again and again, once at least
   * @param least seconds
   * @param most seconds after which it ends in any case, for what always allocates
   */
  public static void run(Runnable runnable, double least, double most) {
    long start = System.nanoTime();
    boolean steady = false;
    do {
      long compiled = COMPILER.getTotalCompilationTime();
      long allocated = Allocation.ofThisThread();
      long window = System.nanoTime();
      do {
        runnable.run();
      } while (seconds(window) < Math.min(WINDOW_SECONDS, least));
      steady =
          allocated == Allocation.ofThisThread() && compiled == COMPILER.getTotalCompilationTime();
    } while (seconds(start) < least || (!steady && seconds(start) < most));
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / NANOSECONDS;
  }
}

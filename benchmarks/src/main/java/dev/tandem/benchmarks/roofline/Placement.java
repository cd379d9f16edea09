package dev.tandem.benchmarks.roofline;

import dev.tandem.benchmarks.cases.Work;
import java.util.Locale;

/**
 * Where a case stands under the roof: the time that its arithmetic takes at the machine's peak, or
 * its traffic at the machine's bandwidth, whichever is longer, is the least that it can take.
 *
 * @param bound what most of the time goes into
 * @param percentOfPeak of the arithmetic that the machine can do, the case does so much
 * @param percentOfLimit the least time as a percentage of the time that it took
 */
public record Placement(Bound bound, double percentOfPeak, double percentOfLimit) {
  /** What most of the time goes into. */
  public enum Bound {
    /** Arithmetic at its peak. */
    COMPUTE,
    /** Traffic at the bandwidth of the cache or memory that the working set fits. */
    MEMORY,
    /**
     * Neither: more than half of the time is calls, threads that wait, loops that do not fill the
     * vectors, or another thing that is not the least work.
     */
    OVERHEAD;

    /** Returns the name in lower case. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final double HALF = 50;
  private static final double PERCENT = 100;

  /**
   * Places a case.
   *
   * @param work of one run
   * @param seconds that it takes
   * @param machine with as many threads
   */
  public static Placement of(Work work, double seconds, Machine machine) {
    double arithmetic = work.flops() / machine.peak();
    double traffic = work.bytes() / machine.bytesPerSecond(work.bytes());
    double percentOfLimit = PERCENT * Math.max(arithmetic, traffic) / seconds;
    Bound bound =
        percentOfLimit < HALF
            ? Bound.OVERHEAD
            : arithmetic >= traffic ? Bound.COMPUTE : Bound.MEMORY;
    return new Placement(bound, PERCENT * arithmetic / seconds, percentOfLimit);
  }
}

package dev.tandem.benchmarks;

import java.util.Arrays;

/**
 * How two sides are measured in one process: in alternating turns, so that both meet the same clock
 * and the same neighbours. A turn begins with a run that does not count: it wakes the side's own
 * threads, and the other side's, which wait in a loop for a while, go to sleep meanwhile.
 *
 * @param turns of each side
 * @param turnSeconds how long a turn takes at least, if one run is not longer
 * @param warmUpSeconds how long each side runs before the first turn
 */
record Turns(int turns, double turnSeconds, double warmUpSeconds) {
  private static final double NANOSECONDS = 1e9;

  /**
   * What came out.
   *
   * @param ours the median seconds of one run
   * @param theirs the same of the other side
   * @param ratio the median of theirs / ours in neighbouring turns; above 1 we are faster
   */
  record Medians(double ours, double theirs, double ratio) {}

  /** Measures. */
  Medians alternate(Runnable ours, Runnable theirs) {
    int ourRuns = runsInTurn(ours);
    int theirRuns = runsInTurn(theirs);
    double[] ourSeconds = new double[turns];
    double[] theirSeconds = new double[turns];
    for (int turn = 0; turn < turns; turn++) {
      ourSeconds[turn] = turn(ours, ourRuns);
      theirSeconds[turn] = turn(theirs, theirRuns);
    }
    double[] ratios = new double[turns];
    Arrays.setAll(ratios, turn -> theirSeconds[turn] / ourSeconds[turn]);
    return new Medians(median(ourSeconds), median(theirSeconds), median(ratios));
  }

  private int runsInTurn(Runnable runnable) {
    long end = System.nanoTime() + (long) (warmUpSeconds * NANOSECONDS);
    while (System.nanoTime() < end) {
      runnable.run();
    }
    return (int) Math.max(1, Math.ceil(turnSeconds / turn(runnable, 3)));
  }

  /** Returns the seconds of one of several runs. */
  private static double turn(Runnable runnable, int runs) {
    runnable.run();
    long start = System.nanoTime();
    for (int i = 0; i < runs; i++) {
      runnable.run();
    }
    return (System.nanoTime() - start) / NANOSECONDS / runs;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}

package dev.tandem.benchmarks.timing;

import java.util.Arrays;

/**
 * How one side is measured, or two in one process: in alternating turns, so that both meet the same
 * clock and the same neighbours. Before a turn nothing runs for a while, so that the other side's
 * threads, which wait in a loop for their next work, go to sleep; and a turn of several runs begins
 * with one that does not count, which wakes the side's own.
 *
 * @param turns of each side, at least 1
 * @param turnSeconds how long a turn takes at least, if one run is not longer
 * @param warmUpSeconds how long each side runs before the first turn at least; up to {@value
 *     #MOST_WARM_UPS} times as long until it is {@linkplain WarmUp compiled}
 * @param mostSeconds after so long a side begins no further turn: slow runs have fewer, but one
 */
public record Turns(int turns, double turnSeconds, double warmUpSeconds, double mostSeconds) {
  static final int MOST_WARM_UPS = 8;

  /** Longer than threads of libgomp, and of OpenBLAS as it is set here, wait in a loop. */
  private static final long PAUSE_MILLISECONDS = 6;

  private static final double NANOSECONDS = 1e9;

  /**
   * What came out for one side. A median far above the fastest turn says that the machine was not
   * quiet, and that the figures are of no use.
   *
   * @param median the median seconds of one run
   * @param fastest the seconds of one run in the fastest turn
   */
  public record Time(double median, double fastest) {}

  /**
   * What came out for two sides.
   *
   * @param ours the time of our side
   * @param theirs the time of the other
   * @param ratio the median of theirs / ours in neighbouring turns; above 1 we are faster
   */
  public record Comparison(Time ours, Time theirs, double ratio) {}

  /** Measures one side. */
  public Time measure(Runnable runnable) {
    int runs = warmUp(runnable);
    double[] all = new double[turns];
    double spent = 0;
    int done = 0;
    while (done < turns && (done == 0 || spent < mostSeconds)) {
      all[done] = turn(runnable, runs);
      spent += runs * all[done++];
    }
    return time(all, done);
  }

  /** Measures two sides. */
  public Comparison alternate(Runnable ours, Runnable theirs) {
    int ourRuns = warmUp(ours);
    int theirRuns = warmUp(theirs);
    double[] ourSeconds = new double[turns];
    double[] theirSeconds = new double[turns];
    double[] ratios = new double[turns];
    double spent = 0;
    int done = 0;
    while (done < turns && (done == 0 || spent < 2 * mostSeconds)) {
      pause();
      ourSeconds[done] = turn(ours, ourRuns);
      pause();
      theirSeconds[done] = turn(theirs, theirRuns);
      ratios[done] = theirSeconds[done] / ourSeconds[done];
      spent += ourRuns * ourSeconds[done] + theirRuns * theirSeconds[done++];
    }
    return new Comparison(
        time(ourSeconds, done), time(theirSeconds, done), median(Arrays.copyOf(ratios, done)));
  }

  /** Returns how many runs a turn has. */
  private int warmUp(Runnable runnable) {
    if (warmUpSeconds > 0) {
      WarmUp.run(runnable, warmUpSeconds, MOST_WARM_UPS * warmUpSeconds);
    }
    long start = System.nanoTime();
    runnable.run();
    double seconds = (System.nanoTime() - start) / NANOSECONDS;
    return seconds >= turnSeconds ? 1 : (int) Math.ceil(turnSeconds / turn(runnable, 3));
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLISECONDS);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException("interrupted while measuring", interrupted);
    }
  }

  /** Returns the seconds of one of several runs. */
  private static double turn(Runnable runnable, int runs) {
    if (runs > 1) {
      runnable.run();
    }
    long start = System.nanoTime();
    for (int i = 0; i < runs; i++) {
      runnable.run();
    }
    return (System.nanoTime() - start) / NANOSECONDS / runs;
  }

  private static Time time(double[] seconds, int turns) {
    double[] taken = Arrays.copyOf(seconds, turns);
    return new Time(median(taken), Arrays.stream(taken).min().getAsDouble());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}

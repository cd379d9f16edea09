package dev.tandem.benchmarks.roofline;

import dev.tandem.benchmarks.timing.WarmUp;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;

/** Runs a loop on several threads at once and keeps the best of some rounds. */
final class Probe {
  private static final double NANOSECONDS = 1e9;

  /** Other programs take the processor now and then; the best round is the least disturbed. */
  private static final int ROUNDS = 5;

  private static final double LEAST_WARM_UP = 0.2;
  private static final double MOST_WARM_UP = 30;
  private static final int WARM_UP_REPETITIONS = 100;

  /** What one thread does in a round. */
  @FunctionalInterface
  interface Loop {
    /**
     * Runs.
     *
     * @param thread from 0
     * @param repetitions of what is counted
     * @return a number that depends on all that was computed, so that nothing is left out
     */
    float run(int thread, int repetitions);
  }

  /** Where results go, so that the compiler cannot know that nobody reads them. */
  @SuppressWarnings("unused")
  private static volatile float sink;

  private Probe() {}

  /**
   * Calls a loop until it is compiled: often, since a loop that was entered before it was compiled
   * is compiled in another way.
   */
  static void warmUp(Loop loop) {
    WarmUp.run(() -> sink = loop.run(0, WARM_UP_REPETITIONS), LEAST_WARM_UP, MOST_WARM_UP);
  }

  /**
   * Returns the repetitions of all threads in a second, in the best round.
   *
   * @param threads how many
   * @param roundSeconds how long a round is to take at least
   * @param loop what each does, {@linkplain #warmUp warmed up}
   */
  static double perSecond(int threads, double roundSeconds, Loop loop) {
    int repetitions = 1;
    double seconds = least(2, threads, repetitions, loop);
    while (seconds < roundSeconds) {
      repetitions *= (int) Math.clamp(Math.ceil(roundSeconds / seconds), 2, 100);
      seconds = least(2, threads, repetitions, loop);
    }
    return threads
        * (double) repetitions
        / Math.min(seconds, least(ROUNDS, threads, repetitions, loop));
  }

  private static double least(int rounds, int threads, int repetitions, Loop loop) {
    double least = Double.POSITIVE_INFINITY;
    for (int round = 0; round < rounds; round++) {
      least = Math.min(least, seconds(threads, repetitions, loop));
    }
    return least;
  }

  /** Returns the seconds until the last thread is done; all begin together. */
  private static double seconds(int threads, int repetitions, Loop loop) {
    long[] begin = new long[threads];
    long[] end = new long[threads];
    CyclicBarrier start = new CyclicBarrier(threads);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread[] others = new Thread[threads];
    for (int index = 0; index < threads; index++) {
      int thread = index;
      others[index] =
          Thread.ofPlatform()
              .daemon()
              .name("probe-" + index)
              .start(
                  () -> {
                    try {
                      start.await();
                      begin[thread] = System.nanoTime();
                      sink = loop.run(thread, repetitions);
                      end[thread] = System.nanoTime();
                    } catch (InterruptedException | BrokenBarrierException | RuntimeException e) {
                      failure.set(e);
                    }
                  });
    }
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    for (int index = 0; index < threads; index++) {
      join(others[index]);
      first = Math.min(first, begin[index]);
      last = Math.max(last, end[index]);
    }
    if (failure.get() != null) {
      throw new IllegalStateException("a probe failed", failure.get());
    }
    return (last - first) / NANOSECONDS;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while probing the machine", interrupted);
    }
  }
}

package dev.tandem.benchmarks.cases;

/** A case with its memory, ready to be run again and again. */
public interface Prepared extends AutoCloseable {
  /** Runs once, and returns when the result is there. */
  void run();

  /**
   * Runs as often as it takes to have something to compare, which the caller does once, before
   * anything else runs.
   *
   * @return the numbers that every implementation must agree on up to rounding
   */
  float[] checked();

  @Override
  void close();
}

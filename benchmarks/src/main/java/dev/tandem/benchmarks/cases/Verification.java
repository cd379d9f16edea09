package dev.tandem.benchmarks.cases;

/** Compares results before anything is timed: a wrong result has no speed. */
public final class Verification {
  /** The backend to compare with. */
  public static final String ORACLE = "scalar";

  /**
   * Larger differences than this, relative to the largest value, are errors and not rounding. It is
   * coarse: that results are right is the conformance kit's to show, here they must only be of the
   * same computation.
   */
  private static final double ROUNDING = 1e-4;

  private Verification() {}

  /**
   * Runs a case that was just prepared, and the same on the oracle unless that is what it runs on.
   *
   * @throws IllegalStateException if the results differ
   */
  public static void check(Case of, String backend, Prepared prepared) {
    float[] actual = prepared.checked();
    if (!backend.equals(ORACLE)) {
      try (Prepared oracle = of.prepare(ORACLE, 1)) {
        check(of.name() + " on " + backend, actual, oracle.checked());
      }
    }
  }

  /**
   * Throws unless two results are the same up to rounding.
   *
   * @param what whose result is checked
   * @param actual the result
   * @param expected that of the oracle
   */
  public static void check(String what, float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      throw new IllegalStateException(
          "%s: %d numbers where %d are expected".formatted(what, actual.length, expected.length));
    }
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    if (!(difference <= ROUNDING * largest)) {
      throw new IllegalStateException(
          "%s: off by %s where the largest value is %s (not timed: its result is wrong)"
              .formatted(what, difference, largest));
    }
  }
}

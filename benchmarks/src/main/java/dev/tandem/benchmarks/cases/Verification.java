package dev.tandem.benchmarks.cases;

import dev.tandem.engine.MathMode;

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

  /**
   * The same where operands of products are rounded: four times half a unit of their last place.
   */
  private static final double ROUNDING_OF_TF32 = 0x1p-9;

  private static final double ROUNDING_OF_BF16 = 0x1p-7;

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
    check(what, actual, expected, MathMode.FP32);
  }

  /** The same for a result of another arithmetic. */
  public static void check(String what, float[] actual, float[] expected, MathMode math) {
    double rounding =
        switch (math) {
          case FP32 -> ROUNDING;
          case TF32 -> ROUNDING_OF_TF32;
          case BF16 -> ROUNDING_OF_BF16;
        };
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
    if (!(difference <= rounding * largest)) {
      throw new IllegalStateException(
          "%s: off by %s where the largest value is %s (not timed: its result is wrong)"
              .formatted(what, difference, largest));
    }
  }
}

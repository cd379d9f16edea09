package dev.tandem.models;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Compares the gradients that a backend computes in FLOAT32 with those of the scalar backend in
 * FLOAT64, which {@link GradientCheck} compares with finite differences. In FLOAT32 finite
 * differences themselves would be wrong in the third digit.
 *
 * <p>The error of an element is its difference as a part of the largest gradient of its parameter,
 * or of a hundredth of the largest of all where that is more: some gradients, such as a bias's
 * before batch normalisation, are nothing but rounding.
 */
public final class GradientComparison {
  /**
   * The error below which a derivative is right: some 1600 roundings of 2^-24, more than lie on any
   * way through the networks that are checked. A wrong derivative is wrong in its first digits.
   */
  public static final double TOLERANCE = 1e-4;

  private static final double OF_ALL = 0.01;

  private final Backend backend;
  private final Backend oracle;
  private final long seed;

  /**
   * What one comparison found.
   *
   * @param name what was compared
   * @param checked the number of derivatives
   * @param worst the largest error; NaN if a derivative is
   * @param where the element with that error
   */
  public record Result(String name, int checked, double worst, String where) {
    /** Returns whether the derivatives are right. */
    public boolean passed() {
      return checked > 0 && worst < TOLERANCE;
    }
  }

  /**
   * Makes a comparison.
   *
   * @param backend what is checked
   * @param oracle computes in FLOAT64, as {@code scalar} does
   * @param seed of parameters, inputs and targets
   */
  public GradientComparison(Backend backend, Backend oracle, long seed) {
    this.backend = backend;
    this.oracle = oracle;
    this.seed = seed;
  }

  /** Compares every layer type, every preset and every loss. */
  public List<Result> all() {
    return GradientCases.all().stream().map(this::compare).toList();
  }

  /** Compares all gradients of one network under one loss. */
  public Result compare(GradientCases.Case wanted) {
    Map<String, double[]> right = gradients(wanted, oracle, DataType.FLOAT64);
    Map<String, double[]> found = gradients(wanted, backend, DataType.FLOAT32);
    double largest =
        right.values().stream().mapToDouble(GradientComparison::largest).max().orElse(0);
    int checked = 0;
    double worst = 0;
    String where = "";
    for (Map.Entry<String, double[]> entry : right.entrySet()) {
      double[] expected = entry.getValue();
      double[] actual = found.get(entry.getKey());
      double scale = Math.max(Math.max(largest(expected), OF_ALL * largest), Double.MIN_NORMAL);
      for (int i = 0; i < expected.length; i++) {
        double error = Math.abs(actual[i] - expected[i]) / scale;
        if (!Double.isNaN(worst) && !(error <= worst)) {
          worst = error;
          where = entry.getKey() + "[" + i + "]";
        }
      }
      checked += expected.length;
    }
    return new Result(wanted.name(), checked, worst, where);
  }

  private Map<String, double[]> gradients(GradientCases.Case wanted, Backend on, DataType type) {
    try (GradientRun run = new GradientRun(wanted, on, type, seed)) {
      return run.gradients();
    }
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }
}

package dev.tandem.models.selftest;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import java.util.List;
import java.util.function.Consumer;

/**
 * One operation on one shape, compared with FLOAT64 on the oracle.
 *
 * <p>An error may be {@code 16 sqrt(1 + n) u max(1, largest expected)}, where u is the unit
 * roundoff of FLOAT32 and n the number of roundings in a row: roundings are as good as independent,
 * so that their sum grows like a walk's distance (Higham and Mary 2019, "A new approach to
 * probabilistic rounding error analysis", theorem 2.4). 16 allows for functions good to 4 units in
 * the last place and leaves a wrong element, a lost term or products in TF32 far outside.
 *
 * @param name the operation with its shape
 * @param roundings n
 * @param run does it
 */
record Check(String name, int roundings, Consumer<Bench> run) {
  private static final double ROUNDOFF = 0x1p-24;
  private static final double FACTOR = 16;

  /** Returns the largest error as a part of what is allowed: above 1 is wrong, as NaN is. */
  double error(Backend subject, Backend oracle) {
    List<double[]> actual = results(subject, DataType.FLOAT32);
    List<double[]> expected = results(oracle, DataType.FLOAT64);
    double worst = 0;
    for (int i = 0; i < expected.size(); i++) {
      worst = Math.max(worst, error(actual.get(i), expected.get(i)));
    }
    return worst;
  }

  private List<double[]> results(Backend backend, DataType type) {
    try (Bench bench = new Bench(backend, type, name.hashCode())) {
      run.accept(bench);
      return bench.results();
    }
  }

  private double error(double[] actual, double[] expected) {
    double largest = 1;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    return difference / (FACTOR * Math.sqrt(1 + roundings) * ROUNDOFF * largest);
  }
}

package dev.tandem.datasets;

import java.util.Arrays;

/**
 * Mean and standard deviation (divisor N) of numbers, accumulated in double precision.
 *
 * @param deviation exactly 0 if all numbers are equal, whatever the rounding of the mean
 */
record Moments(double mean, double deviation) {

  static Moments of(double[] values) {
    if (values.length == 0) {
      return new Moments(0, 0);
    }
    double mean = Arrays.stream(values).average().orElseThrow();
    boolean constant = Arrays.stream(values).allMatch(value -> value == values[0]);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return new Moments(
        constant ? values[0] : mean, constant ? 0 : Math.sqrt(squares / values.length));
  }

  /**
   * What a target is divided by: unlike an input it must come back, so a constant one keeps its
   * scale.
   */
  double targetScale() {
    return deviation == 0 ? 1 : deviation;
  }
}

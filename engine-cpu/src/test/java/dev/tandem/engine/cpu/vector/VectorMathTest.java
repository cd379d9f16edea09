package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorMathTest {
  /** What the conformance kit allows a function: 16 times the unit roundoff. */
  private static final double MOST_ROUNDOFFS = 16;

  private static final double UNIT_ROUNDOFF = 0x1p-24;

  @Test
  void expOfNegativeIsAccurate() {
    check(VectorMath::expOfNegative, Math::exp, -87.3f, 0f);
  }

  @Test
  void expOfNegativeIsZeroBelowTheNormalNumbers() {
    assertThat(values(VectorMath::expOfNegative, -88f, -1e30f, Float.NEGATIVE_INFINITY, -1e4f))
        .containsOnly(0f);
    assertThat(values(VectorMath::expOfNegative, Float.NaN)).containsOnly(Float.NaN);
  }

  @Test
  void expm1OfNegativeIsAccurate() {
    check(VectorMath::expm1OfNegative, Math::expm1, -90f, -1e-30f);
    check(VectorMath::expm1OfNegative, Math::expm1, -1f, -1e-6f);
  }

  @Test
  void log1pOfUnitIsAccurate() {
    check(VectorMath::log1pOfUnit, Math::log1p, 1e-30f, 1f);
  }

  @Test
  void sigmoidIsAccurate() {
    check(VectorMath::sigmoid, x -> 1 / (1 + Math.exp(-x)), -87f, 87f);
  }

  @Test
  void tanhIsAccurate() {
    check(VectorMath::tanh, Math::tanh, -20f, 20f);
    check(VectorMath::tanh, Math::tanh, -0.01f, 0.01f);
    assertThat(values(VectorMath::tanh, 0f, -0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY))
        .startsWith(0f, -0f, 1f, -1f);
    assertThat(values(VectorMath::tanh, Float.NaN, Float.NaN, Float.NaN, Float.NaN))
        .containsOnly(Float.NaN);
  }

  @Test
  void normalDistributionIsAccurate() {
    check(NormalDistribution::of, VectorMathTest::normalDistribution, -6f, 6f);
  }

  @Test
  void geluDerivativeIsAccurateWhereNothingCancels() {
    check(
        NormalDistribution::geluDerivative,
        x -> normalDistribution(x) + x * normalDensity(x),
        0f,
        6f);
  }

  /** By the integral of the density, with Simpson's rule. */
  private static double normalDistribution(double x) {
    double far = x < 0 ? -14 : 14;
    int steps = 4000;
    double step = (x - far) / steps;
    double sum = normalDensity(far) + normalDensity(x);
    for (int i = 1; i < steps; i++) {
      sum += (i % 2 == 1 ? 4 : 2) * normalDensity(far + i * step);
    }
    double integral = sum * step / 3;
    return x < 0 ? integral : 1 + integral;
  }

  private static double normalDensity(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /** Checks a function at numbers spread over an interval, evenly and towards 0. */
  private static void check(
      UnaryOperator<FloatVector> function, DoubleUnaryOperator exact, float low, float high) {
    int count = 4000;
    for (int i = 0; i <= count; i++) {
      float even = low + (high - low) * i / count;
      float dense = even * (float) Math.pow(10, -8.0 * (i % 100) / 100);
      for (float x : new float[] {even, Math.min(Math.max(dense, low), high)}) {
        double expected = exact.applyAsDouble(x);
        assertThat(Math.abs(values(function, x)[0] - expected))
            .as("the error at %s", x)
            .isLessThanOrEqualTo(MOST_ROUNDOFFS * UNIT_ROUNDOFF * Math.abs(expected));
      }
    }
  }

  /** Applies a function to some numbers, repeated over all lanes. */
  private static float[] values(UnaryOperator<FloatVector> function, float... x) {
    int vectors = Math.max(1, x.length / LENGTH);
    float[] results = new float[vectors * LENGTH];
    for (int i = 0; i < results.length; i++) {
      results[i] = x[i % x.length];
    }
    for (int i = 0; i < results.length; i += LENGTH) {
      function.apply(FloatVector.fromArray(FLOATS, results, i)).intoArray(results, i);
    }
    return results;
  }
}

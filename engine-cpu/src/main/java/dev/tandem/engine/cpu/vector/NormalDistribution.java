package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.INTS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The distribution function of the standard normal distribution, for GELU; accurate as {@link
 * VectorMath}.
 *
 * <p>Constants are vectors in static final fields here, and there is an exponential of its own that
 * has them too. With all of them broadcast in the code C2 stops inlining in the middle
 * (NodeCountInliningCutoff), vectors become objects, and GELU takes six times as long.
 */
final class NormalDistribution {
  private static final FloatVector ZERO = broadcast(0f);
  private static final FloatVector HALF = broadcast(0.5f);
  private static final FloatVector ONE = broadcast(1f);
  private static final FloatVector LOG2_E = broadcast(VectorMath.LOG2_E);
  private static final FloatVector MINUS_LOG_2_HIGH = broadcast(VectorMath.MINUS_LOG_2_HIGH);
  private static final FloatVector MINUS_LOG_2_LOW = broadcast(VectorMath.MINUS_LOG_2_LOW);
  private static final FloatVector ROUNDER = broadcast(VectorMath.ROUNDER);
  private static final IntVector BIAS_LESS_ROUNDER =
      IntVector.broadcast(INTS, VectorMath.BIAS_LESS_ROUNDER);
  private static final FloatVector LEAST_EXPONENT = broadcast(VectorMath.LEAST_EXPONENT);
  private static final FloatVector GREATEST_HALF_SQUARE = LEAST_EXPONENT.neg();
  private static final FloatVector INVERSE_ROOT_TWO_PI = broadcast(0.39894228f);
  private static final FloatVector ROOT_EIGHTH = broadcast(0.35355339f);
  private static final FloatVector PHI_10 = broadcast(0.0415626203f);
  private static final FloatVector PHI_9 = broadcast(-0.2253246500f);
  private static final FloatVector PHI_8 = broadcast(0.4701117564f);
  private static final FloatVector PHI_7 = broadcast(-0.4212594033f);
  private static final FloatVector PHI_6 = broadcast(0.1018857982f);
  private static final FloatVector PHI_5 = broadcast(-0.0414456186f);
  private static final FloatVector PHI_4 = broadcast(0.0866227793f);
  private static final FloatVector PHI_3 = broadcast(0.1770085301f);
  private static final FloatVector PHI_2 = broadcast(0.2466294098f);
  private static final FloatVector PHI_1 = broadcast(0.2821146894f);
  private static final FloatVector PHI_0 = broadcast(0.2820940928f);
  private static final FloatVector EXP_3 = broadcast(VectorMath.EXP_3);
  private static final FloatVector EXP_2 = broadcast(VectorMath.EXP_2);
  private static final FloatVector EXP_1 = broadcast(VectorMath.EXP_1);
  private static final FloatVector EXP_0 = broadcast(VectorMath.EXP_0);

  private NormalDistribution() {}

  /** {@code Phi(x)}, the distribution function of the standard normal distribution. */
  static FloatVector of(FloatVector x) {
    return of(x, kernel(x));
  }

  /** {@code Phi(x) + x phi(x)}, the derivative of {@code x Phi(x)}. */
  static FloatVector geluDerivative(FloatVector x) {
    FloatVector kernel = kernel(x);
    FloatVector density = kernel.mul(INVERSE_ROOT_TWO_PI);
    return x.fma(density, of(x, kernel));
  }

  /** {@code exp(-x^2 / 2)}, corrected by what rounding takes from the square. */
  private static FloatVector kernel(FloatVector x) {
    FloatVector half = x.mul(HALF);
    FloatVector square = x.mul(half);
    FloatVector lost = x.fma(half, square.neg());
    FloatVector kernel = expOfNegative(square.neg());
    // Where the kernel is 0 what was lost may be infinite.
    return kernel
        .sub(kernel.mul(lost))
        .blend(ZERO, square.compare(VectorOperators.GT, GREATEST_HALF_SQUARE));
  }

  /**
   * {@code Phi(-|x|) = exp(-x^2/2) t Q(t) / 2} with {@code t = 1 / (1 + |x| / sqrt 8)}, so that
   * nothing cancels below 0; {@code Phi(|x|) = 1 - Phi(-|x|)}.
   */
  private static FloatVector of(FloatVector x, FloatVector kernel) {
    FloatVector t = ONE.div(x.abs().fma(ROOT_EIGHTH, ONE));
    FloatVector q =
        t.fma(PHI_10, PHI_9)
            .fma(t, PHI_8)
            .fma(t, PHI_7)
            .fma(t, PHI_6)
            .fma(t, PHI_5)
            .fma(t, PHI_4)
            .fma(t, PHI_3)
            .fma(t, PHI_2)
            .fma(t, PHI_1)
            .fma(t, PHI_0);
    FloatVector below = q.mul(t).mul(kernel).mul(HALF);
    return below.blend(ONE.sub(below), x.compare(VectorOperators.GT, ZERO));
  }

  /** {@code exp(x)} for x of at most 0, as {@link VectorMath#expOfNegative}. */
  private static FloatVector expOfNegative(FloatVector x) {
    FloatVector rounded = x.fma(LOG2_E, ROUNDER);
    FloatVector n = rounded.sub(ROUNDER);
    FloatVector r = n.fma(MINUS_LOG_2_LOW, n.fma(MINUS_LOG_2_HIGH, x));
    FloatVector square = r.mul(r);
    FloatVector p = r.fma(EXP_3, EXP_2).fma(square, r.fma(EXP_1, EXP_0)).fma(r, HALF);
    FloatVector power =
        rounded
            .reinterpretAsInts()
            .add(BIAS_LESS_ROUNDER)
            .lanewise(VectorOperators.LSHL, VectorMath.MANTISSA_BITS)
            .reinterpretAsFloats();
    return p.fma(square, r)
        .fma(power, power)
        .blend(ZERO, x.compare(VectorOperators.LT, LEAST_EXPONENT));
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}

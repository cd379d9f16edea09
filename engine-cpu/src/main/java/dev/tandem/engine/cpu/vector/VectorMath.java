package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.INTS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions of vectors, accurate to a few units in the last place on every platform.
 * They do not use the JDK's own (VectorOperators.EXP and its like), which are fast only where the
 * JVM finds SVML or SLEEF and fall back to one call of Math for each element where it does not. The
 * coefficients were fitted to minimise the largest error (Remez).
 */
final class VectorMath {
  // Constants are vectors in static final fields: C2 takes those for constants, and a broadcast in
  // the code costs so many nodes that it stops inlining in the middle of the longer functions.
  private static final FloatVector ZERO = broadcast(0f);
  private static final FloatVector HALF = broadcast(0.5f);
  private static final FloatVector ONE = broadcast(1f);
  private static final FloatVector MINUS_ONE = broadcast(-1f);
  private static final FloatVector TWO = broadcast(2f);
  private static final FloatVector MINUS_TWO = broadcast(-2f);
  private static final FloatVector LOG2_E = broadcast(1.44269504f);
  // log 2 in two parts: the first has so few digits that a product with an exponent is exact.
  private static final FloatVector MINUS_LOG_2_HIGH = broadcast(-0.693359375f);
  private static final FloatVector MINUS_LOG_2_LOW = broadcast(2.12194440e-4f);
  // 1.5 * 2^23: adding it rounds to an integer, which is then in the low bits.
  private static final FloatVector ROUNDER = broadcast(12582912f);
  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;
  private static final IntVector BIAS_LESS_ROUNDER =
      IntVector.broadcast(INTS, EXPONENT_BIAS - Float.floatToRawIntBits(12582912f));
  private static final IntVector SIGN = IntVector.broadcast(INTS, Integer.MIN_VALUE);
  // Below this, exp is less than the smallest normal number.
  private static final FloatVector LEAST_EXPONENT = broadcast(-87.33654f);
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
  private static final FloatVector EXP_3 = broadcast(0.0013926927f);
  private static final FloatVector EXP_2 = broadcast(0.0083637739f);
  private static final FloatVector EXP_1 = broadcast(0.0416665501f);
  private static final FloatVector EXP_0 = broadcast(0.1666657338f);
  private static final FloatVector LOG_3 = broadcast(0.13425749f);
  private static final FloatVector LOG_2 = broadcast(0.14118310f);
  private static final FloatVector LOG_1 = broadcast(0.20003780f);
  private static final FloatVector LOG_0 = broadcast(0.33333320f);

  private VectorMath() {}

  /** {@code exp(x)} for x of at most 0; results below the normal numbers are 0. */
  static FloatVector expOfNegative(FloatVector x) {
    FloatVector rounded = x.fma(LOG2_E, ROUNDER);
    FloatVector r = reduced(x, rounded.sub(ROUNDER));
    FloatVector power = powerOfTwo(rounded);
    return exponentialLessOne(r)
        .fma(power, power)
        .blend(ZERO, x.compare(VectorOperators.LT, LEAST_EXPONENT));
  }

  /** {@code exp(x) - 1} for x of at most 0. */
  static FloatVector expm1OfNegative(FloatVector x) {
    FloatVector rounded = x.fma(LOG2_E, ROUNDER);
    FloatVector r = reduced(x, rounded.sub(ROUNDER));
    // exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1)
    FloatVector power = powerOfTwo(rounded);
    return exponentialLessOne(r)
        .fma(power, power.sub(ONE))
        .blend(MINUS_ONE, x.compare(VectorOperators.LT, LEAST_EXPONENT));
  }

  /** {@code log(1 + x)} for x from 0 to 1, as {@code 2 artanh(x / (2 + x))}. */
  static FloatVector log1pOfUnit(FloatVector x) {
    FloatVector s = x.div(x.add(TWO));
    FloatVector u = s.mul(s);
    FloatVector p = u.fma(LOG_3, LOG_2).fma(u, LOG_1).fma(u, LOG_0);
    return p.mul(u).fma(s, s).mul(TWO);
  }

  /** {@code 1 / (1 + exp(-x))}, below 0 as {@code exp(x) / (1 + exp(x))}. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = expOfNegative(x.abs().neg());
    FloatVector numerator = e.blend(ONE, x.compare(VectorOperators.GT, ZERO));
    return numerator.div(e.add(ONE));
  }

  /** {@code tanh(x) = sign(x) (1 - e) / (1 + e)} with {@code e = exp(-2 |x|)}. */
  static FloatVector tanh(FloatVector x) {
    FloatVector lessOne = expm1OfNegative(x.abs().mul(MINUS_TWO));
    FloatVector size = lessOne.abs().div(lessOne.add(TWO));
    return withSign(size, x);
  }

  /** {@code Phi(x)}, the distribution function of the standard normal distribution. */
  static FloatVector normalDistribution(FloatVector x) {
    return normalDistribution(x, normalKernel(x));
  }

  /** {@code Phi(x) + x phi(x)}, the derivative of {@code x Phi(x)}. */
  static FloatVector geluDerivative(FloatVector x) {
    FloatVector kernel = normalKernel(x);
    FloatVector density = kernel.mul(INVERSE_ROOT_TWO_PI);
    return x.fma(density, normalDistribution(x, kernel));
  }

  /** {@code exp(-x^2 / 2)}, corrected by what rounding takes from the square. */
  private static FloatVector normalKernel(FloatVector x) {
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
  private static FloatVector normalDistribution(FloatVector x, FloatVector kernel) {
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

  /** {@code x - n log 2}. */
  private static FloatVector reduced(FloatVector x, FloatVector n) {
    return n.fma(MINUS_LOG_2_LOW, n.fma(MINUS_LOG_2_HIGH, x));
  }

  /**
   * {@code exp(r) - 1} for {@code |r| <= log(2) / 2}. In pairs (Estrin 1960): each operation waits
   * for fewer others than in Horner's scheme.
   */
  private static FloatVector exponentialLessOne(FloatVector r) {
    FloatVector square = r.mul(r);
    FloatVector p = r.fma(EXP_3, EXP_2).fma(square, r.fma(EXP_1, EXP_0)).fma(r, HALF);
    return p.fma(square, r);
  }

  /** Returns 2^n from {@code n + ROUNDER}, where n lies in the low bits. */
  private static FloatVector powerOfTwo(FloatVector rounded) {
    return rounded
        .reinterpretAsInts()
        .add(BIAS_LESS_ROUNDER)
        .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
        .reinterpretAsFloats();
  }

  private static FloatVector withSign(FloatVector size, FloatVector sign) {
    IntVector bit = sign.reinterpretAsInts().and(SIGN);
    return size.reinterpretAsInts().or(bit).reinterpretAsFloats();
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}

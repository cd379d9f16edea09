package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;

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
  private static final float LOG2_E = 1.44269504f;
  // log 2 in two parts: the first has so few digits that a product with an exponent is exact.
  private static final float LOG_2_HIGH = 0.693359375f;
  private static final float LOG_2_LOW = -2.12194440e-4f;
  // 1.5 * 2^23: adding it rounds to an integer, which is then in the low bits.
  private static final float ROUNDER = 12582912f;
  private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);
  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;
  // Below this, exp is less than the smallest normal number.
  private static final float LEAST_EXPONENT = -87.33654f;
  private static final float INVERSE_ROOT_TWO_PI = 0.39894228f;
  private static final float ROOT_HALF = 0.70710678f;

  private VectorMath() {}

  /** {@code exp(x)} for x of at most 0; results below the normal numbers are 0. */
  static FloatVector expOfNegative(FloatVector x) {
    FloatVector rounded = x.fma(broadcast(LOG2_E), broadcast(ROUNDER));
    FloatVector r = reduced(x, rounded.sub(ROUNDER));
    return exponentialLessOne(r)
        .add(1f)
        .mul(powerOfTwo(rounded))
        .blend(0f, x.compare(VectorOperators.LT, LEAST_EXPONENT));
  }

  /** {@code exp(x) - 1} for x of at most 0. */
  static FloatVector expm1OfNegative(FloatVector x) {
    FloatVector rounded = x.fma(broadcast(LOG2_E), broadcast(ROUNDER));
    FloatVector r = reduced(x, rounded.sub(ROUNDER));
    // exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1)
    FloatVector power = powerOfTwo(rounded);
    return exponentialLessOne(r)
        .fma(power, power.sub(1f))
        .blend(-1f, x.compare(VectorOperators.LT, LEAST_EXPONENT));
  }

  /** {@code log(1 + x)} for x from 0 to 1, as {@code 2 artanh(x / (2 + x))}. */
  static FloatVector log1pOfUnit(FloatVector x) {
    FloatVector s = x.div(x.add(2f));
    FloatVector u = s.mul(s);
    FloatVector p =
        u.fma(broadcast(0.13425749f), broadcast(0.14118310f))
            .fma(u, broadcast(0.20003780f))
            .fma(u, broadcast(0.33333320f));
    return p.mul(u).fma(s, s).mul(2f);
  }

  /** {@code 1 / (1 + exp(-x))}, below 0 as {@code exp(x) / (1 + exp(x))}. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = expOfNegative(x.abs().neg());
    FloatVector numerator = e.blend(1f, x.compare(VectorOperators.GT, 0f));
    return numerator.div(e.add(1f));
  }

  /** {@code tanh(x) = sign(x) (1 - e) / (1 + e)} with {@code e = exp(-2 |x|)}. */
  static FloatVector tanh(FloatVector x) {
    FloatVector lessOne = expm1OfNegative(x.abs().mul(-2f));
    FloatVector size = lessOne.abs().div(lessOne.add(2f));
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
    FloatVector half = x.mul(0.5f);
    FloatVector square = x.mul(half);
    FloatVector lost = x.fma(half, square.neg());
    FloatVector kernel = expOfNegative(square.neg());
    // Where the kernel is 0 what was lost may be infinite.
    return kernel
        .sub(kernel.mul(lost))
        .blend(0f, square.compare(VectorOperators.GT, -LEAST_EXPONENT));
  }

  /**
   * {@code Phi(-|x|) = exp(-x^2/2) t Q(t) / 2} with {@code t = 1 / (1 + |x| / sqrt 8)}, so that
   * nothing cancels below 0; {@code Phi(|x|) = 1 - Phi(-|x|)}.
   */
  private static FloatVector normalDistribution(FloatVector x, FloatVector kernel) {
    FloatVector t = broadcast(1f).div(x.abs().fma(broadcast(ROOT_HALF / 2), broadcast(1f)));
    FloatVector q =
        t.fma(broadcast(0.0415626203f), broadcast(-0.2253246500f))
            .fma(t, broadcast(0.4701117564f))
            .fma(t, broadcast(-0.4212594033f))
            .fma(t, broadcast(0.1018857982f))
            .fma(t, broadcast(-0.0414456186f))
            .fma(t, broadcast(0.0866227793f))
            .fma(t, broadcast(0.1770085301f))
            .fma(t, broadcast(0.2466294098f))
            .fma(t, broadcast(0.2821146894f))
            .fma(t, broadcast(0.2820940928f));
    FloatVector below = q.mul(t).mul(kernel).mul(0.5f);
    return below.blend(broadcast(1f).sub(below), x.compare(VectorOperators.GT, 0f));
  }

  /** {@code x - n log 2}. */
  private static FloatVector reduced(FloatVector x, FloatVector n) {
    return n.fma(broadcast(-LOG_2_LOW), n.fma(broadcast(-LOG_2_HIGH), x));
  }

  /** {@code exp(r) - 1} for {@code |r| <= log(2) / 2}. */
  private static FloatVector exponentialLessOne(FloatVector r) {
    FloatVector p =
        r.fma(broadcast(0.0013926927f), broadcast(0.0083637739f))
            .fma(r, broadcast(0.0416665501f))
            .fma(r, broadcast(0.1666657338f))
            .fma(r, broadcast(0.5f));
    return p.mul(r).fma(r, r);
  }

  /** Returns 2^n from {@code n + ROUNDER}, where n lies in the low bits. */
  private static FloatVector powerOfTwo(FloatVector rounded) {
    return rounded
        .reinterpretAsInts()
        .add(EXPONENT_BIAS - ROUNDER_BITS)
        .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
        .reinterpretAsFloats();
  }

  private static FloatVector withSign(FloatVector size, FloatVector sign) {
    IntVector bit = sign.reinterpretAsInts().and(Integer.MIN_VALUE);
    return size.reinterpretAsInts().or(bit).reinterpretAsFloats();
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}

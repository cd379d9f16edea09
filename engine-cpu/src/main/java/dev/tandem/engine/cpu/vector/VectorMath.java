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
  // Below the first exp is 0, above the second infinite, and 2^n still has two representable roots.
  private static final float LEAST_EXPONENT = -104f;
  private static final float GREATEST_EXPONENT = 89f;
  private static final float INVERSE_ROOT_TWO_PI = 0.39894228f;
  private static final float ROOT_HALF = 0.70710678f;

  private VectorMath() {}

  /** {@code exp(x)}. */
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.max(LEAST_EXPONENT).min(GREATEST_EXPONENT);
    FloatVector rounded = bounded.fma(broadcast(LOG2_E), broadcast(ROUNDER));
    IntVector n = rounded.reinterpretAsInts().sub(ROUNDER_BITS);
    FloatVector r = reduced(bounded, rounded.sub(ROUNDER));
    // 2^n in two factors: n reaches from -150 to 128, and one float's exponent does not.
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    return exponentialLessOne(r).add(1f).mul(powerOfTwo(half)).mul(powerOfTwo(n.sub(half)));
  }

  /** {@code exp(x) - 1} for x of at most 0, where 2^n is a normal number or the result is -1. */
  static FloatVector expm1OfNegative(FloatVector x) {
    FloatVector bounded = x.max(-30f);
    FloatVector rounded = bounded.fma(broadcast(LOG2_E), broadcast(ROUNDER));
    IntVector n = rounded.reinterpretAsInts().sub(ROUNDER_BITS);
    FloatVector r = reduced(bounded, rounded.sub(ROUNDER));
    // exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1)
    FloatVector power = powerOfTwo(n);
    return exponentialLessOne(r).fma(power, power.sub(1f));
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

  /** {@code 1 / (1 + exp(-x))}. */
  static FloatVector sigmoid(FloatVector x) {
    return broadcast(1f).div(exp(x.neg()).add(1f));
  }

  /** {@code tanh(x) = sign(x) (1 - e) / (1 + e)} with {@code e = exp(-2 |x|)}. */
  static FloatVector tanh(FloatVector x) {
    FloatVector lessOne = expm1OfNegative(x.abs().mul(-2f));
    FloatVector size = lessOne.neg().div(lessOne.add(2f));
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
    FloatVector bounded = x.max(-50f).min(50f);
    FloatVector half = bounded.mul(0.5f);
    FloatVector square = bounded.mul(half);
    FloatVector lost = bounded.fma(half, square.neg());
    return exp(square.neg()).mul(broadcast(1f).sub(lost));
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

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, MANTISSA_BITS).reinterpretAsFloats();
  }

  private static FloatVector withSign(FloatVector size, FloatVector sign) {
    IntVector bit = sign.reinterpretAsInts().and(Integer.MIN_VALUE);
    return size.reinterpretAsInts().or(bit).reinterpretAsFloats();
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}

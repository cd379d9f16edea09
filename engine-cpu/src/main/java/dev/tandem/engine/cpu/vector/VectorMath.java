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
 *
 * <p>Constants are broadcast where they are used, so that C2 keeps them in registers: a vector in a
 * static field is read again after every vector that a loop writes, since its elements might have
 * been overwritten for all that C2 knows. A sigmoid takes a quarter to a half less time so.
 */
final class VectorMath {
  static final float LOG2_E = 1.44269504f;
  // log 2 in two parts: the first has so few digits that a product with an exponent is exact.
  static final float MINUS_LOG_2_HIGH = -0.693359375f;
  static final float MINUS_LOG_2_LOW = 2.12194440e-4f;
  // 1.5 * 2^23: adding it rounds to an integer, which is then in the low bits.
  static final float ROUNDER = 12582912f;
  private static final int EXPONENT_BIAS = 127;
  static final int MANTISSA_BITS = 23;
  static final int BIAS_LESS_ROUNDER = EXPONENT_BIAS - Float.floatToRawIntBits(ROUNDER);
  // Below this, exp is less than the smallest normal number.
  static final float LEAST_EXPONENT = -87.33654f;
  static final float EXP_3 = 0.0013926927f;
  static final float EXP_2 = 0.0083637739f;
  static final float EXP_1 = 0.0416665501f;
  static final float EXP_0 = 0.1666657338f;
  private static final float LOG_3 = 0.13425749f;
  private static final float LOG_2 = 0.14118310f;
  private static final float LOG_1 = 0.20003780f;
  private static final float LOG_0 = 0.33333320f;

  private VectorMath() {}

  /** {@code exp(x)} for x of at most 0; results below the normal numbers are 0. */
  static FloatVector expOfNegative(FloatVector x) {
    FloatVector rounded = x.fma(LOG2_E, ROUNDER);
    FloatVector r = reduced(x, rounded.sub(ROUNDER));
    FloatVector power = powerOfTwo(rounded);
    return exponentialLessOne(r)
        .fma(power, power)
        .blend(0f, x.compare(VectorOperators.LT, LEAST_EXPONENT));
  }

  /** {@code exp(x) - 1} for x of at most 0. */
  static FloatVector expm1OfNegative(FloatVector x) {
    FloatVector rounded = x.fma(LOG2_E, ROUNDER);
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
    FloatVector p = u.fma(LOG_3, LOG_2).fma(u, broadcast(LOG_1)).fma(u, broadcast(LOG_0));
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

  /** {@code x - n log 2}. */
  private static FloatVector reduced(FloatVector x, FloatVector n) {
    return n.fma(broadcast(MINUS_LOG_2_LOW), n.fma(broadcast(MINUS_LOG_2_HIGH), x));
  }

  /**
   * {@code exp(r) - 1} for {@code |r| <= log(2) / 2}. In pairs (Estrin 1960): each operation waits
   * for fewer others than in Horner's scheme.
   */
  private static FloatVector exponentialLessOne(FloatVector r) {
    FloatVector square = r.mul(r);
    FloatVector p = r.fma(EXP_3, EXP_2).fma(square, r.fma(EXP_1, EXP_0)).fma(r, broadcast(0.5f));
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
    IntVector bit = sign.reinterpretAsInts().and(Integer.MIN_VALUE);
    return size.reinterpretAsInts().or(bit).reinterpretAsFloats();
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}

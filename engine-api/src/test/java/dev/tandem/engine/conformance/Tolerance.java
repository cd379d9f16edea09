package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;

/**
 * How far a result may be off, by data type: the one table of the kit. No test has a number of its
 * own.
 *
 * <p>It is a running error analysis (Higham 2002, "Accuracy and stability of numerical algorithms",
 * section 3.3): with every value of the {@link Oracle}, {@link Bounded} keeps a bound of the error
 * that arithmetic of the type makes along the documented formula, to first order in u, the unit
 * roundoff.
 *
 * <ul>
 *   <li>An addition, multiplication, division or square root rounds once: u times the result.
 *   <li>exp, log, tanh and erf are good to 4 units in the last place, 8 u. That is what CUDA's
 *       single-precision functions keep (2 at most) and what a polynomial in vector registers can
 *       keep.
 *   <li>A sum of n terms, in whatever order: (n-1) u times the sum of their magnitudes; with
 *       products n u (Higham's gamma, equations 3.5 and 4.4). The bound grows with the length of
 *       the reduction and with what cancels, and not with the result.
 *   <li>Results below the smallest normal number may be flushed to 0.
 *   <li>Integers that the type holds are exact, and so are sums and products of them: with integer
 *       data the bound is 0, and an element that was left out cannot hide in the bound.
 * </ul>
 */
enum Tolerance {
  FLOAT32(0x1p-24, Float.MIN_NORMAL, 0x1p24, Float.MAX_VALUE),
  FLOAT64(0x1p-53, Double.MIN_NORMAL, 0x1p53, Double.MAX_VALUE);

  /** The units of roundoff in a function's 4 units in the last place. */
  private static final double FUNCTION = 8;

  /**
   * The oracle rounds too (in FLOAT64 as much as the backend), and terms of second order are left
   * out.
   */
  private static final double MARGIN = 2;

  private final double roundoff;
  private final double smallestNormal;
  private final double largestInteger;
  private final double largest;

  Tolerance(double roundoff, double smallestNormal, double largestInteger, double largest) {
    this.roundoff = roundoff;
    this.smallestNormal = smallestNormal;
    this.largestInteger = largestInteger;
    this.largest = largest;
  }

  static Tolerance of(DataType type) {
    return type == DataType.FLOAT64 ? FLOAT64 : FLOAT32;
  }

  /** Returns a number that the type holds. */
  Bounded exact(double value) {
    return new Bounded(value, 0, this);
  }

  /** Returns numbers that the type holds. */
  Bounded[] exact(double... values) {
    return Arrays.stream(values).mapToObj(this::exact).toArray(Bounded[]::new);
  }

  /** Returns numbers that the backend rounds to the type before it uses them. */
  Bounded[] rounded(double... values) {
    return Arrays.stream(values).mapToObj(this::rounded).toArray(Bounded[]::new);
  }

  /** Returns a number that the backend rounds to the type before it uses it. */
  Bounded rounded(double value) {
    return result(value, 0, true);
  }

  /**
   * Returns the result of an operation that rounds once.
   *
   * @param carried the error of the operands carried through
   * @param exact whether the value is what exact arithmetic gives
   */
  Bounded result(double value, double carried, boolean exact) {
    return result(value, carried, exact, 1);
  }

  /**
   * Returns the result of exp, log, tanh or erf.
   *
   * @param carried the error of the operand carried through
   * @param exact whether every implementation gives this value: that at 0, or where it saturates
   */
  Bounded function(double value, double carried, boolean exact) {
    return result(value, carried, exact, FUNCTION);
  }

  private Bounded result(double value, double carried, boolean exact, double roundings) {
    boolean none = !Double.isFinite(value) || exact && carried == 0 && isExactInteger(value);
    double error = carried + roundings * roundoff * Math.abs(value) + smallestNormal;
    return new Bounded(value, none ? 0 : error, this);
  }

  /** Returns the sum of terms in any order. */
  Bounded sum(Bounded... terms) {
    double value = 0;
    double magnitude = 0;
    double carried = 0;
    boolean integers = true;
    for (Bounded term : terms) {
      value += term.value();
      magnitude += Math.abs(term.value());
      carried += term.error();
      integers &= isExactInteger(term.value());
    }
    boolean exact = carried == 0 && integers && magnitude <= largestInteger;
    double rounding = exact ? 0 : Math.max(0, terms.length - 1) * roundoff * magnitude;
    return new Bounded(value, Double.isFinite(value) ? carried + rounding : 0, this);
  }

  /** Returns the sum of products of numbers that the type holds, {@code sum_p a[p] b[p]}. */
  Bounded dot(int length, IntToDoubleFunction a, IntToDoubleFunction b) {
    double value = 0;
    double magnitude = 0;
    boolean integers = true;
    for (int p = 0; p < length; p++) {
      double product = a.applyAsDouble(p) * b.applyAsDouble(p);
      value += product;
      magnitude += Math.abs(product);
      integers &= isExactInteger(product);
    }
    boolean exact = !Double.isFinite(value) || integers && magnitude <= largestInteger;
    return new Bounded(value, exact ? 0 : length * (roundoff * magnitude + smallestNormal), this);
  }

  /**
   * Returns a sum of products of numbers that have errors of their own, and of other numbers, in
   * any order: {@code sum_p a[p] b[p] + addends}. Recurrent layers feed results back, so that their
   * bound grows from step to step by what the weights and slopes multiply errors with.
   */
  Bounded sumOfProducts(
      int length, IntFunction<Bounded> a, IntFunction<Bounded> b, Bounded... addends) {
    double value = 0;
    double magnitude = 0;
    double carried = 0;
    boolean integers = true;
    for (int p = 0; p < length; p++) {
      Bounded left = a.apply(p);
      Bounded right = b.apply(p);
      double product = left.value() * right.value();
      value += product;
      magnitude += Math.abs(product);
      carried += Math.abs(left.value()) * right.error() + Math.abs(right.value()) * left.error();
      integers &= isExactInteger(product);
    }
    for (Bounded addend : addends) {
      value += addend.value();
      magnitude += Math.abs(addend.value());
      carried += addend.error();
      integers &= isExactInteger(addend.value());
    }
    boolean exact = carried == 0 && integers && magnitude <= largestInteger;
    int terms = length + addends.length;
    double rounding = exact ? 0 : terms * (roundoff * magnitude + smallestNormal);
    return new Bounded(value, Double.isFinite(value) ? carried + rounding : 0, this);
  }

  /** Returns whether a backend may give this for the expected value. */
  boolean allows(Bounded expected, double actual) {
    double value = expected.value();
    if (Double.isNaN(value)) {
      return Double.isNaN(actual);
    }
    if (Math.abs(value) > largest) {
      return actual == Math.copySign(Double.POSITIVE_INFINITY, value);
    }
    double limit = limit(expected);
    if (!Double.isFinite(limit)) {
      throw new IllegalStateException("the oracle has no bound for " + expected);
    }
    return Math.abs(actual - value) <= limit;
  }

  /** Returns the largest difference that {@link #allows} accepts. */
  double limit(Bounded expected) {
    return MARGIN * expected.error();
  }

  private boolean isExactInteger(double value) {
    return value == Math.rint(value) && Math.abs(value) <= largestInteger;
  }
}

package dev.tandem.engine.conformance;

/**
 * A number and a bound of the error that a backend may make when it computes it. Formulas over such
 * numbers carry the bound along, by the rules of {@link Tolerance}.
 *
 * @param value what exact arithmetic gives
 * @param error how far arithmetic of the type may be off
 * @param tolerance the rules of the type
 */
record Bounded(double value, double error, Tolerance tolerance) {
  private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

  Bounded plus(Bounded other) {
    return tolerance.result(value + other.value, error + other.error);
  }

  Bounded plus(double exact) {
    return plus(tolerance.exact(exact));
  }

  Bounded minus(Bounded other) {
    return plus(other.negated());
  }

  Bounded negated() {
    return new Bounded(-value, error, tolerance);
  }

  Bounded times(Bounded other) {
    double carried = carried(value, other.error) + carried(other.value, error);
    return tolerance.result(value * other.value, carried);
  }

  Bounded times(double exact) {
    return times(tolerance.exact(exact));
  }

  Bounded squared() {
    return times(this);
  }

  Bounded over(Bounded other) {
    double quotient = value / other.value;
    double carried = error + carried(quotient, other.error);
    return tolerance.result(quotient, carried == 0 ? 0 : carried / Math.abs(other.value));
  }

  Bounded over(double exact) {
    return over(tolerance.exact(exact));
  }

  /** The root; near 0 its error is the root of the operand's. */
  Bounded root() {
    double root = Math.sqrt(value);
    double carried = error == 0 ? 0 : Math.min(error / (2 * root), Math.sqrt(error));
    return tolerance.result(root, carried);
  }

  Bounded exponential() {
    double power = Math.exp(value);
    return tolerance.function(power, carried(power, error));
  }

  Bounded logarithm() {
    return tolerance.function(Math.log(value), error == 0 ? 0 : error / value);
  }

  Bounded tanh() {
    double tanh = Math.tanh(value);
    return tolerance.function(tanh, carried(1 - tanh * tanh, error));
  }

  Bounded erf() {
    double slope = TWO_OVER_ROOT_PI * Math.exp(-value * value);
    return tolerance.function(erf(value), carried(slope, error));
  }

  Bounded larger(Bounded other) {
    double carried = Math.max(error, other.error);
    return new Bounded(Math.max(value, other.value), carried, tolerance);
  }

  Bounded smaller(Bounded other) {
    double carried = Math.max(error, other.error);
    return new Bounded(Math.min(value, other.value), carried, tolerance);
  }

  Bounded magnitude() {
    return new Bounded(Math.abs(value), error, tolerance);
  }

  /**
   * An error times the slope at which it goes on; no error stays none, even where it is infinite.
   */
  private static double carried(double slope, double error) {
    return error == 0 || slope == 0 ? 0 : Math.abs(slope) * error;
  }

  /**
   * The error function: {@code 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 3 5 ... (2n+1))}
   * (Abramowitz and Stegun 1964, 7.1.6), where nothing cancels; above 3 by the continued fraction
   * of erfc (7.1.14), where the series would be long.
   */
  private static double erf(double x) {
    double size = Math.abs(x);
    double scale = Math.exp(-x * x);
    if (size > 3) {
      double fraction = size;
      for (int k = 60; k > 0; k--) {
        fraction = size + k / 2.0 / fraction;
      }
      return Math.copySign(1 - scale / fraction / Math.sqrt(Math.PI), x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 80; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return TWO_OVER_ROOT_PI * scale * sum;
  }
}

package dev.tandem.engine.cpu;

/**
 * The error function by the rational approximations of W. J. Cody (1969), "Rational Chebyshev
 * approximations for the error function", Mathematics of Computation 23, 631-637, with the
 * coefficients of his CALERF. The relative error is a few units in the last place of a double.
 */
public final class Erf {
  private static final double[] A = {
    3.16112374387056560e00,
    1.13864154151050156e02,
    3.77485237685302021e02,
    3.20937758913846947e03,
    1.85777706184603153e-1
  };
  private static final double[] B = {
    2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03, 2.84423683343917062e03
  };
  private static final double[] C = {
    5.64188496988670089e-1, 8.88314979438837594e00, 6.61191906371416295e01,
    2.98635138197400131e02, 8.81952221241769090e02, 1.71204761263407058e03,
    2.05107837782607147e03, 1.23033935479799725e03, 2.15311535474403846e-8
  };
  private static final double[] D = {
    1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02,
    1.62138957456669019e03, 3.29079923573345963e03, 4.36261909014324716e03,
    3.43936767414372164e03, 1.23033935480374942e03
  };
  private static final double[] P = {
    3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
    1.60837851487422766e-2, 6.58749161529837803e-4, 1.63153871373020978e-2
  };
  private static final double[] Q = {
    2.56852019228982242e00,
    1.87295284992346047e00,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3
  };

  /** Below this |x| the approximation is of erf itself. */
  private static final double SMALL = 0.46875;

  /** From this |x| on the approximation is in 1 / x^2. */
  private static final double LARGE = 4;

  /** From this |x| on erfc is less than the smallest double. */
  private static final double HUGE = 27.3;

  private static final double INVERSE_ROOT_PI = 1 / Math.sqrt(Math.PI);

  private Erf() {}

  /** Returns {@code erf(x) = 2 / sqrt(pi) integral of exp(-t^2) from 0 to x}; NaN of NaN. */
  public static double erf(double x) {
    double size = Math.abs(x);
    if (Double.isNaN(x) || size <= SMALL) {
      return small(x);
    }
    return Math.copySign(0.5 - tail(size) + 0.5, x);
  }

  /** Returns {@code 1 - erf(x)} without cancellation for large x; NaN of NaN. */
  public static double erfc(double x) {
    double size = Math.abs(x);
    if (Double.isNaN(x) || size <= SMALL) {
      return 1 - small(x);
    }
    return x < 0 ? 2 - tail(size) : tail(size);
  }

  /** erf for |x| up to {@link #SMALL}. */
  private static double small(double x) {
    double square = x * x;
    double above = A[4] * square;
    double below = square;
    for (int i = 0; i < 3; i++) {
      above = (above + A[i]) * square;
      below = (below + B[i]) * square;
    }
    return x * (above + A[3]) / (below + B[3]);
  }

  /** erfc for x above {@link #SMALL}. */
  private static double tail(double x) {
    if (x > HUGE) {
      return 0;
    }
    return exponentialOfMinusSquare(x) * (x <= LARGE ? middle(x) : large(x));
  }

  private static double middle(double x) {
    double above = C[8] * x;
    double below = x;
    for (int i = 0; i < 7; i++) {
      above = (above + C[i]) * x;
      below = (below + D[i]) * x;
    }
    return (above + C[7]) / (below + D[7]);
  }

  private static double large(double x) {
    double square = 1 / (x * x);
    double above = P[5] * square;
    double below = square;
    for (int i = 0; i < 4; i++) {
      above = (above + P[i]) * square;
      below = (below + Q[i]) * square;
    }
    return (INVERSE_ROOT_PI - square * (above + P[4]) / (below + Q[4])) / x;
  }

  /** Cody splits x at a sixteenth, so that the rounding of x^2 does not grow with x. */
  private static double exponentialOfMinusSquare(double x) {
    double head = Math.floor(x * 16) / 16;
    double rest = (x - head) * (x + head);
    return Math.exp(-head * head) * Math.exp(-rest);
  }
}

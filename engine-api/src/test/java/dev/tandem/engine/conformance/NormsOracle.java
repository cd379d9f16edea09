package dev.tandem.engine.conformance;

/**
 * The formulas of {@link dev.tandem.engine.Norms} for one group of numbers that are normalised
 * together: the values of a channel, or a row.
 *
 * @param mean of the group
 * @param variance of the group, biased
 * @param inverse {@code 1 / sqrt(variance + epsilon)}
 */
record NormsOracle(Bounded mean, Bounded variance, Bounded inverse) {

  /** Measures a group. */
  static NormsOracle of(Bounded[] x, double epsilon) {
    Tolerance t = x[0].tolerance();
    Bounded mean = t.sum(x).over(x.length);
    Bounded variance = t.sum(Oracle.map(x, v -> v.minus(mean).squared())).over(x.length);
    return of(mean, variance, epsilon);
  }

  /** Takes the measures as they are. */
  static NormsOracle of(Bounded mean, Bounded variance, double epsilon) {
    Tolerance t = mean.tolerance();
    Bounded inverse = t.exact(1).over(variance.plus(t.rounded(epsilon)).root());
    return new NormsOracle(mean, variance, inverse);
  }

  /** {@code (1 - momentum) running + momentum batch}. */
  static Bounded running(double momentum, double running, Bounded batch) {
    Tolerance t = batch.tolerance();
    return t.rounded(1 - momentum).times(running).plus(t.rounded(momentum).times(batch));
  }

  /** The unbiased variance of a group of n. */
  Bounded unbiased(int n) {
    return variance.times(n).over(n - 1.0);
  }

  /** {@code (x - mean) / sqrt(variance + epsilon)}. */
  Bounded normalized(Bounded x) {
    return x.minus(mean).times(inverse);
  }

  /** {@code gamma xhat + beta}. */
  Bounded apply(Bounded x, Bounded gamma, Bounded beta) {
    return gamma.times(normalized(x)).plus(beta);
  }

  /** {@code inverse (g - mean g - xhat mean(g xhat))} of a whole group. */
  Bounded[] backward(Bounded[] x, Bounded[] g) {
    Tolerance t = mean.tolerance();
    Bounded[] xhat = Oracle.map(x, this::normalized);
    Bounded meanG = t.sum(g).over(g.length);
    Bounded meanProduct = product(xhat, g).over(g.length);
    return Oracle.indexed(
        x.length, i -> inverse.times(g[i].minus(meanG).minus(xhat[i].times(meanProduct))));
  }

  /** {@code sum dy xhat}. */
  static Bounded product(Bounded[] xhat, Bounded[] dy) {
    Tolerance t = xhat[0].tolerance();
    return t.sum(Oracle.indexed(xhat.length, i -> dy[i].times(xhat[i])));
  }
}

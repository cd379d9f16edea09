package dev.tandem.engine.conformance;

import dev.tandem.engine.Activation;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Losses.Pointwise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The formulas of the seam over {@link Bounded} numbers, as its documentation writes them: what
 * every backend is compared with.
 */
final class Oracle {
  private Oracle() {}

  /** Returns f of every number. */
  static Bounded[] map(Bounded[] values, UnaryOperator<Bounded> f) {
    return Arrays.stream(values).map(f).toArray(Bounded[]::new);
  }

  /** Returns f(0) to f(count - 1). */
  static Bounded[] indexed(int count, IntFunction<Bounded> f) {
    return IntStream.range(0, count).mapToObj(f).toArray(Bounded[]::new);
  }

  /** Returns the numbers without their bounds. */
  static double[] values(Bounded[] numbers) {
    return Arrays.stream(numbers).mapToDouble(Bounded::value).toArray();
  }

  /**
   * Puts known values in the place of computed ones and keeps the bounds.
   *
   * @param computed what the formulas give
   * @param known worked out by hand or by another program
   * @throws AssertionError if both are not the same within the bound
   */
  static Bounded[] anchored(Bounded[] computed, double... known) {
    if (computed.length != known.length) {
      throw new AssertionError(computed.length + " values, but " + known.length + " are known");
    }
    return indexed(
        known.length,
        i -> {
          Bounded number = computed[i];
          if (!number.tolerance().allows(number, known[i])) {
            throw new AssertionError(
                "the oracle gives %s, known is %s".formatted(number, known[i]));
          }
          return new Bounded(known[i], number.error(), number.tolerance());
        });
  }

  static Bounded clamp(Bounded x, Bounded low, Bounded high) {
    return x.larger(low).smaller(high);
  }

  /** {@code 1 / (1 + exp(-x))}, with the larger exponential never taken. */
  static Bounded sigmoid(Bounded x) {
    if (x.value() < 0) {
      Bounded power = x.exponential();
      return power.over(power.plus(1));
    }
    Tolerance t = x.tolerance();
    return t.exact(1).over(x.negated().exponential().plus(1));
  }

  /** f(x). */
  static Bounded activation(Activation f, Bounded x) {
    Tolerance t = x.tolerance();
    return switch (f) {
      case IDENTITY -> x;
      case RELU -> x.larger(t.exact(0));
      case LEAKY_RELU -> x.value() > 0 ? x : x.times(t.rounded(Activation.LEAKY_SLOPE));
      case SIGMOID -> sigmoid(x);
      case TANH -> x.tanh();
      case GELU -> x.times(normalDistribution(x));
      case SILU -> x.times(sigmoid(x));
      case ELU -> x.value() > 0 ? x : x.exponential().plus(-1);
    };
  }

  /**
   * f'(x) from the output f(x), or from x where {@link Activation#derivativeFromOutput} is false.
   */
  static Bounded derivative(Activation f, Bounded saved) {
    Tolerance t = saved.tolerance();
    Bounded one = t.exact(1);
    boolean positive = saved.value() > 0;
    return switch (f) {
      case IDENTITY -> one;
      case RELU -> t.exact(positive ? 1 : 0);
      case LEAKY_RELU -> positive ? one : t.rounded(Activation.LEAKY_SLOPE);
      case SIGMOID -> saved.times(one.minus(saved));
      case TANH -> one.minus(saved.squared());
      case GELU -> normalDistribution(saved).plus(saved.times(normalDensity(saved)));
      case SILU -> {
        Bounded s = sigmoid(saved);
        yield s.times(saved.times(one.minus(s)).plus(1));
      }
      case ELU -> positive ? one : saved.plus(1);
    };
  }

  /** {@code (1 + erf(x / sqrt 2)) / 2}. */
  private static Bounded normalDistribution(Bounded x) {
    return x.times(x.tolerance().rounded(Math.sqrt(0.5))).erf().plus(1).over(2);
  }

  /** {@code exp(-x^2 / 2) / sqrt(2 pi)}. */
  private static Bounded normalDensity(Bounded x) {
    Bounded power = x.squared().over(-2).exponential();
    return power.times(x.tolerance().rounded(1 / Math.sqrt(2 * Math.PI)));
  }

  private static Bounded largest(Bounded[] row) {
    return Arrays.stream(row).reduce(Bounded::larger).orElseThrow();
  }

  /** Softmax of one row. */
  static Bounded[] softmax(Bounded[] row) {
    Bounded largest = largest(row);
    Bounded[] powers = map(row, x -> x.minus(largest).exponential());
    Bounded sum = largest.tolerance().sum(powers);
    return map(powers, power -> power.over(sum));
  }

  /** The logarithm of softmax of one row. */
  static Bounded[] logSoftmax(Bounded[] row) {
    Bounded largest = largest(row);
    Bounded[] powers = map(row, x -> x.minus(largest).exponential());
    Bounded logarithm = largest.tolerance().sum(powers).logarithm();
    return map(row, x -> x.minus(largest).minus(logarithm));
  }

  /** {@code dx_j = y_j (dy_j - sum_k y_k dy_k)}. */
  static Bounded[] softmaxBackward(Bounded[] y, Bounded[] dy) {
    Tolerance t = y[0].tolerance();
    Bounded sum = t.sum(indexed(y.length, k -> y[k].times(dy[k])));
    return indexed(y.length, j -> y[j].times(dy[j].minus(sum)));
  }

  /** {@code dx_j = dy_j - exp(y_j) sum_k dy_k}. */
  static Bounded[] logSoftmaxBackward(Bounded[] y, Bounded[] dy) {
    Tolerance t = y[0].tolerance();
    Bounded sum = t.sum(dy);
    return indexed(y.length, j -> dy[j].minus(y[j].exponential().times(sum)));
  }

  /** The loss of one pair. */
  static Bounded loss(Pointwise function, double delta, Bounded p, Bounded target) {
    Tolerance t = p.tolerance();
    Bounded size = p.minus(target).magnitude();
    Bounded threshold = t.rounded(delta);
    return switch (function) {
      case SIGMOID_BCE -> {
        Bounded softening = p.magnitude().negated().exponential().plus(1).logarithm();
        yield p.larger(t.exact(0)).minus(p.times(target)).plus(softening);
      }
      case MSE -> size.squared();
      case MAE -> size;
      case HUBER ->
          size.value() <= delta
              ? size.squared().over(2)
              : threshold.times(size.minus(threshold.over(2)));
    };
  }

  /** The derivative of the loss of one pair by the prediction. */
  static Bounded lossDerivative(Pointwise function, double delta, Bounded p, Bounded target) {
    Tolerance t = p.tolerance();
    Bounded difference = p.minus(target);
    Bounded threshold = t.rounded(delta);
    return switch (function) {
      case SIGMOID_BCE -> sigmoid(p).minus(target);
      case MSE -> difference.times(2);
      case MAE -> t.exact(Math.signum(difference.value()));
      case HUBER -> clamp(difference, threshold.negated(), threshold);
    };
  }

  /**
   * Softmax cross-entropy over rows of logits, see {@link
   * dev.tandem.engine.Losses#softmaxCrossEntropy}.
   *
   * @param weights one for each class, or null for ones
   */
  static Loss crossEntropy(
      CrossEntropySpec spec, Bounded[][] logits, int[] labels, Bounded[] weights, Tolerance t) {
    double smoothing = spec.labelSmoothing();
    Bounded soft = t.rounded(smoothing);
    Bounded hard = t.rounded(1 - smoothing);
    List<Bounded> losses = new ArrayList<>();
    List<Bounded> counted = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      int y = labels[i];
      if (y != spec.ignoreIndex()) {
        int classes = logits[i].length;
        if (y < 0 || y >= classes) {
          losses.add(t.exact(Double.NaN));
        } else {
          Bounded[] log = logSoftmax(logits[i]);
          Bounded[] w = weights == null ? map(log, x -> t.exact(1)) : weights;
          Bounded loss = hard.times(w[y]).times(log[y]).negated();
          if (smoothing > 0) {
            Bounded sum = t.sum(indexed(classes, k -> w[k].times(log[k])));
            loss = loss.minus(soft.over(classes).times(sum));
          }
          losses.add(loss);
          counted.add(w[y]);
        }
      }
    }
    Bounded sum = t.sum(losses.toArray(Bounded[]::new));
    Bounded count = t.sum(counted.toArray(Bounded[]::new));
    boolean nothing = count.value() == 0 && !Double.isNaN(sum.value());
    Bounded mean = nothing ? t.exact(0) : sum.over(count);
    List<Bounded> gradient = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      gradient.addAll(List.of(rowGradient(spec, logits[i], labels[i], weights, count)));
    }
    return new Loss(mean, count, gradient.toArray(Bounded[]::new));
  }

  private static Bounded[] rowGradient(
      CrossEntropySpec spec, Bounded[] row, int y, Bounded[] weights, Bounded count) {
    Tolerance t = count.tolerance();
    boolean inside = y >= 0 && y < row.length;
    if (y == spec.ignoreIndex() || !inside || count.value() == 0) {
      double fill = inside || y == spec.ignoreIndex() ? 0 : Double.NaN;
      return map(row, x -> t.exact(fill));
    }
    Bounded soft = t.rounded(spec.labelSmoothing());
    Bounded hard = t.rounded(1 - spec.labelSmoothing());
    Bounded[] w = weights == null ? map(row, x -> t.exact(1)) : weights;
    Bounded[] p = softmax(row);
    Bounded allWeights = t.sum(w);
    return indexed(
        row.length,
        j -> {
          Bounded label = w[y].times(p[j].plus(j == y ? -1 : 0)).times(hard);
          Bounded all = p[j].times(allWeights).minus(w[j]).over(row.length).times(soft);
          return label.plus(all).over(count);
        });
  }

  /** A mean loss, what it was taken over, and its gradient. */
  record Loss(Bounded mean, Bounded count, Bounded[] gradient) {}

  /**
   * The mean loss of pairs, see {@link dev.tandem.engine.Losses#pointwise}.
   *
   * @param weights one for each pair, or null for ones
   */
  static Loss pointwise(
      Pointwise function,
      double delta,
      Bounded[] p,
      Bounded[] target,
      Bounded[] weights,
      Tolerance t) {
    int n = p.length;
    Bounded[] w = weights == null ? map(p, x -> t.exact(1)) : weights;
    Bounded sum = t.sum(indexed(n, i -> w[i].times(loss(function, delta, p[i], target[i]))));
    Bounded mean = n == 0 ? t.exact(0) : sum.over(n);
    Bounded[] gradient =
        indexed(n, i -> w[i].times(lossDerivative(function, delta, p[i], target[i])).over(n));
    return new Loss(mean, t.exact(n), gradient);
  }
}

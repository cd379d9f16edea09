package dev.tandem.engine;

/**
 * Update rules, each one call over the whole flat block of parameters, by PyTorch's formulas.
 * Below, {@code g} is the gradient, after {@code g = g + decay w} where weight decay applies; the
 * numbers come from a tensor laid out as {@link Hyperparameters} says. Weights and state are
 * updated, gradients are only read.
 */
public abstract class Optimizers extends OperationFamily {
  /** Makes the family of a backend. */
  protected Optimizers(Backend backend) {
    super(backend);
  }

  /**
   * Stochastic gradient descent: {@code v = momentum v + g; w -= lr v}, with Nesterov's momentum
   * {@code w -= lr (g + momentum v)} (Sutskever et al. 2013).
   *
   * @param nesterov whether to look ahead
   * @param hyper FLOAT {@code [9]}, read
   * @param weights w, updated
   * @param gradients as many elements, read
   * @param velocity v, as many elements, updated; null for none, which is {@code w -= lr g}
   */
  public final void sgd(
      boolean nesterov, Tensor hyper, Tensor weights, Tensor gradients, Tensor velocity) {
    operands("sgd", hyper, weights, gradients);
    if (velocity != null) {
      state("sgd", "velocity", velocity, hyper, weights, gradients);
    } else if (nesterov) {
      throw new IllegalArgumentException("sgd: Nesterov needs a velocity (give one)");
    }
    computeSgd(nesterov, hyper, weights, gradients, velocity);
  }

  /**
   * RMSProp (Hinton 2012, lecture 6e): {@code s = alpha s + (1 - alpha) g^2; u = g / (sqrt(s) +
   * epsilon)}; {@code w -= lr u}, or with a velocity {@code v = momentum v + u; w -= lr v}.
   *
   * @param hyper FLOAT {@code [9]}, read
   * @param weights w, updated
   * @param gradients as many elements, read
   * @param squares s, as many elements, updated
   * @param velocity v, as many elements, updated; null for none
   */
  public final void rmsProp(
      Tensor hyper, Tensor weights, Tensor gradients, Tensor squares, Tensor velocity) {
    operands("rmsProp", hyper, weights, gradients);
    state("rmsProp", "squares", squares, hyper, weights, gradients);
    if (velocity != null) {
      state("rmsProp", "velocity", velocity, hyper, weights, gradients);
      Checks.disjoint("rmsProp", "velocity", velocity, squares);
    }
    computeRmsProp(hyper, weights, gradients, squares, velocity);
  }

  /**
   * Adagrad (Duchi et al. 2011): {@code s = s + g^2; w -= lr g / (sqrt(s) + epsilon)}.
   *
   * @param hyper FLOAT {@code [9]}, read
   * @param weights w, updated
   * @param gradients as many elements, read
   * @param squares s, as many elements, updated
   */
  public final void adagrad(Tensor hyper, Tensor weights, Tensor gradients, Tensor squares) {
    operands("adagrad", hyper, weights, gradients);
    state("adagrad", "squares", squares, hyper, weights, gradients);
    computeAdagrad(hyper, weights, gradients, squares);
  }

  /**
   * Adam (Kingma and Ba 2015, algorithm 1): {@code m = beta1 m + (1 - beta1) g; s = beta2 s + (1 -
   * beta2) g^2; w -= (lr / (1 - beta1^t)) m / (sqrt(s) / sqrt(1 - beta2^t) + epsilon)}.
   *
   * <p>Decoupled (AdamW, Loshchilov and Hutter 2019, algorithm 2): first {@code w = (1 - lr decay)
   * w}, and g is the bare gradient.
   *
   * @param decoupled whether weight decay is AdamW's
   * @param hyper FLOAT {@code [9]}, read
   * @param weights w, updated
   * @param gradients as many elements, read
   * @param moments m, as many elements, updated
   * @param squares s, as many elements, updated
   */
  public final void adam(
      boolean decoupled,
      Tensor hyper,
      Tensor weights,
      Tensor gradients,
      Tensor moments,
      Tensor squares) {
    String name = decoupled ? "adamW" : "adam";
    operands(name, hyper, weights, gradients);
    state(name, "moments", moments, hyper, weights, gradients);
    state(name, "squares", squares, hyper, weights, gradients);
    Checks.disjoint(name, "squares", squares, moments);
    computeAdam(decoupled, hyper, weights, gradients, moments, squares);
  }

  /**
   * {@code g = min(max(g, -limit), limit)}.
   *
   * @param limit above 0
   * @param gradients g, updated
   */
  public final void clipByValue(double limit, Tensor gradients) {
    positive("clipByValue", limit);
    Checks.floating(this, "clipByValue", "gradients", gradients);
    computeClipByValue(limit, gradients);
  }

  /**
   * The Euclidean norm of all gradients, and {@code g = g min(1, limit / (norm + 1e-6))} (Pascanu
   * et al. 2013, algorithm 1, with PyTorch's 1e-6).
   *
   * @param limit above 0; positive infinity only measures
   * @param gradients g, updated
   * @param norm one element, the norm before clipping, overwritten
   */
  public final void clipByNorm(double limit, Tensor gradients, Tensor norm) {
    positive("clipByNorm", limit);
    Checks.floating(this, "clipByNorm", "gradients", gradients);
    Checks.floating(this, "clipByNorm", "norm", norm, gradients, 1);
    Checks.disjoint("clipByNorm", "norm", norm, gradients);
    computeClipByNorm(limit, gradients, norm);
  }

  private static void positive(String name, double limit) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException(
          "%s: limit is %s (give a number above 0)".formatted(name, limit));
    }
  }

  private void operands(String name, Tensor hyper, Tensor weights, Tensor gradients) {
    Checks.floating(this, name, "weights", weights);
    Checks.floating(this, name, "hyper", hyper, weights, Hyperparameters.LENGTH);
    Checks.floating(this, name, "gradients", gradients, weights, weights.elements());
    Checks.disjoint(name, "weights", weights, hyper);
    Checks.disjoint(name, "weights", weights, gradients);
  }

  private void state(
      String name, String role, Tensor state, Tensor hyper, Tensor weights, Tensor gradients) {
    Checks.floating(this, name, role, state, weights, weights.elements());
    Checks.disjoint(name, role, state, hyper);
    Checks.disjoint(name, role, state, weights);
    Checks.disjoint(name, role, state, gradients);
  }

  /** Computes {@link #sgd} on checked operands. */
  protected abstract void computeSgd(
      boolean nesterov, Tensor hyper, Tensor weights, Tensor gradients, Tensor velocity);

  /** Computes {@link #rmsProp} on checked operands. */
  protected abstract void computeRmsProp(
      Tensor hyper, Tensor weights, Tensor gradients, Tensor squares, Tensor velocity);

  /** Computes {@link #adagrad} on checked operands. */
  protected abstract void computeAdagrad(
      Tensor hyper, Tensor weights, Tensor gradients, Tensor squares);

  /** Computes {@link #adam} on checked operands. */
  protected abstract void computeAdam(
      boolean decoupled,
      Tensor hyper,
      Tensor weights,
      Tensor gradients,
      Tensor moments,
      Tensor squares);

  /** Computes {@link #clipByValue} on checked operands. */
  protected abstract void computeClipByValue(double limit, Tensor gradients);

  /** Computes {@link #clipByNorm} on checked operands. */
  protected abstract void computeClipByNorm(double limit, Tensor gradients, Tensor norm);
}

package dev.tandem.engine;

/**
 * Loss functions, each with its gradient in the same call. Every loss is a mean. It is written as
 * two numbers, {@code loss [2]}: the mean, and the count (or sum of weights) over which it was
 * taken, so that means over batches combine exactly. Over nothing (count 0) the mean is 0 and so
 * are the gradients.
 *
 * <p>The gradient is that of the mean. It may be null where only the loss is wanted, and may not be
 * an input.
 */
public abstract class Losses extends OperationFamily {
  private static final String CROSS_ENTROPY = "softmaxCrossEntropy";

  /** The losses between predictions and targets of the same shape. */
  public enum Pointwise {
    /**
     * Binary cross-entropy of logits: {@code l = max(z,0) - z t + log(1 + exp(-|z|))}, {@code dl/dz
     * = sigmoid(z) - t}.
     */
    SIGMOID_BCE,
    /** Squared error {@code (p - t)^2}. */
    MSE,
    /** Absolute error {@code |p - t|}, with derivative 0 where both are equal. */
    MAE,
    /** {@code e^2/2 for |e| <= delta, else delta (|e| - delta/2)} (Huber 1964). */
    HUBER
  }

  /** Makes the family of a backend. */
  protected Losses(Backend backend) {
    super(backend);
  }

  /**
   * Softmax and cross-entropy in one: {@code l_i = -w_y log softmax(z_i)_y} with the label y of row
   * i, averaged with the weights w_y; PyTorch's formula for weights and label smoothing. A label
   * outside 0..N-1 that is not the ignore index makes the loss and its row of the gradient NaN and
   * adds nothing to the sum of weights; nothing outside the tensors is touched.
   *
   * @param spec ignored label and label smoothing
   * @param logits z, {@code [...,N]} with M rows, read
   * @param labels INT32 {@code [M]}, read
   * @param classWeights w {@code [N]}, read; null for ones
   * @param loss {@code [2]}, overwritten
   * @param dlogits {@code [...,N]}, overwritten; null if not wanted
   */
  public final void softmaxCrossEntropy(
      CrossEntropySpec spec,
      Tensor logits,
      Tensor labels,
      Tensor classWeights,
      Tensor loss,
      Tensor dlogits) {
    Checks.floating(this, CROSS_ENTROPY, "logits", logits);
    Checks.integer(this, CROSS_ENTROPY, "labels", labels);
    Checks.elements(CROSS_ENTROPY, "labels", labels, logits.shape().rows());
    outputs(CROSS_ENTROPY, logits, loss, "dlogits", dlogits);
    if (classWeights != null) {
      Checks.floating(
          this, CROSS_ENTROPY, "classWeights", classWeights, logits, logits.shape().columns());
      Checks.disjoint(CROSS_ENTROPY, "loss", loss, classWeights);
      if (dlogits != null) {
        Checks.disjoint(CROSS_ENTROPY, "dlogits", dlogits, classWeights);
      }
    }
    computeSoftmaxCrossEntropy(spec, logits, labels, classWeights, loss, dlogits);
  }

  /**
   * A loss between values of the same shape: {@code (1/n) sum_i w_i l(p_i, t_i)} over all n
   * elements, so that weights of 0 leave elements out without making the others count more.
   * PyTorch's {@code weight} of {@code binary_cross_entropy_with_logits}, for every loss.
   *
   * @param function the loss
   * @param delta Huber's threshold, above 0; not used by the others
   * @param prediction p, or the logits z; any shape, read
   * @param target t, as many elements, read
   * @param weights w, as many elements, read; null for ones
   * @param loss {@code [2]}, overwritten
   * @param dprediction as many elements as the prediction, overwritten; null if not wanted
   */
  public final void pointwise(
      Pointwise function,
      double delta,
      Tensor prediction,
      Tensor target,
      Tensor weights,
      Tensor loss,
      Tensor dprediction) {
    String name = name(function);
    Checks.floating(this, name, "prediction", prediction);
    Checks.floating(this, name, "target", target, prediction, prediction.elements());
    if (function == Pointwise.HUBER && !(delta > 0)) {
      throw new IllegalArgumentException("huber: delta is " + delta + " (give a number above 0)");
    }
    if (weights != null) {
      Checks.floating(this, name, "weights", weights, prediction, prediction.elements());
    }
    outputs(name, prediction, loss, "dprediction", dprediction);
    Checks.disjoint(name, "loss", loss, target);
    Checks.disjoint(name, "loss", loss, weights);
    if (dprediction != null) {
      Checks.disjoint(name, "dprediction", dprediction, target);
      Checks.disjoint(name, "dprediction", dprediction, weights);
    }
    computePointwise(function, delta, prediction, target, weights, loss, dprediction);
  }

  private void outputs(String name, Tensor input, Tensor loss, String role, Tensor gradient) {
    Checks.floating(this, name, "loss", loss, input, 2);
    Checks.disjoint(name, "loss", loss, input);
    if (gradient != null) {
      Checks.floating(this, name, role, gradient, input, input.elements());
      Checks.disjoint(name, role, gradient, input);
      Checks.disjoint(name, role, gradient, loss);
    }
  }

  private static String name(Pointwise function) {
    return switch (function) {
      case SIGMOID_BCE -> "sigmoidBce";
      case MSE -> "mse";
      case MAE -> "mae";
      case HUBER -> "huber";
    };
  }

  /** Computes {@link #softmaxCrossEntropy} on checked operands. */
  protected abstract void computeSoftmaxCrossEntropy(
      CrossEntropySpec spec,
      Tensor logits,
      Tensor labels,
      Tensor classWeights,
      Tensor loss,
      Tensor dlogits);

  /** Computes {@link #pointwise} on checked operands. */
  protected abstract void computePointwise(
      Pointwise function,
      double delta,
      Tensor prediction,
      Tensor target,
      Tensor weights,
      Tensor loss,
      Tensor dprediction);
}

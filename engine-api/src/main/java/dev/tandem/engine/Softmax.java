package dev.tandem.engine;

/**
 * Softmax along the last axis, computed after subtracting the row's maximum, so that large logits
 * do not overflow.
 */
public abstract class Softmax extends OperationFamily {
  /** Makes the family of a backend. */
  protected Softmax(Backend backend) {
    super(backend);
  }

  /**
   * {@code y_j = exp(x_j) / sum_k exp(x_k)} in every row.
   *
   * @param x {@code [...,N]}, read
   * @param y as many elements, overwritten; may be x itself
   */
  public final void softmax(Tensor x, Tensor y) {
    operands("softmax", x, y);
    computeSoftmax(x, y);
  }

  /**
   * {@code y_j = x_j - log sum_k exp(x_k)} in every row.
   *
   * @param x {@code [...,N]}, read
   * @param y as many elements, overwritten; may be x itself
   */
  public final void logSoftmax(Tensor x, Tensor y) {
    operands("logSoftmax", x, y);
    computeLogSoftmax(x, y);
  }

  /**
   * {@code dx_j = y_j (dy_j - sum_k y_k dy_k)} in every row.
   *
   * @param y the output of {@link #softmax}, read
   * @param dy its gradient, read
   * @param dx the gradient of the input, overwritten; may be dy itself
   */
  public final void softmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    backwardOperands("softmax backward", y, dy, dx);
    computeSoftmaxBackward(y, dy, dx);
  }

  /**
   * {@code dx_j = dy_j - exp(y_j) sum_k dy_k} in every row.
   *
   * @param y the output of {@link #logSoftmax}, read
   * @param dy its gradient, read
   * @param dx the gradient of the input, overwritten; may be dy itself
   */
  public final void logSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    backwardOperands("logSoftmax backward", y, dy, dx);
    computeLogSoftmaxBackward(y, dy, dx);
  }

  private void operands(String name, Tensor x, Tensor y) {
    Checks.floating(this, name, "x", x);
    Checks.floating(this, name, "y", y, x, x.elements());
    Checks.sameOrDisjoint(name, "y", y, x);
  }

  private void backwardOperands(String name, Tensor y, Tensor dy, Tensor dx) {
    Checks.floating(this, name, "y", y);
    Checks.floating(this, name, "dy", dy, y, y.elements());
    Checks.floating(this, name, "dx", dx, y, y.elements());
    Checks.disjoint(name, "dx", dx, y);
    Checks.sameOrDisjoint(name, "dx", dx, dy);
  }

  /** Computes {@link #softmax} on checked operands. */
  protected abstract void computeSoftmax(Tensor x, Tensor y);

  /** Computes {@link #logSoftmax} on checked operands. */
  protected abstract void computeLogSoftmax(Tensor x, Tensor y);

  /** Computes {@link #softmaxBackward} on checked operands. */
  protected abstract void computeSoftmaxBackward(Tensor y, Tensor dy, Tensor dx);

  /** Computes {@link #logSoftmaxBackward} on checked operands. */
  protected abstract void computeLogSoftmaxBackward(Tensor y, Tensor dy, Tensor dx);
}

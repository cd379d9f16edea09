package dev.tandem.engine;

/**
 * Two-dimensional pooling: every window of a channel becomes one number. With stride s and padding
 * p along either axis, the window of output (i,j) has the elements {@code x[n, c, i s + r - p, j s
 * + t - p]} for r and t from 0 to below the kernel's height and width. See {@link Pool2dSpec}.
 */
public abstract class Pool2d extends OperationFamily {
  private static final String FORWARD = "pool2d";
  private static final String BACKWARD = "pool2d backward";

  /** Makes the family of a backend. */
  protected Pool2d(Backend backend) {
    super(backend);
  }

  /**
   * {@code y[n,c,i,j] =} the maximum or the mean of the window. The maximum is NaN if an element
   * is.
   *
   * @param spec the sizes
   * @param x {@code [N,C,H,W]}, read
   * @param y {@code [N,C,P,Q]}, overwritten
   */
  public final void forward(Pool2dSpec spec, Tensor x, Tensor y) {
    Checks.floating(this, FORWARD, "x", x);
    Checks.elements(FORWARD, "x", x, inputElements(spec));
    Checks.floating(this, FORWARD, "y", y, x, outputElements(spec));
    Checks.disjoint(FORWARD, "y", y, x);
    computeForward(spec, x, y);
  }

  /**
   * The gradient of the input. A mean's gradient is divided among the elements of its window inside
   * the picture, each of which gets {@code dy / count} with the count by which the mean was
   * divided. A maximum's goes to the first element, row by row, that is the maximum; if there is
   * NaN in the window, to the last NaN, as in PyTorch. Where windows overlap, gradients add up.
   *
   * @param spec the sizes
   * @param x {@code [N,C,H,W]}, the input of the forward pass, read
   * @param y {@code [N,C,P,Q]}, the output of the forward pass, read
   * @param dy {@code [N,C,P,Q]}, the gradient of the output, read
   * @param dx {@code [N,C,H,W]}, overwritten
   */
  public final void backward(Pool2dSpec spec, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    Checks.floating(this, BACKWARD, "x", x);
    Checks.elements(BACKWARD, "x", x, inputElements(spec));
    Checks.floating(this, BACKWARD, "y", y, x, outputElements(spec));
    Checks.floating(this, BACKWARD, "dy", dy, x, outputElements(spec));
    Checks.floating(this, BACKWARD, "dx", dx, x, x.elements());
    Checks.disjoint(BACKWARD, "dx", dx, x);
    Checks.disjoint(BACKWARD, "dx", dx, y);
    Checks.disjoint(BACKWARD, "dx", dx, dy);
    computeBackward(spec, x, y, dy, dx);
  }

  private static long inputElements(Pool2dSpec spec) {
    return (long) spec.batch() * spec.channels() * spec.inHeight() * spec.inWidth();
  }

  private static long outputElements(Pool2dSpec spec) {
    return (long) spec.batch() * spec.channels() * spec.outHeight() * spec.outWidth();
  }

  /** Computes {@link #forward} on checked operands. */
  protected abstract void computeForward(Pool2dSpec spec, Tensor x, Tensor y);

  /** Computes {@link #backward} on checked operands. */
  protected abstract void computeBackward(
      Pool2dSpec spec, Tensor x, Tensor y, Tensor dy, Tensor dx);
}

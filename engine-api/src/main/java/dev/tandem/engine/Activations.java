package dev.tandem.engine;

/** Activation functions, element by element. */
public abstract class Activations extends OperationFamily {
  /** Makes the family of a backend. */
  protected Activations(Backend backend) {
    super(backend);
  }

  /**
   * {@code y = f(x)}.
   *
   * @param f the function
   * @param x any shape, read
   * @param y as many elements as x, overwritten; may be x itself
   */
  public final void forward(Activation f, Tensor x, Tensor y) {
    Checks.floating(this, "activation", "x", x);
    Checks.floating(this, "activation", "y", y, x, x.elements());
    Checks.sameOrDisjoint("activation", "y", y, x);
    computeForward(f, x, y);
  }

  /**
   * {@code dx = dy f'(x)}.
   *
   * @param f the function
   * @param saved the output y of {@link #forward} if {@link Activation#derivativeFromOutput()},
   *     else its input x; read
   * @param dy the gradient of the output, read
   * @param dx the gradient of the input, overwritten; may be dy itself
   */
  public final void backward(Activation f, Tensor saved, Tensor dy, Tensor dx) {
    Checks.floating(this, "activation backward", "saved", saved);
    Checks.floating(this, "activation backward", "dy", dy, saved, saved.elements());
    Checks.floating(this, "activation backward", "dx", dx, saved, saved.elements());
    Checks.disjoint("activation backward", "dx", dx, saved);
    Checks.sameOrDisjoint("activation backward", "dx", dx, dy);
    computeBackward(f, saved, dy, dx);
  }

  /** Computes {@link #forward} on checked operands. */
  protected abstract void computeForward(Activation f, Tensor x, Tensor y);

  /** Computes {@link #backward} on checked operands. */
  protected abstract void computeBackward(Activation f, Tensor saved, Tensor dy, Tensor dx);
}

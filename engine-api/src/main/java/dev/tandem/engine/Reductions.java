package dev.tandem.engine;

/**
 * Reductions; results stay on the device. An operand x is seen as a matrix of rows along its last
 * axis.
 */
public abstract class Reductions extends OperationFamily {
  /** What is reduced away. */
  public enum Axis {
    /** Everything: the result has one element. */
    ALL,
    /**
     * The rows, {@code [M,N] -> [N]}: one result for each column, as for the gradient of a bias.
     */
    ROWS,
    /** The columns, {@code [M,N] -> [M]}: one result for each row. */
    COLUMNS
  }

  /** Makes the family of a backend. */
  protected Reductions(Backend backend) {
    super(backend);
  }

  /**
   * The sum; 0 over no elements.
   *
   * @param x any shape, read
   * @param axis what is summed over
   * @param accumulate whether the sum is added to what out holds
   * @param out overwritten or accumulated
   */
  public final void sum(Tensor x, Axis axis, boolean accumulate, Tensor out) {
    reduced("sum", x, axis, out);
    computeSum(x, axis, accumulate, out);
  }

  /**
   * The mean; NaN over no elements.
   *
   * @param x any shape, read
   * @param axis what is averaged over
   * @param out overwritten
   */
  public final void mean(Tensor x, Axis axis, Tensor out) {
    reduced("mean", x, axis, out);
    computeMean(x, axis, out);
  }

  /**
   * The maximum; NaN if there is one among the elements.
   *
   * @param x any shape with something to compare, read
   * @param axis what is compared
   * @param out overwritten
   */
  public final void max(Tensor x, Axis axis, Tensor out) {
    reduced("max", x, axis, out);
    notEmpty("max", x);
    computeMax(x, axis, out);
  }

  /**
   * The column of the maximum of each row; of equal ones the first; a NaN counts as the largest.
   *
   * @param x {@code [M,N]}, read
   * @param out INT32 {@code [M]}, overwritten
   */
  public final void argmax(Tensor x, Tensor out) {
    Checks.floating(this, "argmax", "x", x);
    Checks.integer(this, "argmax", "out", out);
    Checks.elements("argmax", "out", out, x.shape().rows());
    notEmpty("argmax", x);
    computeArgmax(x, out);
  }

  /**
   * {@code out = sum x^2}.
   *
   * @param x any shape, read
   * @param out one element, overwritten
   */
  public final void sumOfSquares(Tensor x, Tensor out) {
    reduced("sumOfSquares", x, Axis.ALL, out);
    computeSumOfSquares(x, out);
  }

  /**
   * {@code out = sum x y}.
   *
   * @param x any shape, read
   * @param y as many elements, read
   * @param out one element, overwritten
   */
  public final void dot(Tensor x, Tensor y, Tensor out) {
    reduced("dot", x, Axis.ALL, out);
    Checks.floating(this, "dot", "y", y, x, x.elements());
    Checks.disjoint("dot", "out", out, y);
    computeDot(x, y, out);
  }

  /**
   * The number of elements that are NaN or infinite.
   *
   * @param x any shape, read
   * @param out INT32, one element, overwritten
   */
  public final void countNonFinite(Tensor x, Tensor out) {
    Checks.floating(this, "countNonFinite", "x", x);
    Checks.integer(this, "countNonFinite", "out", out);
    Checks.elements("countNonFinite", "out", out, 1);
    computeCountNonFinite(x, out);
  }

  private void reduced(String name, Tensor x, Axis axis, Tensor out) {
    Checks.floating(this, name, "x", x);
    long elements =
        switch (axis) {
          case ALL -> 1;
          case ROWS -> x.shape().columns();
          case COLUMNS -> x.shape().rows();
        };
    Checks.floating(this, name, "out", out, x, elements);
    Checks.disjoint(name, "out", out, x);
  }

  private static void notEmpty(String name, Tensor x) {
    if (x.elements() == 0) {
      throw new IllegalArgumentException(
          "%s: 'x' is %s, which has no elements (a maximum needs one)".formatted(name, x));
    }
  }

  /** Computes {@link #sum} on checked operands. */
  protected abstract void computeSum(Tensor x, Axis axis, boolean accumulate, Tensor out);

  /** Computes {@link #mean} on checked operands. */
  protected abstract void computeMean(Tensor x, Axis axis, Tensor out);

  /** Computes {@link #max} on checked operands. */
  protected abstract void computeMax(Tensor x, Axis axis, Tensor out);

  /** Computes {@link #argmax} on checked operands. */
  protected abstract void computeArgmax(Tensor x, Tensor out);

  /** Computes {@link #sumOfSquares} on checked operands. */
  protected abstract void computeSumOfSquares(Tensor x, Tensor out);

  /** Computes {@link #dot} on checked operands. */
  protected abstract void computeDot(Tensor x, Tensor y, Tensor out);

  /** Computes {@link #countNonFinite} on checked operands. */
  protected abstract void computeCountNonFinite(Tensor x, Tensor out);
}

package dev.tandem.engine;

/**
 * Operations element by element. Every output may be an input itself (the same range), unless a
 * method says otherwise.
 */
public abstract class Elementwise extends OperationFamily {
  /** The operations on two operands. */
  public enum Binary {
    /** {@code out = x + y}. */
    ADD,
    /** {@code out = x - y}. */
    SUBTRACT,
    /** {@code out = x y}. */
    MULTIPLY,
    /** {@code out = x / y}, by IEEE 754: a division by 0 gives an infinity or NaN. */
    DIVIDE
  }

  /** Makes the family of a backend. */
  protected Elementwise(Backend backend) {
    super(backend);
  }

  /** {@code out = x + y}, see {@link #binary}. */
  public final void add(Tensor x, Tensor y, Broadcast broadcast, Tensor out) {
    binary(Binary.ADD, x, y, broadcast, out);
  }

  /** {@code out = x - y}, see {@link #binary}. */
  public final void subtract(Tensor x, Tensor y, Broadcast broadcast, Tensor out) {
    binary(Binary.SUBTRACT, x, y, broadcast, out);
  }

  /** {@code out = x y}, see {@link #binary}. */
  public final void multiply(Tensor x, Tensor y, Broadcast broadcast, Tensor out) {
    binary(Binary.MULTIPLY, x, y, broadcast, out);
  }

  /** {@code out = x / y}, see {@link #binary}. */
  public final void divide(Tensor x, Tensor y, Broadcast broadcast, Tensor out) {
    binary(Binary.DIVIDE, x, y, broadcast, out);
  }

  /**
   * Combines two operands.
   *
   * @param operation what to do
   * @param x any shape, read
   * @param y the shape that the broadcast asks for, read
   * @param broadcast how y is repeated
   * @param out as many elements as x, overwritten; may be x, and y if that is not repeated
   */
  public final void binary(Binary operation, Tensor x, Tensor y, Broadcast broadcast, Tensor out) {
    String name = name(operation);
    Checks.floating(this, name, "x", x);
    if (broadcast == Broadcast.CHANNEL && x.shape().rank() < 2) {
      throw new IllegalArgumentException(
          "%s: 'x' is %s, but broadcast CHANNEL needs [N,C,...]".formatted(name, x));
    }
    long repeated = repeatedElements(x, broadcast);
    Checks.floating(this, name, "y", y, x, repeated);
    Checks.floating(this, name, "out", out, x, x.elements());
    Checks.sameOrDisjoint(name, "out", out, x);
    if (repeated == x.elements()) {
      Checks.sameOrDisjoint(name, "out", out, y);
    } else {
      Checks.disjoint(name, "out", out, y);
    }
    computeBinary(operation, x, y, broadcast, out);
  }

  /**
   * {@code out = alpha x}.
   *
   * @param x any shape, read
   * @param out as many elements, overwritten
   */
  public final void scale(double alpha, Tensor x, Tensor out) {
    unary("scale", x, out);
    computeScale(alpha, x, out);
  }

  /**
   * {@code y = alpha x + y}.
   *
   * @param x any shape, read
   * @param y as many elements, accumulated
   */
  public final void axpy(double alpha, Tensor x, Tensor y) {
    Checks.floating(this, "axpy", "x", x);
    Checks.floating(this, "axpy", "y", y, x, x.elements());
    Checks.sameOrDisjoint("axpy", "y", y, x);
    computeAxpy(alpha, x, y);
  }

  /**
   * {@code out = x y + z}.
   *
   * @param x any shape, read
   * @param y as many elements, read
   * @param z as many elements, read
   * @param out as many elements, overwritten
   */
  public final void multiplyAdd(Tensor x, Tensor y, Tensor z, Tensor out) {
    Checks.floating(this, "multiplyAdd", "x", x);
    Checks.floating(this, "multiplyAdd", "y", y, x, x.elements());
    Checks.floating(this, "multiplyAdd", "z", z, x, x.elements());
    Checks.floating(this, "multiplyAdd", "out", out, x, x.elements());
    Checks.sameOrDisjoint("multiplyAdd", "out", out, x);
    Checks.sameOrDisjoint("multiplyAdd", "out", out, y);
    Checks.sameOrDisjoint("multiplyAdd", "out", out, z);
    computeMultiplyAdd(x, y, z, out);
  }

  /**
   * {@code out = min(max(x, low), high)}; NaN stays NaN.
   *
   * @param x any shape, read
   * @param out as many elements, overwritten
   */
  public final void clamp(double low, double high, Tensor x, Tensor out) {
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "clamp: low %s is not below high %s (give an interval)".formatted(low, high));
    }
    unary("clamp", x, out);
    computeClamp(low, high, x, out);
  }

  /**
   * {@code out[j,i] = x[i,j]}.
   *
   * @param x {@code [M,N]}, read
   * @param out {@code [N,M]}, overwritten; may not be x
   */
  public final void transpose2d(Tensor x, Tensor out) {
    Checks.floating(this, "transpose2d", "x", x);
    Checks.floating(this, "transpose2d", "out", out, x, x.elements());
    if (x.shape().rank() != 2
        || out.shape().rank() != 2
        || out.shape().dimension(0) != x.shape().dimension(1)) {
      throw new IllegalArgumentException(
          "transpose2d: 'x' is %s and 'out' is %s, expected [M,N] and [N,M]".formatted(x, out));
    }
    Checks.disjoint("transpose2d", "out", out, x);
    computeTranspose2d(x, out);
  }

  /**
   * {@code out[b,a,c] = x[a,b,c]}: from batch first to time first and back, or from one direction
   * after the other to both side by side.
   *
   * @param x {@code [A,B,C]}, read
   * @param out {@code [B,A,C]}, overwritten; no part of x
   */
  public final void swapAxes(Tensor x, Tensor out) {
    Checks.floating(this, "swapAxes", "x", x);
    Checks.floating(this, "swapAxes", "out", out, x, x.elements());
    Shape from = x.shape();
    if (from.rank() != 3
        || !out.shape().equals(Shape.of(from.dimension(1), from.dimension(0), from.dimension(2)))) {
      throw new IllegalArgumentException(
          "swapAxes: 'x' is %s and 'out' is %s, expected [A,B,C] and [B,A,C]".formatted(x, out));
    }
    Checks.disjoint("swapAxes", "out", out, x);
    computeSwapAxes(x, out);
  }

  private void unary(String name, Tensor x, Tensor out) {
    Checks.floating(this, name, "x", x);
    Checks.floating(this, name, "out", out, x, x.elements());
    Checks.sameOrDisjoint(name, "out", out, x);
  }

  private static long repeatedElements(Tensor x, Broadcast broadcast) {
    return switch (broadcast) {
      case SAME -> x.elements();
      case SCALAR -> 1;
      case ROW -> x.shape().columns();
      case CHANNEL -> x.shape().dimension(1);
    };
  }

  private static String name(Binary operation) {
    return switch (operation) {
      case ADD -> "add";
      case SUBTRACT -> "subtract";
      case MULTIPLY -> "multiply";
      case DIVIDE -> "divide";
    };
  }

  /** Computes {@link #binary} on checked operands. */
  protected abstract void computeBinary(
      Binary operation, Tensor x, Tensor y, Broadcast broadcast, Tensor out);

  /** Computes {@link #scale} on checked operands. */
  protected abstract void computeScale(double alpha, Tensor x, Tensor out);

  /** Computes {@link #axpy} on checked operands. */
  protected abstract void computeAxpy(double alpha, Tensor x, Tensor y);

  /** Computes {@link #multiplyAdd} on checked operands. */
  protected abstract void computeMultiplyAdd(Tensor x, Tensor y, Tensor z, Tensor out);

  /** Computes {@link #clamp} on checked operands. */
  protected abstract void computeClamp(double low, double high, Tensor x, Tensor out);

  /** Computes {@link #transpose2d} on checked operands. */
  protected abstract void computeTranspose2d(Tensor x, Tensor out);

  /** Computes {@link #swapAxes} on checked operands. */
  protected abstract void computeSwapAxes(Tensor x, Tensor out);
}

package dev.tandem.engine;

/**
 * Inverted dropout (Srivastava et al. 2014) with masks that are the same on every backend.
 *
 * <p>The mask is never stored: forward and backward compute it from the same numbers. Element i is
 * kept if word i mod 4 of {@link Philox}, with the seed as key and the counter {@code (i / 4,
 * stream, stepLow, stepHigh)}, is, read as unsigned, at least {@link #threshold}.
 */
public abstract class Dropout extends OperationFamily {
  /** The elements of the state tensor: seed (low, high) and step (low, high). */
  public static final int STATE_LENGTH = 4;

  /** Makes the family of a backend. */
  protected Dropout(Backend backend) {
    super(backend);
  }

  /**
   * Returns the unsigned 32-bit word below which an element is dropped at a rate: {@code round(rate
   * 2^32)}.
   */
  public static int threshold(double rate) {
    return (int) Math.min(0xFFFF_FFFFL, Math.round(rate * 0x1p32));
  }

  /**
   * {@code y = x / (1 - rate)} where kept, 0 where dropped (whatever x is there).
   *
   * @param rate the probability that an element is dropped, in [0,1)
   * @param stream tells layers with the same seed apart
   * @param state INT32 {@code [4]}: seedLow, seedHigh, stepLow, stepHigh; read. In a tensor, so
   *     that a captured step can be replayed with another mask.
   * @param x any shape, read
   * @param y as many elements, overwritten; may be x itself
   */
  public final void forward(double rate, int stream, Tensor state, Tensor x, Tensor y) {
    apply("dropout", rate, stream, state, x, y, "x", "y");
  }

  /**
   * {@code dx = dy / (1 - rate)} where kept, 0 where dropped. The mask is that of the forward pass
   * with the same rate, stream and state.
   *
   * @param rate as in the forward pass
   * @param stream as in the forward pass
   * @param state as in the forward pass, read
   * @param dy any shape, read
   * @param dx as many elements, overwritten; may be dy itself
   */
  public final void backward(double rate, int stream, Tensor state, Tensor dy, Tensor dx) {
    apply("dropout backward", rate, stream, state, dy, dx, "dy", "dx");
  }

  private void apply(
      String name,
      double rate,
      int stream,
      Tensor state,
      Tensor in,
      Tensor out,
      String inRole,
      String outRole) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "%s: rate is %s (give a number from 0 to below 1)".formatted(name, rate));
    }
    Checks.integer(this, name, "state", state);
    Checks.elements(name, "state", state, STATE_LENGTH);
    Checks.floating(this, name, inRole, in);
    Checks.floating(this, name, outRole, out, in, in.elements());
    Checks.sameOrDisjoint(name, outRole, out, in);
    compute(rate, stream, state, in, out);
  }

  /** Masks and scales; forward and backward are the same. */
  protected abstract void compute(double rate, int stream, Tensor state, Tensor in, Tensor out);
}

package dev.tandem.benchmarks.cases;

/**
 * The least that a run must do: its arithmetic, and each operand once to or from memory. What an
 * implementation does beyond (packing, a second pass, reading what another thread wrote) is not
 * work but its way of doing it.
 *
 * @param flops additions and multiplications of binary32; a function such as exp counts as those of
 *     the polynomial that approximates it, see {@link #EXP}
 * @param bytesRead operands read
 * @param bytesWritten results written
 */
public record Work(double flops, double bytesRead, double bytesWritten) {
  /**
   * The arithmetic of exp in binary32: two for the power of two, two for the remainder (Cody and
   * Waite 1980), twelve for a polynomial of degree 6.
   */
  public static final int EXP = 16;

  /** That of sigmoid and tanh: exp, an addition and a division, and a sign. */
  public static final int SIGMOID = EXP + 4;

  private static final int BYTES_PER_FLOAT = 4;

  /**
   * Counts.
   *
   * @param flops see {@link Work}
   * @param floatsRead binary32 or INT32 elements read
   * @param floatsWritten the same written
   */
  public static Work of(double flops, double floatsRead, double floatsWritten) {
    return new Work(flops, BYTES_PER_FLOAT * floatsRead, BYTES_PER_FLOAT * floatsWritten);
  }

  /** Returns all traffic. */
  public double bytes() {
    return bytesRead + bytesWritten;
  }

  /** Returns the arithmetic intensity: flops for each byte of traffic. */
  public double flopsPerByte() {
    return flops / bytes();
  }
}

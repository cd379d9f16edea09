package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;

/**
 * The product of one row of A with several panels of B at once. A tile of one row has two sums, and
 * each term of a sum waits for the one before it; with eight, loads are what limits. Every element
 * is the same sequence of operations as in {@link GemmKernels}.
 */
final class GemmRowKernel {
  private static final int PANELS = 4;

  /** The columns that are computed together. */
  static final int COLUMNS = PANELS * GemmKernels.COLUMNS;

  /** What is added if nothing is. */
  static final float[] ZEROS = new float[COLUMNS];

  private GemmRowKernel() {}

  /**
   * Computes {@code a B + addend} for {@link #COLUMNS} columns.
   *
   * @param step from one element of a to the next
   * @param panel from one panel of B to the next
   * @param next from one row of a panel to the next
   */
  static void run(
      int k,
      float[] a,
      int at,
      int step,
      float[] b,
      int from,
      int panel,
      int next,
      float[] addend,
      int atAddend,
      float[] c,
      int to) {
    FloatVector c0Low = FloatVector.zero(FLOATS);
    FloatVector c0High = FloatVector.zero(FLOATS);
    FloatVector c1Low = FloatVector.zero(FLOATS);
    FloatVector c1High = FloatVector.zero(FLOATS);
    FloatVector c2Low = FloatVector.zero(FLOATS);
    FloatVector c2High = FloatVector.zero(FLOATS);
    FloatVector c3Low = FloatVector.zero(FLOATS);
    FloatVector c3High = FloatVector.zero(FLOATS);
    int b0 = from;
    for (int p = 0; p < k; p++) {
      FloatVector x = FloatVector.broadcast(FLOATS, a[at + p * step]);
      int b1 = b0 + panel;
      int b2 = b1 + panel;
      int b3 = b2 + panel;
      c0Low = x.fma(FloatVector.fromArray(FLOATS, b, b0), c0Low);
      c0High = x.fma(FloatVector.fromArray(FLOATS, b, b0 + LENGTH), c0High);
      c1Low = x.fma(FloatVector.fromArray(FLOATS, b, b1), c1Low);
      c1High = x.fma(FloatVector.fromArray(FLOATS, b, b1 + LENGTH), c1High);
      c2Low = x.fma(FloatVector.fromArray(FLOATS, b, b2), c2Low);
      c2High = x.fma(FloatVector.fromArray(FLOATS, b, b2 + LENGTH), c2High);
      c3Low = x.fma(FloatVector.fromArray(FLOATS, b, b3), c3Low);
      c3High = x.fma(FloatVector.fromArray(FLOATS, b, b3 + LENGTH), c3High);
      b0 += next;
    }
    c0Low.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c0High.add(FloatVector.fromArray(FLOATS, addend, atAddend + LENGTH)).intoArray(c, to + LENGTH);
    c1Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * LENGTH))
        .intoArray(c, to + 2 * LENGTH);
    c1High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * LENGTH))
        .intoArray(c, to + 3 * LENGTH);
    c2Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 4 * LENGTH))
        .intoArray(c, to + 4 * LENGTH);
    c2High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 5 * LENGTH))
        .intoArray(c, to + 5 * LENGTH);
    c3Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 6 * LENGTH))
        .intoArray(c, to + 6 * LENGTH);
    c3High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 7 * LENGTH))
        .intoArray(c, to + 7 * LENGTH);
  }
}

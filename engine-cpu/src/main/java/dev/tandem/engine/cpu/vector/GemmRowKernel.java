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

  private GemmRowKernel() {}

  /** What is added if nothing is. */
  static final float[] ZEROS = new float[COLUMNS];

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
    store(c0Low, addend, atAddend, c, to, 0);
    store(c0High, addend, atAddend, c, to, LENGTH);
    store(c1Low, addend, atAddend, c, to, 2 * LENGTH);
    store(c1High, addend, atAddend, c, to, 3 * LENGTH);
    store(c2Low, addend, atAddend, c, to, 4 * LENGTH);
    store(c2High, addend, atAddend, c, to, 5 * LENGTH);
    store(c3Low, addend, atAddend, c, to, 6 * LENGTH);
    store(c3High, addend, atAddend, c, to, 7 * LENGTH);
  }

  private static void store(FloatVector sum, float[] addend, int from, float[] c, int to, int j) {
    sum.add(FloatVector.fromArray(FLOATS, addend, from + j)).intoArray(c, to + j);
  }
}

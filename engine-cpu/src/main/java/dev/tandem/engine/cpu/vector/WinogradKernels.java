package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of Winograd convolutions: those of {@link GemmKernels} on a panel of B whose
 * rows lie side by side, beginning with sums that are there already and writing the tile anywhere.
 * The products of short sums that this is about would pay for a tile apart with a tenth of their
 * time.
 *
 * <p>Element (i, k) of A lies at {@code a[at + i row + k step]}; row k of B at {@code b[from + k
 * COLUMNS]}; row i of the first sums at {@code start[atStart + i COLUMNS]} and of the result at
 * {@code out[to + i COLUMNS]}.
 */
final class WinogradKernels {
  /** The columns of a tile: two vectors. */
  static final int COLUMNS = GemmKernels.COLUMNS;

  private WinogradKernels() {}

  /** Computes the first rows of a tile, as many as there is a kernel for, and returns how many. */
  static int tile(
      int rows,
      int k,
      float[] a,
      int at,
      int row,
      int step,
      float[] b,
      int from,
      float[] start,
      int atStart,
      float[] out,
      int to) {
    if (rows >= GemmKernels.ROWS) {
      if (GemmKernels.ROWS == 8) {
        rows8(k, a, at, row, step, b, from, start, atStart, out, to);
      } else {
        rows6(k, a, at, row, step, b, from, start, atStart, out, to);
      }
      return GemmKernels.ROWS;
    }
    if (rows >= 4) {
      rows4(k, a, at, row, step, b, from, start, atStart, out, to);
      return 4;
    }
    if (rows >= 2) {
      rows2(k, a, at, row, step, b, from, start, atStart, out, to);
      return 2;
    }
    rows1(k, a, at, step, b, from, start, atStart, out, to);
    return 1;
  }

  private static void rows8(
      int k,
      float[] a,
      int at,
      int row,
      int step,
      float[] b,
      int from,
      float[] start,
      int atStart,
      float[] out,
      int to) {
    FloatVector c0Low = FloatVector.fromArray(FLOATS, start, atStart);
    FloatVector c0High = FloatVector.fromArray(FLOATS, start, atStart + LENGTH);
    FloatVector c1Low = FloatVector.fromArray(FLOATS, start, atStart + COLUMNS);
    FloatVector c1High = FloatVector.fromArray(FLOATS, start, atStart + COLUMNS + LENGTH);
    FloatVector c2Low = FloatVector.fromArray(FLOATS, start, atStart + 2 * COLUMNS);
    FloatVector c2High = FloatVector.fromArray(FLOATS, start, atStart + 2 * COLUMNS + LENGTH);
    FloatVector c3Low = FloatVector.fromArray(FLOATS, start, atStart + 3 * COLUMNS);
    FloatVector c3High = FloatVector.fromArray(FLOATS, start, atStart + 3 * COLUMNS + LENGTH);
    FloatVector c4Low = FloatVector.fromArray(FLOATS, start, atStart + 4 * COLUMNS);
    FloatVector c4High = FloatVector.fromArray(FLOATS, start, atStart + 4 * COLUMNS + LENGTH);
    FloatVector c5Low = FloatVector.fromArray(FLOATS, start, atStart + 5 * COLUMNS);
    FloatVector c5High = FloatVector.fromArray(FLOATS, start, atStart + 5 * COLUMNS + LENGTH);
    FloatVector c6Low = FloatVector.fromArray(FLOATS, start, atStart + 6 * COLUMNS);
    FloatVector c6High = FloatVector.fromArray(FLOATS, start, atStart + 6 * COLUMNS + LENGTH);
    FloatVector c7Low = FloatVector.fromArray(FLOATS, start, atStart + 7 * COLUMNS);
    FloatVector c7High = FloatVector.fromArray(FLOATS, start, atStart + 7 * COLUMNS + LENGTH);
    int a1 = at + row;
    int a2 = a1 + row;
    int a3 = a2 + row;
    int a4 = a3 + row;
    int a5 = a4 + row;
    int a6 = a5 + row;
    int a7 = a6 + row;
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[at + s]);
      c0Low = x.fma(low, c0Low);
      c0High = x.fma(high, c0High);
      x = FloatVector.broadcast(FLOATS, a[a1 + s]);
      c1Low = x.fma(low, c1Low);
      c1High = x.fma(high, c1High);
      x = FloatVector.broadcast(FLOATS, a[a2 + s]);
      c2Low = x.fma(low, c2Low);
      c2High = x.fma(high, c2High);
      x = FloatVector.broadcast(FLOATS, a[a3 + s]);
      c3Low = x.fma(low, c3Low);
      c3High = x.fma(high, c3High);
      x = FloatVector.broadcast(FLOATS, a[a4 + s]);
      c4Low = x.fma(low, c4Low);
      c4High = x.fma(high, c4High);
      x = FloatVector.broadcast(FLOATS, a[a5 + s]);
      c5Low = x.fma(low, c5Low);
      c5High = x.fma(high, c5High);
      x = FloatVector.broadcast(FLOATS, a[a6 + s]);
      c6Low = x.fma(low, c6Low);
      c6High = x.fma(high, c6High);
      x = FloatVector.broadcast(FLOATS, a[a7 + s]);
      c7Low = x.fma(low, c7Low);
      c7High = x.fma(high, c7High);
      atB += COLUMNS;
    }
    c0Low.intoArray(out, to);
    c0High.intoArray(out, to + LENGTH);
    c1Low.intoArray(out, to + COLUMNS);
    c1High.intoArray(out, to + COLUMNS + LENGTH);
    c2Low.intoArray(out, to + 2 * COLUMNS);
    c2High.intoArray(out, to + 2 * COLUMNS + LENGTH);
    c3Low.intoArray(out, to + 3 * COLUMNS);
    c3High.intoArray(out, to + 3 * COLUMNS + LENGTH);
    c4Low.intoArray(out, to + 4 * COLUMNS);
    c4High.intoArray(out, to + 4 * COLUMNS + LENGTH);
    c5Low.intoArray(out, to + 5 * COLUMNS);
    c5High.intoArray(out, to + 5 * COLUMNS + LENGTH);
    c6Low.intoArray(out, to + 6 * COLUMNS);
    c6High.intoArray(out, to + 6 * COLUMNS + LENGTH);
    c7Low.intoArray(out, to + 7 * COLUMNS);
    c7High.intoArray(out, to + 7 * COLUMNS + LENGTH);
  }

  private static void rows6(
      int k,
      float[] a,
      int at,
      int row,
      int step,
      float[] b,
      int from,
      float[] start,
      int atStart,
      float[] out,
      int to) {
    FloatVector c0Low = FloatVector.fromArray(FLOATS, start, atStart);
    FloatVector c0High = FloatVector.fromArray(FLOATS, start, atStart + LENGTH);
    FloatVector c1Low = FloatVector.fromArray(FLOATS, start, atStart + COLUMNS);
    FloatVector c1High = FloatVector.fromArray(FLOATS, start, atStart + COLUMNS + LENGTH);
    FloatVector c2Low = FloatVector.fromArray(FLOATS, start, atStart + 2 * COLUMNS);
    FloatVector c2High = FloatVector.fromArray(FLOATS, start, atStart + 2 * COLUMNS + LENGTH);
    FloatVector c3Low = FloatVector.fromArray(FLOATS, start, atStart + 3 * COLUMNS);
    FloatVector c3High = FloatVector.fromArray(FLOATS, start, atStart + 3 * COLUMNS + LENGTH);
    FloatVector c4Low = FloatVector.fromArray(FLOATS, start, atStart + 4 * COLUMNS);
    FloatVector c4High = FloatVector.fromArray(FLOATS, start, atStart + 4 * COLUMNS + LENGTH);
    FloatVector c5Low = FloatVector.fromArray(FLOATS, start, atStart + 5 * COLUMNS);
    FloatVector c5High = FloatVector.fromArray(FLOATS, start, atStart + 5 * COLUMNS + LENGTH);
    int a1 = at + row;
    int a2 = a1 + row;
    int a3 = a2 + row;
    int a4 = a3 + row;
    int a5 = a4 + row;
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[at + s]);
      c0Low = x.fma(low, c0Low);
      c0High = x.fma(high, c0High);
      x = FloatVector.broadcast(FLOATS, a[a1 + s]);
      c1Low = x.fma(low, c1Low);
      c1High = x.fma(high, c1High);
      x = FloatVector.broadcast(FLOATS, a[a2 + s]);
      c2Low = x.fma(low, c2Low);
      c2High = x.fma(high, c2High);
      x = FloatVector.broadcast(FLOATS, a[a3 + s]);
      c3Low = x.fma(low, c3Low);
      c3High = x.fma(high, c3High);
      x = FloatVector.broadcast(FLOATS, a[a4 + s]);
      c4Low = x.fma(low, c4Low);
      c4High = x.fma(high, c4High);
      x = FloatVector.broadcast(FLOATS, a[a5 + s]);
      c5Low = x.fma(low, c5Low);
      c5High = x.fma(high, c5High);
      atB += COLUMNS;
    }
    c0Low.intoArray(out, to);
    c0High.intoArray(out, to + LENGTH);
    c1Low.intoArray(out, to + COLUMNS);
    c1High.intoArray(out, to + COLUMNS + LENGTH);
    c2Low.intoArray(out, to + 2 * COLUMNS);
    c2High.intoArray(out, to + 2 * COLUMNS + LENGTH);
    c3Low.intoArray(out, to + 3 * COLUMNS);
    c3High.intoArray(out, to + 3 * COLUMNS + LENGTH);
    c4Low.intoArray(out, to + 4 * COLUMNS);
    c4High.intoArray(out, to + 4 * COLUMNS + LENGTH);
    c5Low.intoArray(out, to + 5 * COLUMNS);
    c5High.intoArray(out, to + 5 * COLUMNS + LENGTH);
  }

  private static void rows4(
      int k,
      float[] a,
      int at,
      int row,
      int step,
      float[] b,
      int from,
      float[] start,
      int atStart,
      float[] out,
      int to) {
    FloatVector c0Low = FloatVector.fromArray(FLOATS, start, atStart);
    FloatVector c0High = FloatVector.fromArray(FLOATS, start, atStart + LENGTH);
    FloatVector c1Low = FloatVector.fromArray(FLOATS, start, atStart + COLUMNS);
    FloatVector c1High = FloatVector.fromArray(FLOATS, start, atStart + COLUMNS + LENGTH);
    FloatVector c2Low = FloatVector.fromArray(FLOATS, start, atStart + 2 * COLUMNS);
    FloatVector c2High = FloatVector.fromArray(FLOATS, start, atStart + 2 * COLUMNS + LENGTH);
    FloatVector c3Low = FloatVector.fromArray(FLOATS, start, atStart + 3 * COLUMNS);
    FloatVector c3High = FloatVector.fromArray(FLOATS, start, atStart + 3 * COLUMNS + LENGTH);
    int a1 = at + row;
    int a2 = a1 + row;
    int a3 = a2 + row;
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[at + s]);
      c0Low = x.fma(low, c0Low);
      c0High = x.fma(high, c0High);
      x = FloatVector.broadcast(FLOATS, a[a1 + s]);
      c1Low = x.fma(low, c1Low);
      c1High = x.fma(high, c1High);
      x = FloatVector.broadcast(FLOATS, a[a2 + s]);
      c2Low = x.fma(low, c2Low);
      c2High = x.fma(high, c2High);
      x = FloatVector.broadcast(FLOATS, a[a3 + s]);
      c3Low = x.fma(low, c3Low);
      c3High = x.fma(high, c3High);
      atB += COLUMNS;
    }
    c0Low.intoArray(out, to);
    c0High.intoArray(out, to + LENGTH);
    c1Low.intoArray(out, to + COLUMNS);
    c1High.intoArray(out, to + COLUMNS + LENGTH);
    c2Low.intoArray(out, to + 2 * COLUMNS);
    c2High.intoArray(out, to + 2 * COLUMNS + LENGTH);
    c3Low.intoArray(out, to + 3 * COLUMNS);
    c3High.intoArray(out, to + 3 * COLUMNS + LENGTH);
  }

  private static void rows2(
      int k,
      float[] a,
      int at,
      int row,
      int step,
      float[] b,
      int from,
      float[] start,
      int atStart,
      float[] out,
      int to) {
    FloatVector c0Low = FloatVector.fromArray(FLOATS, start, atStart);
    FloatVector c0High = FloatVector.fromArray(FLOATS, start, atStart + LENGTH);
    FloatVector c1Low = FloatVector.fromArray(FLOATS, start, atStart + COLUMNS);
    FloatVector c1High = FloatVector.fromArray(FLOATS, start, atStart + COLUMNS + LENGTH);
    int a1 = at + row;
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[at + s]);
      c0Low = x.fma(low, c0Low);
      c0High = x.fma(high, c0High);
      x = FloatVector.broadcast(FLOATS, a[a1 + s]);
      c1Low = x.fma(low, c1Low);
      c1High = x.fma(high, c1High);
      atB += COLUMNS;
    }
    c0Low.intoArray(out, to);
    c0High.intoArray(out, to + LENGTH);
    c1Low.intoArray(out, to + COLUMNS);
    c1High.intoArray(out, to + COLUMNS + LENGTH);
  }

  private static void rows1(
      int k,
      float[] a,
      int at,
      int step,
      float[] b,
      int from,
      float[] start,
      int atStart,
      float[] out,
      int to) {
    FloatVector c0Low = FloatVector.fromArray(FLOATS, start, atStart);
    FloatVector c0High = FloatVector.fromArray(FLOATS, start, atStart + LENGTH);
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[at + s]);
      c0Low = x.fma(low, c0Low);
      c0High = x.fma(high, c0High);
      atB += COLUMNS;
    }
    c0Low.intoArray(out, to);
    c0High.intoArray(out, to + LENGTH);
  }
}

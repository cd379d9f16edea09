package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of convolutions: those of {@link GemmKernels} on operands whose rows lie
 * anywhere, so that patches of pictures need not be copied.
 *
 * <p>Element (i, p) of A lies at {@code a[at + rows[first + i] + p step]}; row p of B lies at
 * {@code b[from + offsets[p]]}. The step is always 1; as a constant it made the loops slower, as it
 * did in the matrix product (docs/performance.md).
 */
final class ConvKernels {
  /** The columns of a tile: two vectors. */
  static final int COLUMNS = GemmKernels.COLUMNS;

  private ConvKernels() {}

  /** Computes the first rows of a tile, as many as there is a kernel for, and returns how many. */
  static int tile(
      int rowCount,
      int k,
      float[] a,
      int at,
      int[] rows,
      int first,
      int step,
      float[] b,
      int from,
      int[] offsets,
      float[] tile) {
    if (rowCount >= GemmKernels.ROWS) {
      if (GemmKernels.ROWS == 8) {
        rows8(k, a, at, rows, first, step, b, from, offsets, tile);
      } else {
        rows6(k, a, at, rows, first, step, b, from, offsets, tile);
      }
      return GemmKernels.ROWS;
    }
    if (rowCount >= 4) {
      rows4(k, a, at, rows, first, step, b, from, offsets, tile);
      return 4;
    }
    if (rowCount >= 2) {
      rows2(k, a, at, rows, first, step, b, from, offsets, tile);
      return 2;
    }
    rows1(k, a, at, rows, first, step, b, from, offsets, tile);
    return 1;
  }

  private static void rows8(
      int k,
      float[] a,
      int at,
      int[] rows,
      int first,
      int step,
      float[] b,
      int from,
      int[] offsets,
      float[] tile) {
    FloatVector c0Low = FloatVector.zero(FLOATS);
    FloatVector c0High = FloatVector.zero(FLOATS);
    FloatVector c1Low = FloatVector.zero(FLOATS);
    FloatVector c1High = FloatVector.zero(FLOATS);
    FloatVector c2Low = FloatVector.zero(FLOATS);
    FloatVector c2High = FloatVector.zero(FLOATS);
    FloatVector c3Low = FloatVector.zero(FLOATS);
    FloatVector c3High = FloatVector.zero(FLOATS);
    FloatVector c4Low = FloatVector.zero(FLOATS);
    FloatVector c4High = FloatVector.zero(FLOATS);
    FloatVector c5Low = FloatVector.zero(FLOATS);
    FloatVector c5High = FloatVector.zero(FLOATS);
    FloatVector c6Low = FloatVector.zero(FLOATS);
    FloatVector c6High = FloatVector.zero(FLOATS);
    FloatVector c7Low = FloatVector.zero(FLOATS);
    FloatVector c7High = FloatVector.zero(FLOATS);
    int a0 = at + rows[first];
    int a1 = at + rows[first + 1];
    int a2 = at + rows[first + 2];
    int a3 = at + rows[first + 3];
    int a4 = at + rows[first + 4];
    int a5 = at + rows[first + 5];
    int a6 = at + rows[first + 6];
    int a7 = at + rows[first + 7];
    for (int p = 0, s = 0; p < k; p++, s += step) {
      int atB = from + offsets[p];
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + s]);
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
    }
    c0Low.intoArray(tile, 0);
    c0High.intoArray(tile, LENGTH);
    c1Low.intoArray(tile, COLUMNS);
    c1High.intoArray(tile, COLUMNS + LENGTH);
    c2Low.intoArray(tile, 2 * COLUMNS);
    c2High.intoArray(tile, 2 * COLUMNS + LENGTH);
    c3Low.intoArray(tile, 3 * COLUMNS);
    c3High.intoArray(tile, 3 * COLUMNS + LENGTH);
    c4Low.intoArray(tile, 4 * COLUMNS);
    c4High.intoArray(tile, 4 * COLUMNS + LENGTH);
    c5Low.intoArray(tile, 5 * COLUMNS);
    c5High.intoArray(tile, 5 * COLUMNS + LENGTH);
    c6Low.intoArray(tile, 6 * COLUMNS);
    c6High.intoArray(tile, 6 * COLUMNS + LENGTH);
    c7Low.intoArray(tile, 7 * COLUMNS);
    c7High.intoArray(tile, 7 * COLUMNS + LENGTH);
  }

  private static void rows6(
      int k,
      float[] a,
      int at,
      int[] rows,
      int first,
      int step,
      float[] b,
      int from,
      int[] offsets,
      float[] tile) {
    FloatVector c0Low = FloatVector.zero(FLOATS);
    FloatVector c0High = FloatVector.zero(FLOATS);
    FloatVector c1Low = FloatVector.zero(FLOATS);
    FloatVector c1High = FloatVector.zero(FLOATS);
    FloatVector c2Low = FloatVector.zero(FLOATS);
    FloatVector c2High = FloatVector.zero(FLOATS);
    FloatVector c3Low = FloatVector.zero(FLOATS);
    FloatVector c3High = FloatVector.zero(FLOATS);
    FloatVector c4Low = FloatVector.zero(FLOATS);
    FloatVector c4High = FloatVector.zero(FLOATS);
    FloatVector c5Low = FloatVector.zero(FLOATS);
    FloatVector c5High = FloatVector.zero(FLOATS);
    int a0 = at + rows[first];
    int a1 = at + rows[first + 1];
    int a2 = at + rows[first + 2];
    int a3 = at + rows[first + 3];
    int a4 = at + rows[first + 4];
    int a5 = at + rows[first + 5];
    for (int p = 0, s = 0; p < k; p++, s += step) {
      int atB = from + offsets[p];
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + s]);
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
    }
    c0Low.intoArray(tile, 0);
    c0High.intoArray(tile, LENGTH);
    c1Low.intoArray(tile, COLUMNS);
    c1High.intoArray(tile, COLUMNS + LENGTH);
    c2Low.intoArray(tile, 2 * COLUMNS);
    c2High.intoArray(tile, 2 * COLUMNS + LENGTH);
    c3Low.intoArray(tile, 3 * COLUMNS);
    c3High.intoArray(tile, 3 * COLUMNS + LENGTH);
    c4Low.intoArray(tile, 4 * COLUMNS);
    c4High.intoArray(tile, 4 * COLUMNS + LENGTH);
    c5Low.intoArray(tile, 5 * COLUMNS);
    c5High.intoArray(tile, 5 * COLUMNS + LENGTH);
  }

  private static void rows4(
      int k,
      float[] a,
      int at,
      int[] rows,
      int first,
      int step,
      float[] b,
      int from,
      int[] offsets,
      float[] tile) {
    FloatVector c0Low = FloatVector.zero(FLOATS);
    FloatVector c0High = FloatVector.zero(FLOATS);
    FloatVector c1Low = FloatVector.zero(FLOATS);
    FloatVector c1High = FloatVector.zero(FLOATS);
    FloatVector c2Low = FloatVector.zero(FLOATS);
    FloatVector c2High = FloatVector.zero(FLOATS);
    FloatVector c3Low = FloatVector.zero(FLOATS);
    FloatVector c3High = FloatVector.zero(FLOATS);
    int a0 = at + rows[first];
    int a1 = at + rows[first + 1];
    int a2 = at + rows[first + 2];
    int a3 = at + rows[first + 3];
    for (int p = 0, s = 0; p < k; p++, s += step) {
      int atB = from + offsets[p];
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + s]);
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
    }
    c0Low.intoArray(tile, 0);
    c0High.intoArray(tile, LENGTH);
    c1Low.intoArray(tile, COLUMNS);
    c1High.intoArray(tile, COLUMNS + LENGTH);
    c2Low.intoArray(tile, 2 * COLUMNS);
    c2High.intoArray(tile, 2 * COLUMNS + LENGTH);
    c3Low.intoArray(tile, 3 * COLUMNS);
    c3High.intoArray(tile, 3 * COLUMNS + LENGTH);
  }

  private static void rows2(
      int k,
      float[] a,
      int at,
      int[] rows,
      int first,
      int step,
      float[] b,
      int from,
      int[] offsets,
      float[] tile) {
    FloatVector c0Low = FloatVector.zero(FLOATS);
    FloatVector c0High = FloatVector.zero(FLOATS);
    FloatVector c1Low = FloatVector.zero(FLOATS);
    FloatVector c1High = FloatVector.zero(FLOATS);
    int a0 = at + rows[first];
    int a1 = at + rows[first + 1];
    for (int p = 0, s = 0; p < k; p++, s += step) {
      int atB = from + offsets[p];
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + s]);
      c0Low = x.fma(low, c0Low);
      c0High = x.fma(high, c0High);
      x = FloatVector.broadcast(FLOATS, a[a1 + s]);
      c1Low = x.fma(low, c1Low);
      c1High = x.fma(high, c1High);
    }
    c0Low.intoArray(tile, 0);
    c0High.intoArray(tile, LENGTH);
    c1Low.intoArray(tile, COLUMNS);
    c1High.intoArray(tile, COLUMNS + LENGTH);
  }

  private static void rows1(
      int k,
      float[] a,
      int at,
      int[] rows,
      int first,
      int step,
      float[] b,
      int from,
      int[] offsets,
      float[] tile) {
    FloatVector c0Low = FloatVector.zero(FLOATS);
    FloatVector c0High = FloatVector.zero(FLOATS);
    int a0 = at + rows[first];
    for (int p = 0, s = 0; p < k; p++, s += step) {
      int atB = from + offsets[p];
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[a0 + s]);
      c0Low = x.fma(low, c0Low);
      c0High = x.fma(high, c0High);
    }
    c0Low.intoArray(tile, 0);
    c0High.intoArray(tile, LENGTH);
  }
}

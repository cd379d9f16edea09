package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of matrix products: a tile of A B of some rows and {@link #COLUMNS} columns,
 * with every element of it in a register while the loop runs over K.
 *
 * <p>Element (i, k) of A lies at {@code a[at + i row + k step]}, so that A needs no packing,
 * transposed or not: addresses that are worked out in the loop cost nothing beside the
 * multiplications (docs/performance.md). Row k of B lies at {@code b[from + k next]}.
 *
 * <p>One method for each number of rows, because a vector in an array or a field is an object in
 * memory. They write the bare tile: with factors and C read here as well, C2 gives up inlining in
 * the middle of a method (NodeCountInliningCutoff), and every vector becomes an object.
 */
final class GemmKernels {
  /** The columns of a tile: two vectors. */
  static final int COLUMNS = 2 * LENGTH;

  /**
   * The rows of a full tile. 8 rows take 16 accumulators, two vectors of B and one of A. AVX2 has
   * 16 registers in all, so its tile has 6 rows and 12 accumulators.
   */
  static final int ROWS = FLOATS.vectorBitSize() == 256 ? 6 : 8;

  private GemmKernels() {}

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
      int next,
      float[] tile) {
    if (rows >= ROWS) {
      if (ROWS == 8) {
        rows8(k, a, at, row, step, b, from, next, tile);
      } else {
        rows6(k, a, at, row, step, b, from, next, tile);
      }
      return ROWS;
    }
    if (rows >= 4) {
      rows4(k, a, at, row, step, b, from, next, tile);
      return 4;
    }
    if (rows >= 2) {
      rows2(k, a, at, row, step, b, from, next, tile);
      return 2;
    }
    rows1(k, a, at, step, b, from, next, tile);
    return 1;
  }

  private static void rows8(
      int k, float[] a, int at, int row, int step, float[] b, int from, int next, float[] tile) {
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
      atB += next;
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
      int k, float[] a, int at, int row, int step, float[] b, int from, int next, float[] tile) {
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
      atB += next;
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
      int k, float[] a, int at, int row, int step, float[] b, int from, int next, float[] tile) {
    FloatVector c0Low = FloatVector.zero(FLOATS);
    FloatVector c0High = FloatVector.zero(FLOATS);
    FloatVector c1Low = FloatVector.zero(FLOATS);
    FloatVector c1High = FloatVector.zero(FLOATS);
    FloatVector c2Low = FloatVector.zero(FLOATS);
    FloatVector c2High = FloatVector.zero(FLOATS);
    FloatVector c3Low = FloatVector.zero(FLOATS);
    FloatVector c3High = FloatVector.zero(FLOATS);
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
      atB += next;
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
      int k, float[] a, int at, int row, int step, float[] b, int from, int next, float[] tile) {
    FloatVector c0Low = FloatVector.zero(FLOATS);
    FloatVector c0High = FloatVector.zero(FLOATS);
    FloatVector c1Low = FloatVector.zero(FLOATS);
    FloatVector c1High = FloatVector.zero(FLOATS);
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
      atB += next;
    }
    c0Low.intoArray(tile, 0);
    c0High.intoArray(tile, LENGTH);
    c1Low.intoArray(tile, COLUMNS);
    c1High.intoArray(tile, COLUMNS + LENGTH);
  }

  private static void rows1(
      int k, float[] a, int at, int step, float[] b, int from, int next, float[] tile) {
    FloatVector c0Low = FloatVector.zero(FLOATS);
    FloatVector c0High = FloatVector.zero(FLOATS);
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector low = FloatVector.fromArray(FLOATS, b, atB);
      FloatVector high = FloatVector.fromArray(FLOATS, b, atB + LENGTH);
      FloatVector x = FloatVector.broadcast(FLOATS, a[at + s]);
      c0Low = x.fma(low, c0Low);
      c0High = x.fma(high, c0High);
      atB += next;
    }
    c0Low.intoArray(tile, 0);
    c0High.intoArray(tile, LENGTH);
  }
}

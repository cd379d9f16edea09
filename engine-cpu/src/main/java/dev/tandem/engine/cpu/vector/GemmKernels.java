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

  /** What is added to a tile if nothing is. */
  static final float[] ZEROS = new float[COLUMNS];

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
    return tile(rows, k, a, at, row, step, b, from, next, ZEROS, 0, 0, tile, 0, COLUMNS);
  }

  /**
   * The same into C: row i is {@code A B + addend}, with the addend at {@code atAddend + i
   * nextAddend}, and goes to {@code c[to + i nextRow]}. The addend may be C itself.
   */
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
      float[] addend,
      int atAddend,
      int nextAddend,
      float[] c,
      int to,
      int nextRow) {
    if (rows >= ROWS) {
      if (ROWS == 8) {
        rows8(k, a, at, row, step, b, from, next, addend, atAddend, nextAddend, c, to, nextRow);
      } else {
        rows6(k, a, at, row, step, b, from, next, addend, atAddend, nextAddend, c, to, nextRow);
      }
      return ROWS;
    }
    if (rows >= 4) {
      rows4(k, a, at, row, step, b, from, next, addend, atAddend, nextAddend, c, to, nextRow);
      return 4;
    }
    if (rows >= 2) {
      rows2(k, a, at, row, step, b, from, next, addend, atAddend, nextAddend, c, to, nextRow);
      return 2;
    }
    rows1(k, a, at, step, b, from, next, addend, atAddend, c, to);
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
      int next,
      float[] addend,
      int atAddend,
      int nextAddend,
      float[] c,
      int to,
      int nextRow) {
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
    c0Low.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c0High.add(FloatVector.fromArray(FLOATS, addend, atAddend + LENGTH)).intoArray(c, to + LENGTH);
    c1Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend))
        .intoArray(c, to + nextRow);
    c1High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend + LENGTH))
        .intoArray(c, to + nextRow + LENGTH);
    c2Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * nextAddend))
        .intoArray(c, to + 2 * nextRow);
    c2High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * nextAddend + LENGTH))
        .intoArray(c, to + 2 * nextRow + LENGTH);
    c3Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * nextAddend))
        .intoArray(c, to + 3 * nextRow);
    c3High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * nextAddend + LENGTH))
        .intoArray(c, to + 3 * nextRow + LENGTH);
    c4Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 4 * nextAddend))
        .intoArray(c, to + 4 * nextRow);
    c4High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 4 * nextAddend + LENGTH))
        .intoArray(c, to + 4 * nextRow + LENGTH);
    c5Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 5 * nextAddend))
        .intoArray(c, to + 5 * nextRow);
    c5High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 5 * nextAddend + LENGTH))
        .intoArray(c, to + 5 * nextRow + LENGTH);
    c6Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 6 * nextAddend))
        .intoArray(c, to + 6 * nextRow);
    c6High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 6 * nextAddend + LENGTH))
        .intoArray(c, to + 6 * nextRow + LENGTH);
    c7Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 7 * nextAddend))
        .intoArray(c, to + 7 * nextRow);
    c7High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 7 * nextAddend + LENGTH))
        .intoArray(c, to + 7 * nextRow + LENGTH);
  }

  private static void rows6(
      int k,
      float[] a,
      int at,
      int row,
      int step,
      float[] b,
      int from,
      int next,
      float[] addend,
      int atAddend,
      int nextAddend,
      float[] c,
      int to,
      int nextRow) {
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
    c0Low.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c0High.add(FloatVector.fromArray(FLOATS, addend, atAddend + LENGTH)).intoArray(c, to + LENGTH);
    c1Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend))
        .intoArray(c, to + nextRow);
    c1High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend + LENGTH))
        .intoArray(c, to + nextRow + LENGTH);
    c2Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * nextAddend))
        .intoArray(c, to + 2 * nextRow);
    c2High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * nextAddend + LENGTH))
        .intoArray(c, to + 2 * nextRow + LENGTH);
    c3Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * nextAddend))
        .intoArray(c, to + 3 * nextRow);
    c3High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * nextAddend + LENGTH))
        .intoArray(c, to + 3 * nextRow + LENGTH);
    c4Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 4 * nextAddend))
        .intoArray(c, to + 4 * nextRow);
    c4High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 4 * nextAddend + LENGTH))
        .intoArray(c, to + 4 * nextRow + LENGTH);
    c5Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 5 * nextAddend))
        .intoArray(c, to + 5 * nextRow);
    c5High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 5 * nextAddend + LENGTH))
        .intoArray(c, to + 5 * nextRow + LENGTH);
  }

  private static void rows4(
      int k,
      float[] a,
      int at,
      int row,
      int step,
      float[] b,
      int from,
      int next,
      float[] addend,
      int atAddend,
      int nextAddend,
      float[] c,
      int to,
      int nextRow) {
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
    c0Low.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c0High.add(FloatVector.fromArray(FLOATS, addend, atAddend + LENGTH)).intoArray(c, to + LENGTH);
    c1Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend))
        .intoArray(c, to + nextRow);
    c1High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend + LENGTH))
        .intoArray(c, to + nextRow + LENGTH);
    c2Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * nextAddend))
        .intoArray(c, to + 2 * nextRow);
    c2High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * nextAddend + LENGTH))
        .intoArray(c, to + 2 * nextRow + LENGTH);
    c3Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * nextAddend))
        .intoArray(c, to + 3 * nextRow);
    c3High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * nextAddend + LENGTH))
        .intoArray(c, to + 3 * nextRow + LENGTH);
  }

  private static void rows2(
      int k,
      float[] a,
      int at,
      int row,
      int step,
      float[] b,
      int from,
      int next,
      float[] addend,
      int atAddend,
      int nextAddend,
      float[] c,
      int to,
      int nextRow) {
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
    c0Low.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c0High.add(FloatVector.fromArray(FLOATS, addend, atAddend + LENGTH)).intoArray(c, to + LENGTH);
    c1Low
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend))
        .intoArray(c, to + nextRow);
    c1High
        .add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend + LENGTH))
        .intoArray(c, to + nextRow + LENGTH);
  }

  private static void rows1(
      int k,
      float[] a,
      int at,
      int step,
      float[] b,
      int from,
      int next,
      float[] addend,
      int atAddend,
      float[] c,
      int to) {
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
    c0Low.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c0High.add(FloatVector.fromArray(FLOATS, addend, atAddend + LENGTH)).intoArray(c, to + LENGTH);
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;

/**
 * The kernels of {@link GemmKernels} with one vector of columns instead of two: for the last
 * columns of C, and for a C of a few classes. 8 accumulators are enough to hide the latency of a
 * multiplication.
 */
final class GemmNarrowKernels {
  /** The columns of a tile. */
  static final int COLUMNS = LENGTH;

  private GemmNarrowKernels() {}

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
    return tile(
        rows, k, a, at, row, step, b, from, next, GemmKernels.ZEROS, 0, 0, tile, 0, COLUMNS);
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
    if (rows >= GemmKernels.ROWS) {
      if (GemmKernels.ROWS == 8) {
        rows8(k, a, at, row, step, b, from, next, addend, atAddend, nextAddend, c, to, nextRow);
      } else {
        rows6(k, a, at, row, step, b, from, next, addend, atAddend, nextAddend, c, to, nextRow);
      }
      return GemmKernels.ROWS;
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
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    FloatVector c2 = FloatVector.zero(FLOATS);
    FloatVector c3 = FloatVector.zero(FLOATS);
    FloatVector c4 = FloatVector.zero(FLOATS);
    FloatVector c5 = FloatVector.zero(FLOATS);
    FloatVector c6 = FloatVector.zero(FLOATS);
    FloatVector c7 = FloatVector.zero(FLOATS);
    int a1 = at + row;
    int a2 = a1 + row;
    int a3 = a2 + row;
    int a4 = a3 + row;
    int a5 = a4 + row;
    int a6 = a5 + row;
    int a7 = a6 + row;
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[at + s]).fma(y, c0);
      c1 = FloatVector.broadcast(FLOATS, a[a1 + s]).fma(y, c1);
      c2 = FloatVector.broadcast(FLOATS, a[a2 + s]).fma(y, c2);
      c3 = FloatVector.broadcast(FLOATS, a[a3 + s]).fma(y, c3);
      c4 = FloatVector.broadcast(FLOATS, a[a4 + s]).fma(y, c4);
      c5 = FloatVector.broadcast(FLOATS, a[a5 + s]).fma(y, c5);
      c6 = FloatVector.broadcast(FLOATS, a[a6 + s]).fma(y, c6);
      c7 = FloatVector.broadcast(FLOATS, a[a7 + s]).fma(y, c7);
      atB += next;
    }
    c0.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c1.add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend)).intoArray(c, to + nextRow);
    c2.add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * nextAddend))
        .intoArray(c, to + 2 * nextRow);
    c3.add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * nextAddend))
        .intoArray(c, to + 3 * nextRow);
    c4.add(FloatVector.fromArray(FLOATS, addend, atAddend + 4 * nextAddend))
        .intoArray(c, to + 4 * nextRow);
    c5.add(FloatVector.fromArray(FLOATS, addend, atAddend + 5 * nextAddend))
        .intoArray(c, to + 5 * nextRow);
    c6.add(FloatVector.fromArray(FLOATS, addend, atAddend + 6 * nextAddend))
        .intoArray(c, to + 6 * nextRow);
    c7.add(FloatVector.fromArray(FLOATS, addend, atAddend + 7 * nextAddend))
        .intoArray(c, to + 7 * nextRow);
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
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    FloatVector c2 = FloatVector.zero(FLOATS);
    FloatVector c3 = FloatVector.zero(FLOATS);
    FloatVector c4 = FloatVector.zero(FLOATS);
    FloatVector c5 = FloatVector.zero(FLOATS);
    int a1 = at + row;
    int a2 = a1 + row;
    int a3 = a2 + row;
    int a4 = a3 + row;
    int a5 = a4 + row;
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[at + s]).fma(y, c0);
      c1 = FloatVector.broadcast(FLOATS, a[a1 + s]).fma(y, c1);
      c2 = FloatVector.broadcast(FLOATS, a[a2 + s]).fma(y, c2);
      c3 = FloatVector.broadcast(FLOATS, a[a3 + s]).fma(y, c3);
      c4 = FloatVector.broadcast(FLOATS, a[a4 + s]).fma(y, c4);
      c5 = FloatVector.broadcast(FLOATS, a[a5 + s]).fma(y, c5);
      atB += next;
    }
    c0.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c1.add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend)).intoArray(c, to + nextRow);
    c2.add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * nextAddend))
        .intoArray(c, to + 2 * nextRow);
    c3.add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * nextAddend))
        .intoArray(c, to + 3 * nextRow);
    c4.add(FloatVector.fromArray(FLOATS, addend, atAddend + 4 * nextAddend))
        .intoArray(c, to + 4 * nextRow);
    c5.add(FloatVector.fromArray(FLOATS, addend, atAddend + 5 * nextAddend))
        .intoArray(c, to + 5 * nextRow);
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
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    FloatVector c2 = FloatVector.zero(FLOATS);
    FloatVector c3 = FloatVector.zero(FLOATS);
    int a1 = at + row;
    int a2 = a1 + row;
    int a3 = a2 + row;
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[at + s]).fma(y, c0);
      c1 = FloatVector.broadcast(FLOATS, a[a1 + s]).fma(y, c1);
      c2 = FloatVector.broadcast(FLOATS, a[a2 + s]).fma(y, c2);
      c3 = FloatVector.broadcast(FLOATS, a[a3 + s]).fma(y, c3);
      atB += next;
    }
    c0.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c1.add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend)).intoArray(c, to + nextRow);
    c2.add(FloatVector.fromArray(FLOATS, addend, atAddend + 2 * nextAddend))
        .intoArray(c, to + 2 * nextRow);
    c3.add(FloatVector.fromArray(FLOATS, addend, atAddend + 3 * nextAddend))
        .intoArray(c, to + 3 * nextRow);
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
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    int a1 = at + row;
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[at + s]).fma(y, c0);
      c1 = FloatVector.broadcast(FLOATS, a[a1 + s]).fma(y, c1);
      atB += next;
    }
    c0.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
    c1.add(FloatVector.fromArray(FLOATS, addend, atAddend + nextAddend)).intoArray(c, to + nextRow);
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
    FloatVector c0 = FloatVector.zero(FLOATS);
    int atB = from;
    for (int p = 0, s = 0; p < k; p++, s += step) {
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[at + s]).fma(y, c0);
      atB += next;
    }
    c0.add(FloatVector.fromArray(FLOATS, addend, atAddend)).intoArray(c, to);
  }
}

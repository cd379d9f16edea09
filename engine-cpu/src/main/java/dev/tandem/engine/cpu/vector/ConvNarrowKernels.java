package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;

/** The kernels of {@link ConvKernels} with one vector of columns instead of two. */
final class ConvNarrowKernels {
  /** The columns of a tile. */
  static final int COLUMNS = LENGTH;

  private ConvNarrowKernels() {}

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
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    FloatVector c2 = FloatVector.zero(FLOATS);
    FloatVector c3 = FloatVector.zero(FLOATS);
    FloatVector c4 = FloatVector.zero(FLOATS);
    FloatVector c5 = FloatVector.zero(FLOATS);
    FloatVector c6 = FloatVector.zero(FLOATS);
    FloatVector c7 = FloatVector.zero(FLOATS);
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
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[a0 + s]).fma(y, c0);
      c1 = FloatVector.broadcast(FLOATS, a[a1 + s]).fma(y, c1);
      c2 = FloatVector.broadcast(FLOATS, a[a2 + s]).fma(y, c2);
      c3 = FloatVector.broadcast(FLOATS, a[a3 + s]).fma(y, c3);
      c4 = FloatVector.broadcast(FLOATS, a[a4 + s]).fma(y, c4);
      c5 = FloatVector.broadcast(FLOATS, a[a5 + s]).fma(y, c5);
      c6 = FloatVector.broadcast(FLOATS, a[a6 + s]).fma(y, c6);
      c7 = FloatVector.broadcast(FLOATS, a[a7 + s]).fma(y, c7);
    }
    c0.intoArray(tile, 0);
    c1.intoArray(tile, COLUMNS);
    c2.intoArray(tile, 2 * COLUMNS);
    c3.intoArray(tile, 3 * COLUMNS);
    c4.intoArray(tile, 4 * COLUMNS);
    c5.intoArray(tile, 5 * COLUMNS);
    c6.intoArray(tile, 6 * COLUMNS);
    c7.intoArray(tile, 7 * COLUMNS);
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
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    FloatVector c2 = FloatVector.zero(FLOATS);
    FloatVector c3 = FloatVector.zero(FLOATS);
    FloatVector c4 = FloatVector.zero(FLOATS);
    FloatVector c5 = FloatVector.zero(FLOATS);
    int a0 = at + rows[first];
    int a1 = at + rows[first + 1];
    int a2 = at + rows[first + 2];
    int a3 = at + rows[first + 3];
    int a4 = at + rows[first + 4];
    int a5 = at + rows[first + 5];
    for (int p = 0, s = 0; p < k; p++, s += step) {
      int atB = from + offsets[p];
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[a0 + s]).fma(y, c0);
      c1 = FloatVector.broadcast(FLOATS, a[a1 + s]).fma(y, c1);
      c2 = FloatVector.broadcast(FLOATS, a[a2 + s]).fma(y, c2);
      c3 = FloatVector.broadcast(FLOATS, a[a3 + s]).fma(y, c3);
      c4 = FloatVector.broadcast(FLOATS, a[a4 + s]).fma(y, c4);
      c5 = FloatVector.broadcast(FLOATS, a[a5 + s]).fma(y, c5);
    }
    c0.intoArray(tile, 0);
    c1.intoArray(tile, COLUMNS);
    c2.intoArray(tile, 2 * COLUMNS);
    c3.intoArray(tile, 3 * COLUMNS);
    c4.intoArray(tile, 4 * COLUMNS);
    c5.intoArray(tile, 5 * COLUMNS);
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
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    FloatVector c2 = FloatVector.zero(FLOATS);
    FloatVector c3 = FloatVector.zero(FLOATS);
    int a0 = at + rows[first];
    int a1 = at + rows[first + 1];
    int a2 = at + rows[first + 2];
    int a3 = at + rows[first + 3];
    for (int p = 0, s = 0; p < k; p++, s += step) {
      int atB = from + offsets[p];
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[a0 + s]).fma(y, c0);
      c1 = FloatVector.broadcast(FLOATS, a[a1 + s]).fma(y, c1);
      c2 = FloatVector.broadcast(FLOATS, a[a2 + s]).fma(y, c2);
      c3 = FloatVector.broadcast(FLOATS, a[a3 + s]).fma(y, c3);
    }
    c0.intoArray(tile, 0);
    c1.intoArray(tile, COLUMNS);
    c2.intoArray(tile, 2 * COLUMNS);
    c3.intoArray(tile, 3 * COLUMNS);
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
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    int a0 = at + rows[first];
    int a1 = at + rows[first + 1];
    for (int p = 0, s = 0; p < k; p++, s += step) {
      int atB = from + offsets[p];
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[a0 + s]).fma(y, c0);
      c1 = FloatVector.broadcast(FLOATS, a[a1 + s]).fma(y, c1);
    }
    c0.intoArray(tile, 0);
    c1.intoArray(tile, COLUMNS);
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
    FloatVector c0 = FloatVector.zero(FLOATS);
    int a0 = at + rows[first];
    for (int p = 0, s = 0; p < k; p++, s += step) {
      int atB = from + offsets[p];
      FloatVector y = FloatVector.fromArray(FLOATS, b, atB);
      c0 = FloatVector.broadcast(FLOATS, a[a0 + s]).fma(y, c0);
    }
    c0.intoArray(tile, 0);
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.GemmSpec;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Products with a transposed B: sums along K, where rows of A and of B both lie side by side, so
 * that neither is copied. For few rows of C this is faster than copying B into the order that
 * {@link GemmKernels} wants (docs/performance.md).
 *
 * <p>A kernel leaves the sums of a tile of C as one vector each; {@link #collect} adds up the lanes
 * and what is left of K behind the last whole vector. In one method that is more than C2 inlines.
 */
final class GemmDots {
  /**
   * The columns of C that are computed together; a row of B that is missing is read as the last.
   */
  static final int COLUMNS = 4;

  /** 4 rows take 16 accumulators, which AVX2 does not have beside the operands. */
  private static final boolean FOUR_ROWS = FLOATS.vectorBitSize() != 256;

  /** The elements of scratch memory that a tile needs. */
  static final int SCRATCH = 4 * COLUMNS * LENGTH;

  private GemmDots() {}

  /** {@code C = alpha A B^T + beta C} for a part of C; C is not read if beta is 0. */
  static void multiply(
      GemmSpec spec,
      int rows,
      int columns,
      float[] a,
      int atA,
      float[] b,
      int atB,
      float[] c,
      int atC,
      float[] tile) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int width = Math.min(COLUMNS, columns - j);
      int rowB = atB + j * spec.ldb();
      int i = 0;
      while (i < rows) {
        int rowA = atA + i * spec.lda();
        int done = tile(spec, rows - i, width, a, rowA, b, rowB, tile);
        collect(spec, done, width, a, rowA, b, rowB, tile, c, atC + i * spec.ldc() + j);
        i += done;
      }
    }
  }

  private static int tile(
      GemmSpec spec, int rows, int width, float[] a, int at, float[] b, int b0, float[] tile) {
    int ldb = spec.ldb();
    int b1 = b0 + Math.min(1, width - 1) * ldb;
    int b2 = b0 + Math.min(2, width - 1) * ldb;
    int b3 = b0 + (width - 1) * ldb;
    return tile(rows, Lanes.whole(spec.k()), a, at, spec.lda(), b, b0, b1, b2, b3, tile);
  }

  /**
   * Computes the first rows of a tile, as many as there is a kernel for, and returns how many: the
   * sums of row i with row j of B are the vector at {@code (i COLUMNS + j) LENGTH} of the tile.
   *
   * @param k the length of the rows, a multiple of that of vectors
   */
  static int tile(
      int rows,
      int k,
      float[] a,
      int at,
      int lda,
      float[] b,
      int b0,
      int b1,
      int b2,
      int b3,
      float[] tile) {
    if (FOUR_ROWS && rows >= 4) {
      rows4(k, a, at, lda, b, b0, b1, b2, b3, tile);
      return 4;
    }
    if (rows >= 2) {
      rows2(k, a, at, lda, b, b0, b1, b2, b3, tile);
      return 2;
    }
    rows1(k, a, at, b, b0, b1, b2, b3, tile);
    return 1;
  }

  private static void collect(
      GemmSpec spec,
      int rows,
      int width,
      float[] a,
      int atA,
      float[] b,
      int atB,
      float[] tile,
      float[] c,
      int to) {
    int whole = Lanes.whole(spec.k());
    VectorMask<Float> mask = FLOATS.indexInRange(whole, spec.k());
    float alpha = (float) spec.alpha();
    float beta = (float) spec.beta();
    boolean rest = whole < spec.k();
    for (int i = 0; i < rows; i++) {
      int restA = atA + i * spec.lda() + whole;
      for (int j = 0; j < width; j++) {
        FloatVector sums = FloatVector.fromArray(FLOATS, tile, (i * COLUMNS + j) * LENGTH);
        if (rest) {
          FloatVector x = FloatVector.fromArray(FLOATS, a, restA, mask);
          sums = x.fma(FloatVector.fromArray(FLOATS, b, atB + j * spec.ldb() + whole, mask), sums);
        }
        float value = alpha * Sums.lanes(sums);
        int at = to + i * spec.ldc() + j;
        c[at] = beta == 0 ? value : Math.fma(beta, c[at], value);
      }
    }
  }

  private static void rows4(
      int k, float[] a, int at, int lda, float[] b, int b0, int b1, int b2, int b3, float[] tile) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c12 = FloatVector.zero(FLOATS);
    FloatVector c13 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c22 = FloatVector.zero(FLOATS);
    FloatVector c23 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c32 = FloatVector.zero(FLOATS);
    FloatVector c33 = FloatVector.zero(FLOATS);
    int a1 = at + lda;
    int a2 = a1 + lda;
    int a3 = a2 + lda;
    for (int p = 0; p < k; p += LENGTH) {
      FloatVector y0 = FloatVector.fromArray(FLOATS, b, b0 + p);
      FloatVector y1 = FloatVector.fromArray(FLOATS, b, b1 + p);
      FloatVector y2 = FloatVector.fromArray(FLOATS, b, b2 + p);
      FloatVector y3 = FloatVector.fromArray(FLOATS, b, b3 + p);
      FloatVector x = FloatVector.fromArray(FLOATS, a, at + p);
      c00 = x.fma(y0, c00);
      c01 = x.fma(y1, c01);
      c02 = x.fma(y2, c02);
      c03 = x.fma(y3, c03);
      x = FloatVector.fromArray(FLOATS, a, a1 + p);
      c10 = x.fma(y0, c10);
      c11 = x.fma(y1, c11);
      c12 = x.fma(y2, c12);
      c13 = x.fma(y3, c13);
      x = FloatVector.fromArray(FLOATS, a, a2 + p);
      c20 = x.fma(y0, c20);
      c21 = x.fma(y1, c21);
      c22 = x.fma(y2, c22);
      c23 = x.fma(y3, c23);
      x = FloatVector.fromArray(FLOATS, a, a3 + p);
      c30 = x.fma(y0, c30);
      c31 = x.fma(y1, c31);
      c32 = x.fma(y2, c32);
      c33 = x.fma(y3, c33);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LENGTH);
    c02.intoArray(tile, 2 * LENGTH);
    c03.intoArray(tile, 3 * LENGTH);
    c10.intoArray(tile, 4 * LENGTH);
    c11.intoArray(tile, 5 * LENGTH);
    c12.intoArray(tile, 6 * LENGTH);
    c13.intoArray(tile, 7 * LENGTH);
    c20.intoArray(tile, 8 * LENGTH);
    c21.intoArray(tile, 9 * LENGTH);
    c22.intoArray(tile, 10 * LENGTH);
    c23.intoArray(tile, 11 * LENGTH);
    c30.intoArray(tile, 12 * LENGTH);
    c31.intoArray(tile, 13 * LENGTH);
    c32.intoArray(tile, 14 * LENGTH);
    c33.intoArray(tile, 15 * LENGTH);
  }

  private static void rows2(
      int k, float[] a, int at, int lda, float[] b, int b0, int b1, int b2, int b3, float[] tile) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c12 = FloatVector.zero(FLOATS);
    FloatVector c13 = FloatVector.zero(FLOATS);
    int a1 = at + lda;
    for (int p = 0; p < k; p += LENGTH) {
      FloatVector y0 = FloatVector.fromArray(FLOATS, b, b0 + p);
      FloatVector y1 = FloatVector.fromArray(FLOATS, b, b1 + p);
      FloatVector y2 = FloatVector.fromArray(FLOATS, b, b2 + p);
      FloatVector y3 = FloatVector.fromArray(FLOATS, b, b3 + p);
      FloatVector x = FloatVector.fromArray(FLOATS, a, at + p);
      c00 = x.fma(y0, c00);
      c01 = x.fma(y1, c01);
      c02 = x.fma(y2, c02);
      c03 = x.fma(y3, c03);
      x = FloatVector.fromArray(FLOATS, a, a1 + p);
      c10 = x.fma(y0, c10);
      c11 = x.fma(y1, c11);
      c12 = x.fma(y2, c12);
      c13 = x.fma(y3, c13);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LENGTH);
    c02.intoArray(tile, 2 * LENGTH);
    c03.intoArray(tile, 3 * LENGTH);
    c10.intoArray(tile, 4 * LENGTH);
    c11.intoArray(tile, 5 * LENGTH);
    c12.intoArray(tile, 6 * LENGTH);
    c13.intoArray(tile, 7 * LENGTH);
  }

  private static void rows1(
      int k, float[] a, int at, float[] b, int b0, int b1, int b2, int b3, float[] tile) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    for (int p = 0; p < k; p += LENGTH) {
      FloatVector y0 = FloatVector.fromArray(FLOATS, b, b0 + p);
      FloatVector y1 = FloatVector.fromArray(FLOATS, b, b1 + p);
      FloatVector y2 = FloatVector.fromArray(FLOATS, b, b2 + p);
      FloatVector y3 = FloatVector.fromArray(FLOATS, b, b3 + p);
      FloatVector x = FloatVector.fromArray(FLOATS, a, at + p);
      c00 = x.fma(y0, c00);
      c01 = x.fma(y1, c01);
      c02 = x.fma(y2, c02);
      c03 = x.fma(y3, c03);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LENGTH);
    c02.intoArray(tile, 2 * LENGTH);
    c03.intoArray(tile, 3 * LENGTH);
  }
}

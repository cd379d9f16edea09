package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.GemmSpec;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Products with a transposed B: sums along K, where rows of A and of B both lie side by side, so
 * that neither is copied. Up to 2048 x 2048 x 2048 this was faster than copying B into the order
 * that {@link GemmKernels} wants (docs/performance.md).
 */
final class GemmDots {
  /**
   * The columns of C that are computed together; a row of B that is missing is read as the last.
   */
  private static final int COLUMNS = 4;

  /** 4 rows take 16 accumulators, which AVX2 does not have beside the operands. */
  private static final boolean FOUR_ROWS = FLOATS.vectorBitSize() != 256;

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
      int atC) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int last = Math.min(COLUMNS, columns - j) - 1;
      int i = 0;
      while (i < rows) {
        i +=
            tile(
                spec,
                rows - i,
                last,
                a,
                atA + i * spec.lda(),
                b,
                atB + j * spec.ldb(),
                c,
                atC + i * spec.ldc() + j);
      }
    }
  }

  /** Computes the first rows of a tile, as many as there is a kernel for, and returns how many. */
  private static int tile(
      GemmSpec spec, int rows, int last, float[] a, int at, float[] b, int b0, float[] c, int to) {
    int b1 = b0 + Math.min(1, last) * spec.ldb();
    int b2 = b0 + Math.min(2, last) * spec.ldb();
    int b3 = b0 + last * spec.ldb();
    int k = spec.k();
    int lda = spec.lda();
    int ldc = spec.ldc();
    float alpha = (float) spec.alpha();
    float beta = (float) spec.beta();
    if (FOUR_ROWS && rows >= 4) {
      rows4(k, a, at, lda, b, b0, b1, b2, b3, alpha, beta, c, to, ldc, last);
      return 4;
    }
    if (rows >= 2) {
      rows2(k, a, at, lda, b, b0, b1, b2, b3, alpha, beta, c, to, ldc, last);
      return 2;
    }
    rows1(k, a, at, b, b0, b1, b2, b3, alpha, beta, c, to, last);
    return 1;
  }

  private static void rows4(
      int k,
      float[] a,
      int at,
      int lda,
      float[] b,
      int b0,
      int b1,
      int b2,
      int b3,
      float alpha,
      float beta,
      float[] c,
      int to,
      int ldc,
      int last) {
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
    int whole = Lanes.whole(k);
    int p = 0;
    for (; p < whole; p += LENGTH) {
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
    if (p < k) {
      VectorMask<Float> mask = FLOATS.indexInRange(p, k);
      FloatVector y0 = FloatVector.fromArray(FLOATS, b, b0 + p, mask);
      FloatVector y1 = FloatVector.fromArray(FLOATS, b, b1 + p, mask);
      FloatVector y2 = FloatVector.fromArray(FLOATS, b, b2 + p, mask);
      FloatVector y3 = FloatVector.fromArray(FLOATS, b, b3 + p, mask);
      FloatVector x = FloatVector.fromArray(FLOATS, a, at + p, mask);
      c00 = x.fma(y0, c00);
      c01 = x.fma(y1, c01);
      c02 = x.fma(y2, c02);
      c03 = x.fma(y3, c03);
      x = FloatVector.fromArray(FLOATS, a, a1 + p, mask);
      c10 = x.fma(y0, c10);
      c11 = x.fma(y1, c11);
      c12 = x.fma(y2, c12);
      c13 = x.fma(y3, c13);
      x = FloatVector.fromArray(FLOATS, a, a2 + p, mask);
      c20 = x.fma(y0, c20);
      c21 = x.fma(y1, c21);
      c22 = x.fma(y2, c22);
      c23 = x.fma(y3, c23);
      x = FloatVector.fromArray(FLOATS, a, a3 + p, mask);
      c30 = x.fma(y0, c30);
      c31 = x.fma(y1, c31);
      c32 = x.fma(y2, c32);
      c33 = x.fma(y3, c33);
    }
    store(c00, c01, c02, c03, alpha, beta, c, to, last);
    store(c10, c11, c12, c13, alpha, beta, c, to + ldc, last);
    store(c20, c21, c22, c23, alpha, beta, c, to + 2 * ldc, last);
    store(c30, c31, c32, c33, alpha, beta, c, to + 3 * ldc, last);
  }

  private static void rows2(
      int k,
      float[] a,
      int at,
      int lda,
      float[] b,
      int b0,
      int b1,
      int b2,
      int b3,
      float alpha,
      float beta,
      float[] c,
      int to,
      int ldc,
      int last) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c12 = FloatVector.zero(FLOATS);
    FloatVector c13 = FloatVector.zero(FLOATS);
    int a1 = at + lda;
    int whole = Lanes.whole(k);
    int p = 0;
    for (; p < whole; p += LENGTH) {
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
    if (p < k) {
      VectorMask<Float> mask = FLOATS.indexInRange(p, k);
      FloatVector y0 = FloatVector.fromArray(FLOATS, b, b0 + p, mask);
      FloatVector y1 = FloatVector.fromArray(FLOATS, b, b1 + p, mask);
      FloatVector y2 = FloatVector.fromArray(FLOATS, b, b2 + p, mask);
      FloatVector y3 = FloatVector.fromArray(FLOATS, b, b3 + p, mask);
      FloatVector x = FloatVector.fromArray(FLOATS, a, at + p, mask);
      c00 = x.fma(y0, c00);
      c01 = x.fma(y1, c01);
      c02 = x.fma(y2, c02);
      c03 = x.fma(y3, c03);
      x = FloatVector.fromArray(FLOATS, a, a1 + p, mask);
      c10 = x.fma(y0, c10);
      c11 = x.fma(y1, c11);
      c12 = x.fma(y2, c12);
      c13 = x.fma(y3, c13);
    }
    store(c00, c01, c02, c03, alpha, beta, c, to, last);
    store(c10, c11, c12, c13, alpha, beta, c, to + ldc, last);
  }

  private static void rows1(
      int k,
      float[] a,
      int at,
      float[] b,
      int b0,
      int b1,
      int b2,
      int b3,
      float alpha,
      float beta,
      float[] c,
      int to,
      int last) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    int whole = Lanes.whole(k);
    int p = 0;
    for (; p < whole; p += LENGTH) {
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
    if (p < k) {
      VectorMask<Float> mask = FLOATS.indexInRange(p, k);
      FloatVector y0 = FloatVector.fromArray(FLOATS, b, b0 + p, mask);
      FloatVector y1 = FloatVector.fromArray(FLOATS, b, b1 + p, mask);
      FloatVector y2 = FloatVector.fromArray(FLOATS, b, b2 + p, mask);
      FloatVector y3 = FloatVector.fromArray(FLOATS, b, b3 + p, mask);
      FloatVector x = FloatVector.fromArray(FLOATS, a, at + p, mask);
      c00 = x.fma(y0, c00);
      c01 = x.fma(y1, c01);
      c02 = x.fma(y2, c02);
      c03 = x.fma(y3, c03);
    }
    store(c00, c01, c02, c03, alpha, beta, c, to, last);
  }

  private static void store(
      FloatVector c0,
      FloatVector c1,
      FloatVector c2,
      FloatVector c3,
      float alpha,
      float beta,
      float[] c,
      int to,
      int last) {
    store(c0.reduceLanes(VectorOperators.ADD), alpha, beta, c, to);
    if (last > 0) {
      store(c1.reduceLanes(VectorOperators.ADD), alpha, beta, c, to + 1);
    }
    if (last > 1) {
      store(c2.reduceLanes(VectorOperators.ADD), alpha, beta, c, to + 2);
    }
    if (last > 2) {
      store(c3.reduceLanes(VectorOperators.ADD), alpha, beta, c, to + 3);
    }
  }

  private static void store(float sum, float alpha, float beta, float[] c, int to) {
    float value = alpha * sum;
    c[to] = beta == 0 ? value : Math.fma(beta, c[to], value);
  }
}

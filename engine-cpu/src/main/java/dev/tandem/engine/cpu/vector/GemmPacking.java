package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Copies of blocks of B in which each row is as wide as a tile, so that the kernels read memory
 * from one end to the other.
 *
 * <p>A transposed B is turned in squares of {@link Lanes#LENGTH} by as many: rows whose numbers
 * differ in one bit exchange the lanes whose numbers differ in that bit, which after all bits has
 * exchanged row and lane (Eklundh 1972, "A fast computer method for matrix transposing").
 */
final class GemmPacking {
  private static final VectorShuffle<Float> HALF_SWAP = swap(LENGTH / 2);
  private static final VectorMask<Float> HALF = having(LENGTH / 2);

  private static final VectorShuffle<Float> QUARTER_SWAP = swap(LENGTH / 4);
  private static final VectorMask<Float> QUARTER = having(LENGTH / 4);

  private static final VectorShuffle<Float> TWO_SWAP = swap(2);
  private static final VectorMask<Float> TWO = having(2);

  private static final VectorShuffle<Float> ONE_SWAP = swap(1);
  private static final VectorMask<Float> ONE = having(1);

  /** The elements of scratch memory that a copy of a transposed B needs. */
  static final int SCRATCH = LENGTH * LENGTH;

  private GemmPacking() {}

  private static VectorShuffle<Float> swap(int bit) {
    return VectorShuffle.fromOp(FLOATS, lane -> lane ^ bit);
  }

  private static VectorMask<Float> having(int bit) {
    long lanes = 0;
    for (int lane = 0; lane < LENGTH; lane++) {
      lanes |= (lane & bit) == 0 ? 0 : 1L << lane;
    }
    return VectorMask.fromLong(FLOATS, lanes);
  }

  /**
   * Copies some rows and columns of B. Columns that are missing in the width of the tile are filled
   * with numbers of no meaning.
   *
   * @param row elements from one row of B to the next
   */
  static void copy(float[] b, int from, int row, int rows, int columns, float[] block, int width) {
    if (columns == width) {
      whole(b, from, row, rows, block, width);
      return;
    }
    for (int k = 0; k < rows; k++) {
      for (int j = 0; j < columns; j++) {
        block[k * width + j] = b[from + k * row + j];
      }
    }
  }

  private static void whole(float[] b, int from, int row, int rows, float[] block, int width) {
    for (int k = 0; k < rows; k++) {
      for (int j = 0; j < width; j += LENGTH) {
        FloatVector.fromArray(FLOATS, b, from + k * row + j).intoArray(block, k * width + j);
      }
    }
  }

  /**
   * The same for a transposed B.
   *
   * @param column elements from one column to the next
   * @param block room for {@code rows}, rounded up to a multiple of the vector length
   * @param square {@link #SCRATCH} elements
   */
  static void copyTransposed(
      float[] b,
      int from,
      int column,
      int rows,
      int columns,
      float[] block,
      int width,
      float[] square) {
    for (int j = 0; j < columns; j += LENGTH) {
      int last = Math.min(LENGTH, columns - j) - 1;
      int at = from + j * column;
      for (int k = 0; k < rows; k += LENGTH) {
        exchangeFar(b, at + k, column, last, rows - k, square);
        exchangeNear(square, block, k * width + j, width);
      }
    }
  }

  /** Reads a square, row by row, and exchanges what is more than two rows apart. */
  private static void exchangeFar(
      float[] b, int from, int row, int last, int lanes, float[] square) {
    VectorMask<Float> inside = FLOATS.indexInRange(0, lanes);
    for (int i = 0; i < LENGTH / 4; i++) {
      int i1 = i + LENGTH / 4;
      int i2 = i + LENGTH / 2;
      int i3 = i1 + LENGTH / 2;
      FloatVector x0 = FloatVector.fromArray(FLOATS, b, from + Math.min(i, last) * row, inside);
      FloatVector x1 = FloatVector.fromArray(FLOATS, b, from + Math.min(i1, last) * row, inside);
      FloatVector x2 = FloatVector.fromArray(FLOATS, b, from + Math.min(i2, last) * row, inside);
      FloatVector x3 = FloatVector.fromArray(FLOATS, b, from + Math.min(i3, last) * row, inside);
      FloatVector y0 = x0.blend(x2.rearrange(HALF_SWAP), HALF);
      FloatVector y2 = x0.rearrange(HALF_SWAP).blend(x2, HALF);
      FloatVector y1 = x1.blend(x3.rearrange(HALF_SWAP), HALF);
      FloatVector y3 = x1.rearrange(HALF_SWAP).blend(x3, HALF);
      if (LENGTH > 8) {
        x0 = y0.blend(y1.rearrange(QUARTER_SWAP), QUARTER);
        x1 = y0.rearrange(QUARTER_SWAP).blend(y1, QUARTER);
        x2 = y2.blend(y3.rearrange(QUARTER_SWAP), QUARTER);
        x3 = y2.rearrange(QUARTER_SWAP).blend(y3, QUARTER);
      } else {
        x0 = y0;
        x1 = y1;
        x2 = y2;
        x3 = y3;
      }
      x0.intoArray(square, i * LENGTH);
      x1.intoArray(square, i1 * LENGTH);
      x2.intoArray(square, i2 * LENGTH);
      x3.intoArray(square, i3 * LENGTH);
    }
  }

  /** Exchanges neighbours and neighbours of neighbours, and writes the square's rows. */
  private static void exchangeNear(float[] square, float[] block, int to, int width) {
    for (int i = 0; i < LENGTH; i += 4) {
      FloatVector x0 = FloatVector.fromArray(FLOATS, square, i * LENGTH);
      FloatVector x1 = FloatVector.fromArray(FLOATS, square, (i + 1) * LENGTH);
      FloatVector x2 = FloatVector.fromArray(FLOATS, square, (i + 2) * LENGTH);
      FloatVector x3 = FloatVector.fromArray(FLOATS, square, (i + 3) * LENGTH);
      FloatVector y0 = x0;
      FloatVector y1 = x1;
      FloatVector y2 = x2;
      FloatVector y3 = x3;
      if (LENGTH > 4) {
        y0 = x0.blend(x2.rearrange(TWO_SWAP), TWO);
        y2 = x0.rearrange(TWO_SWAP).blend(x2, TWO);
        y1 = x1.blend(x3.rearrange(TWO_SWAP), TWO);
        y3 = x1.rearrange(TWO_SWAP).blend(x3, TWO);
      }
      int at = to + i * width;
      y0.blend(y1.rearrange(ONE_SWAP), ONE).intoArray(block, at);
      y0.rearrange(ONE_SWAP).blend(y1, ONE).intoArray(block, at + width);
      y2.blend(y3.rearrange(ONE_SWAP), ONE).intoArray(block, at + 2 * width);
      y2.rearrange(ONE_SWAP).blend(y3, ONE).intoArray(block, at + 3 * width);
    }
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Squares of {@link Lanes#LENGTH} by as many elements, transposed: rows whose numbers differ in one
 * bit exchange the lanes whose numbers differ in that bit, which after all bits has exchanged row
 * and lane (Eklundh 1972, "A fast computer method for matrix transposing"). Four rows are in
 * registers at a time, and the square in scratch memory between {@link #read} and {@link #write}.
 */
final class Squares {
  private static final VectorShuffle<Float> HALF_SWAP = swap(LENGTH / 2);
  private static final VectorMask<Float> HALF = having(LENGTH / 2);

  private static final VectorShuffle<Float> QUARTER_SWAP = swap(LENGTH / 4);
  private static final VectorMask<Float> QUARTER = having(LENGTH / 4);

  private static final VectorShuffle<Float> TWO_SWAP = swap(2);
  private static final VectorMask<Float> TWO = having(2);

  private static final VectorShuffle<Float> ONE_SWAP = swap(1);
  private static final VectorMask<Float> ONE = having(1);

  /** The elements of scratch memory. */
  static final int SCRATCH = LENGTH * LENGTH;

  private Squares() {}

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
   * Reads a square, row by row, and exchanges what is more than two rows apart.
   *
   * @param last the last row there is, which stands for those that are missing
   * @param lanes the columns there are; 0 stands for those that are missing
   * @param at where the square goes
   */
  static void read(float[] b, int from, int row, int last, int lanes, float[] square, int at) {
    if (lanes >= LENGTH) {
      exchange(b, from, row, last, square, at);
      return;
    }
    VectorMask<Float> inside = FLOATS.indexInRange(0, lanes);
    for (int i = 0; i < LENGTH; i++) {
      int place = from + Math.min(i, last) * row;
      FloatVector.fromArray(FLOATS, b, place, inside).intoArray(square, at + i * LENGTH);
    }
    exchange(square, at, LENGTH, LENGTH - 1, square, at);
  }

  private static void exchange(float[] b, int from, int row, int last, float[] square, int at) {
    for (int i = 0; i < LENGTH / 4; i++) {
      int i1 = i + LENGTH / 4;
      int i2 = i + LENGTH / 2;
      int i3 = i1 + LENGTH / 2;
      FloatVector x0 = FloatVector.fromArray(FLOATS, b, from + Math.min(i, last) * row);
      FloatVector x1 = FloatVector.fromArray(FLOATS, b, from + Math.min(i1, last) * row);
      FloatVector x2 = FloatVector.fromArray(FLOATS, b, from + Math.min(i2, last) * row);
      FloatVector x3 = FloatVector.fromArray(FLOATS, b, from + Math.min(i3, last) * row);
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
      x0.intoArray(square, at + i * LENGTH);
      x1.intoArray(square, at + i1 * LENGTH);
      x2.intoArray(square, at + i2 * LENGTH);
      x3.intoArray(square, at + i3 * LENGTH);
    }
  }

  /** Exchanges neighbours and neighbours of neighbours, and writes the square's rows. */
  static void write(float[] square, int from, float[] block, int to, int width) {
    for (int i = 0; i < LENGTH; i += 4) {
      FloatVector x0 = FloatVector.fromArray(FLOATS, square, from + i * LENGTH);
      FloatVector x1 = FloatVector.fromArray(FLOATS, square, from + (i + 1) * LENGTH);
      FloatVector x2 = FloatVector.fromArray(FLOATS, square, from + (i + 2) * LENGTH);
      FloatVector x3 = FloatVector.fromArray(FLOATS, square, from + (i + 3) * LENGTH);
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

  /** Writes the first rows of a square, and of each the first elements. */
  static void writeSome(
      float[] square, int from, int rows, int columns, float[] block, int to, int width) {
    write(square, from, square, from, LENGTH);
    VectorMask<Float> written = FLOATS.indexInRange(0, columns);
    for (int i = 0; i < rows; i++) {
      int place = from + i * LENGTH;
      FloatVector.fromArray(FLOATS, square, place).intoArray(block, to + i * width, written);
    }
  }
}

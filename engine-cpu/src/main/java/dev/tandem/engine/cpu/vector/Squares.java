package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Squares of as many rows as a vector has lanes, transposed (Eklundh 1972): for every power of two
 * d, rows i and i + d exchange the halves of blocks of d by d elements. Two of these steps at a
 * time on four rows, since C2 would not keep sixteen of them in registers; between them the rows
 * lie in scratch memory.
 */
final class Squares {
  /** The elements of scratch memory. */
  static final int SCRATCH = LENGTH * LENGTH;

  private static final VectorShuffle<Float> FIRST = exchange(LENGTH / 2);
  private static final VectorShuffle<Float> SECOND = exchange(LENGTH / 4);
  private static final VectorShuffle<Float> BY_TWO = exchange(2);
  private static final VectorShuffle<Float> BY_ONE = exchange(1);
  private static final VectorMask<Float> UPPER_FIRST = upper(LENGTH / 2);
  private static final VectorMask<Float> UPPER_SECOND = upper(LENGTH / 4);
  private static final VectorMask<Float> UPPER_TWO = upper(2);
  private static final VectorMask<Float> UPPER_ONE = upper(1);
  private static final VectorMask<Float> LOWER_FIRST = UPPER_FIRST.not();
  private static final VectorMask<Float> LOWER_SECOND = UPPER_SECOND.not();
  private static final VectorMask<Float> LOWER_TWO = UPPER_TWO.not();
  private static final VectorMask<Float> LOWER_ONE = UPPER_ONE.not();

  private Squares() {}

  private static VectorShuffle<Float> exchange(int distance) {
    return VectorShuffle.fromOp(FLOATS, lane -> lane ^ distance);
  }

  private static VectorMask<Float> upper(int distance) {
    boolean[] lanes = new boolean[LENGTH];
    for (int lane = 0; lane < LENGTH; lane++) {
      lanes[lane] = (lane & distance) != 0;
    }
    return VectorMask.fromArray(FLOATS, lanes, 0);
  }

  /**
   * {@code out[j,i] = x[i,j]}.
   *
   * @param row elements from one row of x to the next
   * @param rows of x, up to the lanes; the last stands for those that are missing
   * @param columns of x that are read, and rows of out that are written
   * @param scratch overwritten
   * @param outRow elements from one row of out to the next
   * @param outColumns the elements that are written of each row of out
   */
  static void transpose(
      float[] x,
      int at,
      int row,
      int rows,
      int columns,
      float[] scratch,
      float[] out,
      int to,
      int outRow,
      int outColumns) {
    if (LENGTH == 16) {
      fours(x, at, row, rows - 1, columns, scratch);
    } else {
      twos(x, at, row, rows - 1, columns, scratch);
    }
    for (int j = 0; j < columns; j += 4) {
      if (outColumns == LENGTH && columns - j >= 4) {
        last(scratch, j * LENGTH, out, to + j * outRow, outRow);
      } else {
        lastSome(scratch, j * LENGTH, out, to + j * outRow, outRow, columns - j, outColumns);
      }
    }
  }

  /** The first two steps of 16 lanes. */
  private static void fours(float[] x, int at, int row, int last, int columns, float[] scratch) {
    VectorMask<Float> read = FLOATS.indexInRange(0, columns);
    for (int i = 0; i < 4; i++) {
      FloatVector a = FloatVector.fromArray(FLOATS, x, at + Math.min(i, last) * row, read);
      FloatVector b = FloatVector.fromArray(FLOATS, x, at + Math.min(i + 4, last) * row, read);
      FloatVector c = FloatVector.fromArray(FLOATS, x, at + Math.min(i + 8, last) * row, read);
      FloatVector d = FloatVector.fromArray(FLOATS, x, at + Math.min(i + 12, last) * row, read);
      FloatVector e = a.blend(c.rearrange(FIRST), UPPER_FIRST);
      c = c.blend(a.rearrange(FIRST), LOWER_FIRST);
      FloatVector f = b.blend(d.rearrange(FIRST), UPPER_FIRST);
      d = d.blend(b.rearrange(FIRST), LOWER_FIRST);
      int place = i * LENGTH;
      e.blend(f.rearrange(SECOND), UPPER_SECOND).intoArray(scratch, place);
      f.blend(e.rearrange(SECOND), LOWER_SECOND).intoArray(scratch, place + 4 * LENGTH);
      c.blend(d.rearrange(SECOND), UPPER_SECOND).intoArray(scratch, place + 8 * LENGTH);
      d.blend(c.rearrange(SECOND), LOWER_SECOND).intoArray(scratch, place + 12 * LENGTH);
    }
  }

  /** The first step of 8 lanes; with 4 lanes there is none. */
  private static void twos(float[] x, int at, int row, int last, int columns, float[] scratch) {
    VectorMask<Float> read = FLOATS.indexInRange(0, columns);
    for (int i = 0; i < 4; i++) {
      FloatVector a = FloatVector.fromArray(FLOATS, x, at + Math.min(i, last) * row, read);
      if (LENGTH == 4) {
        a.intoArray(scratch, i * LENGTH);
      } else {
        FloatVector b = FloatVector.fromArray(FLOATS, x, at + Math.min(i + 4, last) * row, read);
        a.blend(b.rearrange(FIRST), UPPER_FIRST).intoArray(scratch, i * LENGTH);
        b.blend(a.rearrange(FIRST), LOWER_FIRST).intoArray(scratch, (i + 4) * LENGTH);
      }
    }
  }

  /** The last two steps, on four rows that lie side by side. */
  private static void last(float[] scratch, int from, float[] out, int to, int outRow) {
    FloatVector a = FloatVector.fromArray(FLOATS, scratch, from);
    FloatVector b = FloatVector.fromArray(FLOATS, scratch, from + LENGTH);
    FloatVector c = FloatVector.fromArray(FLOATS, scratch, from + 2 * LENGTH);
    FloatVector d = FloatVector.fromArray(FLOATS, scratch, from + 3 * LENGTH);
    FloatVector e = a.blend(c.rearrange(BY_TWO), UPPER_TWO);
    c = c.blend(a.rearrange(BY_TWO), LOWER_TWO);
    FloatVector f = b.blend(d.rearrange(BY_TWO), UPPER_TWO);
    d = d.blend(b.rearrange(BY_TWO), LOWER_TWO);
    e.blend(f.rearrange(BY_ONE), UPPER_ONE).intoArray(out, to);
    f.blend(e.rearrange(BY_ONE), LOWER_ONE).intoArray(out, to + outRow);
    c.blend(d.rearrange(BY_ONE), UPPER_ONE).intoArray(out, to + 2 * outRow);
    d.blend(c.rearrange(BY_ONE), LOWER_ONE).intoArray(out, to + 3 * outRow);
  }

  /** The same for fewer than four rows, or the first elements of them. */
  private static void lastSome(
      float[] scratch, int from, float[] out, int to, int outRow, int count, int outColumns) {
    last(scratch, from, scratch, from, LENGTH);
    VectorMask<Float> written = FLOATS.indexInRange(0, outColumns);
    for (int i = 0; i < Math.min(4, count); i++) {
      FloatVector.fromArray(FLOATS, scratch, from + i * LENGTH)
          .intoArray(out, to + i * outRow, written);
    }
  }
}

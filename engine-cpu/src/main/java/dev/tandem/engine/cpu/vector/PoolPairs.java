package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Pool2dSpec;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Maxima of 2 x 2 elements that do not overlap, nearly every network's, in registers.
 *
 * <p>The last vector of a row of windows reads and writes beyond the row, with what is of no
 * meaning there: rows are computed from top to bottom, so that the next writes over it. The last
 * rows, where that would leave what belongs to the caller, are computed one by one. With masks in
 * place of that the loops were three times slower in a training step than alone.
 */
final class PoolPairs {
  /** Each lane gets its window's other element in the same row. */
  private static final VectorShuffle<Float> OTHER = VectorShuffle.fromOp(FLOATS, lane -> lane ^ 1);

  private static final VectorMask<Float> RIGHT =
      VectorMask.fromLong(FLOATS, 0xAAAA_AAAA_AAAA_AAAAL);

  /** First the even lanes, then the odd ones. */
  private static final VectorShuffle<Float> SORTED =
      VectorShuffle.fromOp(FLOATS, lane -> 2 * lane % LENGTH + 2 * lane / LENGTH);

  private static final VectorShuffle<Float> TWICE = VectorShuffle.fromOp(FLOATS, lane -> lane / 2);

  /** The windows that a vector of the picture's columns holds. */
  private static final int WINDOWS = LENGTH / 2;

  private PoolPairs() {}

  static boolean suits(Pool2dSpec spec) {
    return spec.mode() == Pool2dSpec.Mode.MAX
        && spec.kernelHeight() == 2
        && spec.kernelWidth() == 2
        && spec.strideHeight() == 2
        && spec.strideWidth() == 2
        && spec.paddingHeight() == 0
        && spec.paddingWidth() == 0;
  }

  /**
   * The maxima of some rows of windows, which lie side by side in y.
   *
   * @param width the columns of the picture
   */
  static void forward(float[] x, int from, int width, float[] y, int to, int rows) {
    int columns = width / 2;
    int most = ceiling(columns, LENGTH) * LENGTH;
    // Beyond a row of windows lie the elements of the rows below, twice as many of them in x.
    int whole = Math.max(0, rows - ceiling(most - columns, columns));
    for (int i = 0; i < whole; i++) {
      maxima(x, from + 2 * i * width, width, y, to + i * columns, most);
    }
    for (int i = whole; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int at = from + 2 * i * width + 2 * j;
        y[to + i * columns + j] =
            Math.max(Math.max(x[at], x[at + 1]), Math.max(x[at + width], x[at + width + 1]));
      }
    }
  }

  private static int ceiling(int dividend, int divisor) {
    return -Math.floorDiv(-dividend, divisor);
  }

  private static void maxima(float[] x, int from, int width, float[] y, int to, int most) {
    for (int j = 0; j < most; j += LENGTH) {
      int at = from + 2 * j;
      FloatVector low =
          FloatVector.fromArray(FLOATS, x, at).max(FloatVector.fromArray(FLOATS, x, at + width));
      FloatVector high =
          FloatVector.fromArray(FLOATS, x, at + LENGTH)
              .max(FloatVector.fromArray(FLOATS, x, at + width + LENGTH));
      FloatVector left = low.blend(high.rearrange(OTHER), RIGHT);
      FloatVector right = low.rearrange(OTHER).blend(high, RIGHT);
      left.max(right).rearrange(SORTED).intoArray(y, to + j);
    }
  }

  /**
   * The gradient of some rows of the picture, two for each row of windows: to the first element
   * that is the maximum, or the last NaN. A last column without a window gets 0.
   */
  static void backward(
      float[] x,
      int from,
      int width,
      float[] y,
      int atY,
      float[] dy,
      int atDy,
      float[] dx,
      int to,
      int rows) {
    int columns = width / 2;
    int most = ceiling(columns, WINDOWS) * WINDOWS;
    // A vector of maxima holds twice as many as are used.
    int whole = Math.max(0, rows - ceiling(most + WINDOWS - columns, columns));
    boolean nan = false;
    for (int i = 0; i < whole; i++) {
      int top = 2 * i * width;
      int row = i * columns;
      nan |= gradients(x, from + top, width, y, atY + row, dy, atDy + row, dx, to + top, most);
    }
    for (int i = 0; i < rows; i++) {
      if (i >= whole || nan) {
        int top = 2 * i * width;
        int row = i * columns;
        for (int j = 0; j < columns; j++) {
          int place = top + 2 * j;
          gradient(x, from + place, width, y[atY + row + j], dy[atDy + row + j], dx, to + place);
        }
      }
      if (width % 2 != 0) {
        dx[to + (2 * i + 1) * width - 1] = 0;
        dx[to + (2 * i + 2) * width - 1] = 0;
      }
    }
  }

  /** Returns whether a maximum is NaN, which nothing equals. */
  private static boolean gradients(
      float[] x,
      int from,
      int width,
      float[] y,
      int atY,
      float[] dy,
      int atDy,
      float[] dx,
      int to,
      int most) {
    boolean nan = false;
    // From right to left: the last vector writes over the first elements of the second row.
    for (int j = most - WINDOWS; j >= 0; j -= WINDOWS) {
      FloatVector max = FloatVector.fromArray(FLOATS, y, atY + j).rearrange(TWICE);
      FloatVector value = FloatVector.fromArray(FLOATS, dy, atDy + j).rearrange(TWICE);
      int at = from + 2 * j;
      FloatVector above = FloatVector.fromArray(FLOATS, x, at);
      VectorMask<Float> found = above.eq(max);
      VectorMask<Float> other = above.rearrange(OTHER).eq(max);
      FloatVector zero = FloatVector.zero(FLOATS);
      int place = to + 2 * j;
      FloatVector first = zero.blend(value, found.andNot(other.and(RIGHT)));
      FloatVector below = FloatVector.fromArray(FLOATS, x, at + width);
      VectorMask<Float> earlier = below.rearrange(OTHER).eq(max).and(RIGHT).or(found).or(other);
      FloatVector second = zero.blend(value, below.eq(max).andNot(earlier));
      first.intoArray(dx, place);
      second.intoArray(dx, place + width);
      nan |= max.compare(VectorOperators.NE, max).anyTrue();
    }
    return nan;
  }

  /** Gives a gradient to the first element of a window that is its maximum, or to the last NaN. */
  private static void gradient(
      float[] x, int from, int width, float max, float value, float[] dx, int to) {
    int found = -1;
    for (int element = 0; element < 4; element++) {
      int place = element / 2 * width + element % 2;
      float candidate = x[from + place];
      boolean match = Float.isNaN(max) ? Float.isNaN(candidate) : found < 0 && candidate == max;
      found = match ? place : found;
      dx[to + place] = 0;
    }
    if (found >= 0) {
      dx[to + found] = value;
    }
  }
}

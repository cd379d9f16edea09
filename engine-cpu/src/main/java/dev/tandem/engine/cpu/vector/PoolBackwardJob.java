package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Pool2dSpec;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Pooling backward. Gradients are added up in lines with padding on both sides, so that no window
 * is a special case; those of maxima with a copy of the picture beside them, in which the padding
 * is NaN and so equal to no maximum. {@link PoolPairs} need neither.
 */
final class PoolBackwardJob implements Workers.Task {
  private final float[][] lines;
  private Pool2dSpec spec;
  private int chunks;
  private float[] counts;
  private float[] x;
  private int atX;
  private float[] y;
  private int atY;
  private float[] dy;
  private int atDy;
  private float[] dx;
  private int atDx;
  private int line;

  PoolBackwardJob(float[][] lines) {
    this.lines = lines;
  }

  /** Returns the elements of scratch memory: the lines of a picture and of its gradient. */
  static int scratch(Pool2dSpec spec) {
    return 2 * (spec.inHeight() + 2 * spec.paddingHeight()) * VectorPool2d.line(spec);
  }

  /**
   * Sets the operands.
   *
   * @param theCounts for each column of the result, the columns by which a mean divides
   */
  void set(
      Pool2dSpec theSpec,
      int theChunks,
      float[] theCounts,
      float[] theX,
      int theAtX,
      float[] theY,
      int theAtY,
      float[] theDy,
      int theAtDy,
      float[] theDx,
      int theAtDx) {
    spec = theSpec;
    chunks = theChunks;
    counts = theCounts;
    x = theX;
    atX = theAtX;
    y = theY;
    atY = theAtY;
    dy = theDy;
    atDy = theAtDy;
    dx = theDx;
    atDx = theAtDx;
    line = VectorPool2d.line(theSpec);
  }

  @Override
  public void run(int chunk, int worker) {
    int planes = spec.batch() * spec.channels();
    int first = Chunks.row(chunk, chunks, planes);
    int end = Chunks.row(chunk + 1, chunks, planes);
    if (PoolPairs.suits(spec)) {
      pairs(first, end);
      return;
    }
    int in = spec.inHeight() * spec.inWidth();
    int out = spec.outHeight() * spec.outWidth();
    boolean global = VectorPool2d.isGlobalAverage(spec);
    for (int plane = first; plane < end; plane++) {
      int to = atDx + plane * in;
      if (global) {
        Arrays.fill(dx, to, to + in, dy[atDy + plane] / in);
      } else {
        plane(atX + plane * in, plane * out, to, lines[worker]);
      }
    }
  }

  private void pairs(int first, int end) {
    int in = spec.inHeight() * spec.inWidth();
    int out = spec.outHeight() * spec.outWidth();
    // Without a row between them, pictures are one tall picture.
    int step = spec.inHeight() % 2 == 0 ? end - first : 1;
    for (int plane = first; plane < end; plane += step) {
      int to = atDx + plane * in;
      int below = to + step * in;
      PoolPairs.backward(
          x,
          atX + plane * in,
          spec.inWidth(),
          y,
          atY + plane * out,
          dy,
          atDy + plane * out,
          dx,
          to,
          step * spec.outHeight());
      Arrays.fill(dx, to + 2 * step * spec.outHeight() * spec.inWidth(), below, 0);
    }
  }

  private void plane(int from, int at, int to, float[] scratch) {
    int height = spec.inHeight() + 2 * spec.paddingHeight();
    int picture = height * line;
    Arrays.fill(scratch, 0, picture, 0);
    boolean max = spec.mode() == Pool2dSpec.Mode.MAX;
    if (max) {
      copyIn(from, scratch, picture, height);
    }
    for (int i = 0; i < spec.outHeight(); i++) {
      int row = at + i * spec.outWidth();
      int first = i * spec.strideHeight() * line;
      if (!max) {
        means(VectorPool2d.rows(spec, i), row, first, scratch);
      } else if (spec.strideWidth() > 2) {
        maxima(row, first, scratch, picture);
      } else {
        for (int j = 0; j < spec.outWidth(); j += LENGTH) {
          maximaOfVector(j, row, first, scratch, picture);
        }
      }
    }
    for (int h = 0; h < spec.inHeight(); h++) {
      int begin = (h + spec.paddingHeight()) * line + spec.paddingWidth();
      System.arraycopy(scratch, begin, dx, to + h * spec.inWidth(), spec.inWidth());
    }
  }

  private void copyIn(int from, float[] scratch, int picture, int height) {
    Arrays.fill(scratch, picture, picture + height * line, Float.NaN);
    for (int h = 0; h < spec.inHeight(); h++) {
      int begin = picture + (h + spec.paddingHeight()) * line + spec.paddingWidth();
      System.arraycopy(x, from + h * spec.inWidth(), scratch, begin, spec.inWidth());
    }
  }

  /** Gives gradients of windows from j on, as many as lanes, to the first elements that match. */
  private void maximaOfVector(int j, int row, int first, float[] scratch, int picture) {
    int stride = spec.strideWidth();
    int at = first + j * stride;
    boolean missed =
        stride == 1
            ? maximaOfAll(j, row + j, at, scratch, picture)
            : maximaOfOthers(j, row + j, at, scratch, picture);
    if (missed) {
      int end = Math.min(spec.outWidth(), j + LENGTH);
      for (int lane = j; lane < end; lane++) {
        if (Float.isNaN(y[atY + row + lane])) {
          maximum(row + lane, first + lane * stride, scratch, picture);
        }
      }
    }
  }

  /** Windows at every column; returns whether a maximum is NaN, which nothing matches. */
  private boolean maximaOfAll(int j, int row, int first, float[] scratch, int picture) {
    VectorMask<Float> open = FLOATS.indexInRange(j, spec.outWidth());
    FloatVector max = FloatVector.fromArray(FLOATS, y, atY + row, open);
    FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + row, open);
    for (int r = 0; r < spec.kernelHeight(); r++) {
      for (int t = 0; t < spec.kernelWidth(); t++) {
        int at = first + r * line + t;
        VectorMask<Float> match =
            FloatVector.fromArray(FLOATS, scratch, picture + at).eq(max).and(open);
        open = open.andNot(match);
        FloatVector sum = FloatVector.fromArray(FLOATS, scratch, at);
        sum.add(outer, match).intoArray(scratch, at);
      }
    }
    return open.anyTrue();
  }

  /** Windows at every other column. */
  private boolean maximaOfOthers(int j, int row, int first, float[] scratch, int picture) {
    VectorMask<Float> open = FLOATS.indexInRange(j, spec.outWidth());
    FloatVector max = FloatVector.fromArray(FLOATS, y, atY + row, open);
    FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + row, open);
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int r = 0; r < spec.kernelHeight(); r++) {
      for (int t = 0; t < spec.kernelWidth(); t++) {
        int at = first + r * line + t;
        FloatVector low = FloatVector.fromArray(FLOATS, scratch, picture + at);
        FloatVector high = FloatVector.fromArray(FLOATS, scratch, picture + at + LENGTH);
        VectorMask<Float> match = Pairs.even(low, high).eq(max).and(open);
        open = open.andNot(match);
        addToOthers(zero.blend(outer, match), scratch, at);
      }
    }
    return open.anyTrue();
  }

  private static void addToOthers(FloatVector value, float[] scratch, int at) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector low = FloatVector.fromArray(FLOATS, scratch, at);
    low.add(Pairs.low(value, zero)).intoArray(scratch, at);
    FloatVector high = FloatVector.fromArray(FLOATS, scratch, at + LENGTH);
    high.add(Pairs.high(value, zero)).intoArray(scratch, at + LENGTH);
  }

  /** Gives the gradients of a row of windows to their maxima, one by one. */
  private void maxima(int row, int first, float[] scratch, int picture) {
    for (int j = 0; j < spec.outWidth(); j++) {
      maximum(row + j, first + j * spec.strideWidth(), scratch, picture);
    }
  }

  /** Gives the gradient of one window to its first maximum, or its last NaN. */
  private void maximum(int at, int first, float[] scratch, int picture) {
    float max = y[atY + at];
    int found = -1;
    for (int r = 0; r < spec.kernelHeight(); r++) {
      int begin = first + r * line;
      for (int t = 0; t < spec.kernelWidth(); t++) {
        float value = scratch[picture + begin + t];
        boolean match = Float.isNaN(max) ? isNaN(begin + t, value) : found < 0 && value == max;
        found = match ? begin + t : found;
      }
    }
    if (found >= 0) {
      scratch[found] += dy[atDy + at];
    }
  }

  /** Returns whether an element of the lines is NaN inside the picture. */
  private boolean isNaN(int at, float value) {
    int row = at / line - spec.paddingHeight();
    int column = at % line - spec.paddingWidth();
    boolean inside = row >= 0 && row < spec.inHeight() && column >= 0 && column < spec.inWidth();
    return inside && Float.isNaN(value);
  }

  /** Adds the gradients of a row of means to the rows of their windows. */
  private void means(float rows, int row, int first, float[] scratch) {
    int stride = spec.strideWidth();
    for (int r = 0; r < spec.kernelHeight(); r++) {
      int begin = first + r * line;
      if (stride > 2) {
        meansOfRow(rows, row, begin, scratch);
      } else {
        for (int j = 0; j < spec.outWidth(); j += LENGTH) {
          meansOfVector(rows, j, row, begin + j * stride, scratch);
        }
      }
    }
  }

  private void meansOfVector(float rows, int j, int row, int begin, float[] scratch) {
    VectorMask<Float> inside = FLOATS.indexInRange(j, spec.outWidth());
    FloatVector count = FloatVector.fromArray(FLOATS, counts, j).mul(rows);
    FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + row + j, inside);
    FloatVector share = outer.lanewise(VectorOperators.DIV, count, inside);
    for (int t = 0; t < spec.kernelWidth(); t++) {
      int at = begin + t;
      if (spec.strideWidth() == 1) {
        share.add(FloatVector.fromArray(FLOATS, scratch, at)).intoArray(scratch, at);
      } else {
        addToOthers(share, scratch, at);
      }
    }
  }

  private void meansOfRow(float rows, int row, int begin, float[] scratch) {
    for (int j = 0; j < spec.outWidth(); j++) {
      float share = dy[atDy + row + j] / (rows * counts[j]);
      for (int t = 0; t < spec.kernelWidth(); t++) {
        scratch[begin + j * spec.strideWidth() + t] += share;
      }
    }
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Pool2dSpec;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Pooling forward, first along the height, whole rows at a time, and then along the width: the rows
 * of a window are combined into one line, with padding on both sides, and the elements of that into
 * one. See {@link PoolPairs} for the usual case.
 */
final class PoolForwardJob implements Workers.Task {
  private final float[][] lines;
  private Pool2dSpec spec;
  private int chunks;
  private float[] counts;
  private float[] x;
  private int atX;
  private float[] y;
  private int atY;

  PoolForwardJob(float[][] lines) {
    this.lines = lines;
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
      int theAtY) {
    spec = theSpec;
    chunks = theChunks;
    counts = theCounts;
    x = theX;
    atX = theAtX;
    y = theY;
    atY = theAtY;
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
      if (global) {
        y[atY + plane] = Sums.sum(x, atX + plane * in, in) / in;
      } else {
        plane(atX + plane * in, atY + plane * out, lines[worker]);
      }
    }
  }

  private void pairs(int first, int end) {
    // Without a row between them, pictures are one tall picture.
    int step = spec.inHeight() % 2 == 0 ? end - first : 1;
    for (int plane = first; plane < end; plane += step) {
      PoolPairs.forward(
          x,
          atX + plane * spec.inHeight() * spec.inWidth(),
          spec.inWidth(),
          y,
          atY + plane * spec.outHeight() * spec.outWidth(),
          step * spec.outHeight());
    }
  }

  private void plane(int from, int to, float[] line) {
    boolean max = spec.mode() == Pool2dSpec.Mode.MAX;
    float outside = max ? Float.NEGATIVE_INFINITY : 0;
    int padding = spec.paddingWidth();
    Arrays.fill(line, 0, padding, outside);
    for (int i = 0; i < spec.outHeight(); i++) {
      int top = VectorPool2d.top(spec, i);
      int rows = VectorPool2d.bottom(spec, i) - top;
      int at = from + top * spec.inWidth();
      int row = to + i * spec.outWidth();
      if (max) {
        maxOfRows(at, rows, line);
      } else {
        sumOfRows(at, rows, line);
      }
      int end = padding + spec.inWidth();
      Arrays.fill(line, end, end + padding, outside);
      if (spec.strideWidth() > 2) {
        combine(max, line, row);
      } else if (max) {
        maxOfColumns(line, row);
      } else {
        sumOfColumns(line, row);
      }
      if (!max) {
        divide(VectorPool2d.rows(spec, i), row);
      }
    }
  }

  private void maxOfRows(int at, int rows, float[] line) {
    for (int j = 0; j < spec.inWidth(); j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, spec.inWidth());
      FloatVector value = FloatVector.fromArray(FLOATS, x, at + j, mask);
      for (int h = 1; h < rows; h++) {
        value = value.max(FloatVector.fromArray(FLOATS, x, at + h * spec.inWidth() + j, mask));
      }
      value.intoArray(line, spec.paddingWidth() + j);
    }
  }

  private void sumOfRows(int at, int rows, float[] line) {
    for (int j = 0; j < spec.inWidth(); j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, spec.inWidth());
      FloatVector value = FloatVector.fromArray(FLOATS, x, at + j, mask);
      for (int h = 1; h < rows; h++) {
        value = value.add(FloatVector.fromArray(FLOATS, x, at + h * spec.inWidth() + j, mask));
      }
      value.intoArray(line, spec.paddingWidth() + j);
    }
  }

  private void maxOfColumns(float[] line, int to) {
    int stride = spec.strideWidth();
    for (int j = 0; j < spec.outWidth(); j += LENGTH) {
      FloatVector value = every(stride, line, j * stride);
      for (int t = 1; t < spec.kernelWidth(); t++) {
        value = value.max(every(stride, line, j * stride + t));
      }
      value.intoArray(y, to + j, FLOATS.indexInRange(j, spec.outWidth()));
    }
  }

  private void sumOfColumns(float[] line, int to) {
    int stride = spec.strideWidth();
    for (int j = 0; j < spec.outWidth(); j += LENGTH) {
      FloatVector value = every(stride, line, j * stride);
      for (int t = 1; t < spec.kernelWidth(); t++) {
        value = value.add(every(stride, line, j * stride + t));
      }
      value.intoArray(y, to + j, FLOATS.indexInRange(j, spec.outWidth()));
    }
  }

  /** Returns every element, or every other. */
  private static FloatVector every(int stride, float[] line, int at) {
    FloatVector first = FloatVector.fromArray(FLOATS, line, at);
    return stride == 1
        ? first
        : Pairs.even(first, FloatVector.fromArray(FLOATS, line, at + LENGTH));
  }

  /** The maxima or sums along the width with a longer stride. */
  private void combine(boolean max, float[] line, int to) {
    for (int j = 0; j < spec.outWidth(); j++) {
      int at = j * spec.strideWidth();
      float value = line[at];
      for (int t = 1; t < spec.kernelWidth(); t++) {
        value = max ? Math.max(value, line[at + t]) : value + line[at + t];
      }
      y[to + j] = value;
    }
  }

  private void divide(float rows, int to) {
    for (int j = 0; j < spec.outWidth(); j++) {
      y[to + j] /= rows * counts[j];
    }
  }
}

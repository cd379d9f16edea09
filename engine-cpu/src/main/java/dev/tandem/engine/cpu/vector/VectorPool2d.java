package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Pool2d;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Tensor;

/** Pooling; a chunk is some channels of some pictures. */
final class VectorPool2d extends Pool2d {
  private final Workers workers;
  private final PoolForwardJob forwardJob;
  private final PoolBackwardJob backwardJob;
  private final float[][] lines;
  private float[] counts = {};

  VectorPool2d(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    lines = new float[workers.threads()][0];
    forwardJob = new PoolForwardJob(lines);
    backwardJob = new PoolBackwardJob(lines);
  }

  @Override
  protected void computeForward(Pool2dSpec spec, Tensor x, Tensor y) {
    reserve(spec);
    int chunks = chunks(spec);
    forwardJob.set(spec, chunks, counts, floats(x), offset(x), floats(y), offset(y));
    workers.run(forwardJob, chunks);
  }

  @Override
  protected void computeBackward(Pool2dSpec spec, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    reserve(spec);
    int chunks = chunks(spec);
    backwardJob.set(
        spec,
        chunks,
        counts,
        floats(x),
        offset(x),
        floats(y),
        offset(y),
        floats(dy),
        offset(dy),
        floats(dx),
        offset(dx));
    workers.run(backwardJob, chunks);
  }

  private static int chunks(Pool2dSpec spec) {
    return Chunks.ofRows(spec.batch() * spec.channels(), spec.inHeight() * spec.inWidth());
  }

  /** Makes room for what the jobs keep of a picture. */
  private void reserve(Pool2dSpec spec) {
    int needed = PoolBackwardJob.scratch(spec);
    if (lines[0].length < needed) {
      for (int i = 0; i < lines.length; i++) {
        lines[i] = new float[needed];
      }
    }
    if (counts.length < spec.outWidth() + LENGTH) {
      counts = new float[spec.outWidth() + LENGTH];
    }
    for (int j = 0; j < spec.outWidth(); j++) {
      counts[j] = spec.countIncludePad() ? spec.kernelWidth() : right(spec, j) - left(spec, j);
    }
  }

  /**
   * Returns the elements of a line: a picture's columns with padding on both sides, and what
   * vectors read beyond.
   */
  static int line(Pool2dSpec spec) {
    int columns = spec.inWidth() + 2 * spec.paddingWidth();
    int read = (spec.outWidth() + LENGTH) * spec.strideWidth() + spec.kernelWidth();
    return Math.max(columns, read) + 2 * LENGTH;
  }

  /** Returns whether there is one window, the whole picture. */
  static boolean isGlobalAverage(Pool2dSpec spec) {
    return spec.mode() == Pool2dSpec.Mode.AVERAGE
        && spec.kernelHeight() == spec.inHeight()
        && spec.kernelWidth() == spec.inWidth()
        && spec.paddingHeight() == 0
        && spec.paddingWidth() == 0;
  }

  /** Returns the first row of the picture in the windows of a row of the result. */
  static int top(Pool2dSpec spec, int i) {
    return Math.max(0, i * spec.strideHeight() - spec.paddingHeight());
  }

  /** Returns the row after the last. */
  static int bottom(Pool2dSpec spec, int i) {
    int end = i * spec.strideHeight() - spec.paddingHeight() + spec.kernelHeight();
    return Math.min(spec.inHeight(), end);
  }

  /** Returns the first column of the picture in the windows of a column of the result. */
  static int left(Pool2dSpec spec, int j) {
    return Math.max(0, j * spec.strideWidth() - spec.paddingWidth());
  }

  /** Returns the column after the last. */
  static int right(Pool2dSpec spec, int j) {
    int end = j * spec.strideWidth() - spec.paddingWidth() + spec.kernelWidth();
    return Math.min(spec.inWidth(), end);
  }

  /** Returns the rows by which the mean of a window divides; the columns are counted once. */
  static float rows(Pool2dSpec spec, int i) {
    return spec.countIncludePad() ? spec.kernelHeight() : bottom(spec, i) - top(spec, i);
  }
}

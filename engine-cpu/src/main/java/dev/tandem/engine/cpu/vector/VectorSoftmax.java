package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Softmax;
import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Softmax and its logarithm, row by row. The rows are called through an interface for the reason
 * that {@link VectorActivations} gives.
 */
final class VectorSoftmax extends Softmax {
  private interface Row {
    void run(float[] x, int atX, float[] dy, int atDy, float[] out, int to, int n);
  }

  private final Workers workers;
  private final Job job = new Job();
  private final SoftmaxPasses passes = new SoftmaxPasses();
  private final Row softmaxRow = this::softmaxRow;
  private final Row logSoftmaxRow = this::logSoftmaxRow;

  VectorSoftmax(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
  }

  @Override
  protected void computeSoftmax(Tensor x, Tensor y) {
    job.run(workers, softmaxRow, x, x, y);
  }

  @Override
  protected void computeLogSoftmax(Tensor x, Tensor y) {
    job.run(workers, logSoftmaxRow, x, x, y);
  }

  @Override
  protected void computeSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    job.run(workers, VectorSoftmax::softmaxBackwardRow, y, dy, dx);
  }

  @Override
  protected void computeLogSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    job.run(workers, VectorSoftmax::logSoftmaxBackwardRow, y, dy, dx);
  }

  private static final class Job implements Workers.Task {
    private Row function;
    private Tensor x;
    private Tensor dy;
    private Tensor out;
    private int rows;
    private int columns;
    private int chunks;

    void run(Workers workers, Row row, Tensor in, Tensor outer, Tensor result) {
      function = row;
      x = in;
      dy = outer;
      out = result;
      rows = in.shape().rows();
      columns = in.shape().columns();
      chunks = Chunks.ofRows(rows, columns);
      workers.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
      int end = Chunks.row(chunk + 1, chunks, rows);
      for (int i = Chunks.row(chunk, chunks, rows); i < end; i++) {
        int at = i * columns;
        function.run(
            floats(x),
            offset(x) + at,
            floats(dy),
            offset(dy) + at,
            floats(out),
            offset(out) + at,
            columns);
      }
    }
  }

  private void softmaxRow(float[] x, int atX, float[] dy, int atDy, float[] y, int to, int n) {
    float largest = SoftmaxPasses.run(passes.largest, 0, x, atX, y, to, n);
    float sum = SoftmaxPasses.run(passes.exponentials, largest, x, atX, y, to, n);
    SoftmaxPasses.run(passes.scale, 1 / sum, y, to, y, to, n);
  }

  private void logSoftmaxRow(float[] x, int atX, float[] dy, int atDy, float[] y, int to, int n) {
    float largest = SoftmaxPasses.run(passes.largest, 0, x, atX, y, to, n);
    float sum = SoftmaxPasses.run(passes.sumOfExponentials, largest, x, atX, y, to, n);
    float logarithm = (float) Math.log(sum);
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i).sub(largest).sub(logarithm).intoArray(y, to + i);
    }
    for (; i < n; i++) {
      y[to + i] = x[atX + i] - largest - logarithm;
    }
  }

  /** {@code y = exp(x - largest)}; returns the sum of y, which may be x itself. */
  static float exponentials(float largest, float[] x, int atX, float[] y, int to, int n) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector difference = FloatVector.fromArray(FLOATS, x, atX + i, mask).sub(largest);
      FloatVector e = VectorMath.expOfNegative(difference);
      e.intoArray(y, to + i, mask);
      sum = sum.add(e, mask);
    }
    return Sums.lanes(sum);
  }

  /** {@code sum exp(x - largest)}, added up in the order of {@link #exponentials}. */
  static float sumOfExponentials(float largest, float[] x, int atX, int n) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector difference = FloatVector.fromArray(FLOATS, x, atX + i, mask).sub(largest);
      sum = sum.add(VectorMath.expOfNegative(difference), mask);
    }
    return Sums.lanes(sum);
  }

  private static void softmaxBackwardRow(
      float[] y, int atY, float[] dy, int atDy, float[] dx, int to, int n) {
    float sum = Sums.dot(y, atY, dy, atDy, n);
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i).sub(sum);
      FloatVector.fromArray(FLOATS, y, atY + i).mul(outer).intoArray(dx, to + i);
    }
    for (; i < n; i++) {
      dx[to + i] = y[atY + i] * (dy[atDy + i] - sum);
    }
  }

  private static void logSoftmaxBackwardRow(
      float[] y, int atY, float[] dy, int atDy, float[] dx, int to, int n) {
    FloatVector factor = FloatVector.broadcast(FLOATS, -Sums.sum(dy, atDy, n));
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector p = VectorMath.expOfNegative(FloatVector.fromArray(FLOATS, y, atY + i, mask));
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i, mask);
      p.fma(factor, outer).intoArray(dx, to + i, mask);
    }
  }
}

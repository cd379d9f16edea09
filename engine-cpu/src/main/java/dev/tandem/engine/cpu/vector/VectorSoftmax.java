package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Softmax;
import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Softmax and its logarithm, row by row. */
final class VectorSoftmax extends Softmax {
  private final Workers workers;
  private final Job job;

  VectorSoftmax(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    job = new Job(workers);
  }

  @Override
  protected void computeSoftmax(Tensor x, Tensor y) {
    job.run(workers, Kind.SOFTMAX, x, x, y);
  }

  @Override
  protected void computeLogSoftmax(Tensor x, Tensor y) {
    job.run(workers, Kind.LOG_SOFTMAX, x, x, y);
  }

  @Override
  protected void computeSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    job.run(workers, Kind.SOFTMAX_BACKWARD, y, dy, dx);
  }

  @Override
  protected void computeLogSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    job.run(workers, Kind.LOG_SOFTMAX_BACKWARD, y, dy, dx);
  }

  private enum Kind {
    SOFTMAX,
    LOG_SOFTMAX,
    SOFTMAX_BACKWARD,
    LOG_SOFTMAX_BACKWARD
  }

  private static final class Job implements Workers.Task {
    private final Scratch scratch;
    private Kind kind;
    private Tensor x;
    private Tensor dy;
    private Tensor out;
    private int rows;
    private int columns;
    private int chunks;

    Job(Workers workers) {
      scratch = new Scratch(workers);
    }

    void run(Workers workers, Kind what, Tensor in, Tensor outer, Tensor result) {
      kind = what;
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
        int atX = offset(x) + at;
        int atDy = offset(dy) + at;
        int to = offset(out) + at;
        float[] rest = scratch.of(worker);
        switch (kind) {
          case SOFTMAX -> softmaxRow(floats(x), atX, floats(out), to, columns, rest);
          case LOG_SOFTMAX -> logSoftmaxRow(floats(x), atX, floats(out), to, columns, rest);
          case SOFTMAX_BACKWARD ->
              softmaxBackwardRow(floats(x), atX, floats(dy), atDy, floats(out), to, columns);
          case LOG_SOFTMAX_BACKWARD ->
              logSoftmaxBackwardRow(
                  floats(x), atX, floats(dy), atDy, floats(out), to, columns, rest);
        }
      }
    }
  }

  private static void softmaxRow(float[] x, int atX, float[] y, int to, int n, float[] scratch) {
    float sum = exponentials(Sums.max(x, atX, n), x, atX, y, to, n, scratch);
    VectorElementwise.scaleRange(1 / sum, y, to, y, to, n);
  }

  private static void logSoftmaxRow(float[] x, int atX, float[] y, int to, int n, float[] scratch) {
    float largest = Sums.max(x, atX, n);
    float logarithm = (float) Math.log(sumOfExponentials(largest, x, atX, n, scratch));
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i).sub(largest).sub(logarithm).intoArray(y, to + i);
    }
    for (; i < n; i++) {
      y[to + i] = x[atX + i] - largest - logarithm;
    }
  }

  /** {@code y = exp(x - largest)}; returns the sum of y, which may be x itself. */
  static float exponentials(
      float largest, float[] x, int atX, float[] y, int to, int n, float[] scratch) {
    int whole = Lanes.whole(n);
    float sum = exponentialVectors(largest, x, atX, y, to, whole);
    if (whole < n) {
      Scratch.put(scratch, 0, x, atX + whole, n - whole, Float.NEGATIVE_INFINITY);
      sum += exponentialVectors(largest, scratch, 0, scratch, 0, LENGTH);
      Scratch.take(scratch, 0, y, to + whole, n - whole);
    }
    return sum;
  }

  private static float exponentialVectors(
      float largest, float[] x, int atX, float[] y, int to, int n) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector e =
          VectorMath.expOfNegative(FloatVector.fromArray(FLOATS, x, atX + i).sub(largest));
      e.intoArray(y, to + i);
      sum = sum.add(e);
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }

  /** {@code sum exp(x - largest)}, added up in the order of {@link #exponentials}. */
  static float sumOfExponentials(float largest, float[] x, int atX, int n, float[] scratch) {
    int whole = Lanes.whole(n);
    float sum = sumOfVectors(largest, x, atX, whole);
    if (whole < n) {
      Scratch.put(scratch, 0, x, atX + whole, n - whole, Float.NEGATIVE_INFINITY);
      sum += sumOfVectors(largest, scratch, 0, LENGTH);
    }
    return sum;
  }

  private static float sumOfVectors(float largest, float[] x, int atX, int n) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      sum =
          sum.add(VectorMath.expOfNegative(FloatVector.fromArray(FLOATS, x, atX + i).sub(largest)));
    }
    return sum.reduceLanes(VectorOperators.ADD);
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
      float[] y, int atY, float[] dy, int atDy, float[] dx, int to, int n, float[] scratch) {
    float sum = Sums.sum(dy, atDy, n);
    int whole = Lanes.whole(n);
    logSoftmaxBackwardVectors(sum, y, atY, dy, atDy, dx, to, whole);
    if (whole < n) {
      Scratch.put(scratch, 0, y, atY + whole, n - whole, 0);
      Scratch.put(scratch, 1, dy, atDy + whole, n - whole, 0);
      logSoftmaxBackwardVectors(sum, scratch, 0, scratch, LENGTH, scratch, LENGTH, LENGTH);
      Scratch.take(scratch, 1, dx, to + whole, n - whole);
    }
  }

  private static void logSoftmaxBackwardVectors(
      float sum, float[] y, int atY, float[] dy, int atDy, float[] dx, int to, int n) {
    FloatVector factor = FloatVector.broadcast(FLOATS, -sum);
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector p = VectorMath.expOfNegative(FloatVector.fromArray(FLOATS, y, atY + i));
      p.fma(factor, FloatVector.fromArray(FLOATS, dy, atDy + i)).intoArray(dx, to + i);
    }
  }
}

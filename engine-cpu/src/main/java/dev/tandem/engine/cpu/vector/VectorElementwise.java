package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise;
import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;

/** Operations element by element. */
final class VectorElementwise extends Elementwise {
  private final Workers workers;
  private final RangeJob rangeJob = new RangeJob();
  private final RepeatJob repeatJob = new RepeatJob();
  private final TransposeJob transposeJob = new TransposeJob();
  private final SwapJob swapJob = new SwapJob();

  VectorElementwise(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
  }

  @Override
  protected void computeBinary(
      Binary operation, Tensor x, Tensor y, Broadcast broadcast, Tensor out) {
    if (broadcast == Broadcast.SAME) {
      RangeKind kind =
          switch (operation) {
            case ADD -> RangeKind.ADD;
            case SUBTRACT -> RangeKind.SUBTRACT;
            case MULTIPLY -> RangeKind.MULTIPLY;
            case DIVIDE -> RangeKind.DIVIDE;
          };
      range(kind, 0, 0, x, y, null, out);
      return;
    }
    if (length(x) == 0) {
      return;
    }
    boolean lone = broadcast == Broadcast.CHANNEL && elementsBehindChannel(x) == 1;
    boolean row = broadcast == Broadcast.ROW || lone;
    int columns =
        row ? length(y) : broadcast == Broadcast.CHANNEL ? elementsBehindChannel(x) : length(x);
    repeatJob.operation = operation;
    repeatJob.row = row;
    repeatJob.x = x;
    repeatJob.y = y;
    repeatJob.out = out;
    repeatJob.columns = columns;
    repeatJob.rows = length(x) / columns;
    repeatJob.chunks =
        repeatJob.rows == 1 ? Chunks.count(columns) : Chunks.ofRows(repeatJob.rows, columns);
    workers.run(repeatJob, repeatJob.chunks);
  }

  /** Returns the number of elements behind each (n, c) of {@code [N,C,...]}. */
  static int elementsBehindChannel(Tensor x) {
    int elements = 1;
    for (int axis = 2; axis < x.shape().rank(); axis++) {
      elements *= x.shape().dimension(axis);
    }
    return elements;
  }

  @Override
  protected void computeScale(double alpha, Tensor x, Tensor out) {
    range(RangeKind.SCALE, alpha, 0, x, x, null, out);
  }

  @Override
  protected void computeAxpy(double alpha, Tensor x, Tensor y) {
    range(RangeKind.AXPY, alpha, 0, x, y, null, y);
  }

  @Override
  protected void computeMultiplyAdd(Tensor x, Tensor y, Tensor z, Tensor out) {
    range(RangeKind.MULTIPLY_ADD, 0, 0, x, y, z, out);
  }

  @Override
  protected void computeClamp(double low, double high, Tensor x, Tensor out) {
    range(RangeKind.CLAMP, low, high, x, x, null, out);
  }

  @Override
  protected void computeTranspose2d(Tensor x, Tensor out) {
    transposeJob.x = x;
    transposeJob.out = out;
    int rows = x.shape().dimension(0);
    int columns = x.shape().dimension(1);
    transposeJob.chunks = Chunks.ofRows(columns, rows);
    workers.run(transposeJob, transposeJob.chunks);
  }

  @Override
  protected void computeSwapAxes(Tensor x, Tensor out) {
    swapJob.x = x;
    swapJob.out = out;
    swapJob.chunks =
        Chunks.ofRows(x.shape().dimension(1), x.shape().dimension(0) * x.shape().dimension(2));
    workers.run(swapJob, swapJob.chunks);
  }

  private void range(
      RangeKind kind, double first, double second, Tensor x, Tensor y, Tensor z, Tensor out) {
    rangeJob.kind = kind;
    rangeJob.first = (float) first;
    rangeJob.second = (float) second;
    rangeJob.x = x;
    rangeJob.y = y;
    rangeJob.z = z;
    rangeJob.out = out;
    rangeJob.chunks = Chunks.count(length(x));
    Chunks.runCheap(workers, rangeJob, rangeJob.chunks);
  }

  private enum RangeKind {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    SCALE,
    AXPY,
    MULTIPLY_ADD,
    CLAMP
  }

  /** Operands of the same length. */
  private static final class RangeJob implements Workers.Task {
    private RangeKind kind;
    private float first;
    private float second;
    private Tensor x;
    private Tensor y;
    private Tensor z;
    private Tensor out;
    private int chunks;

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(x));
      int n = Chunks.start(chunk + 1, chunks, length(x)) - start;
      int atX = offset(x) + start;
      int atY = offset(y) + start;
      int to = offset(out) + start;
      float[] left = floats(x);
      float[] right = floats(y);
      float[] result = floats(out);
      switch (kind) {
        case ADD -> addRange(left, atX, right, atY, result, to, n);
        case SUBTRACT -> subtractRange(left, atX, right, atY, result, to, n);
        case MULTIPLY -> multiplyRange(left, atX, right, atY, result, to, n);
        case DIVIDE -> divideRange(left, atX, right, atY, result, to, n);
        case SCALE -> scaleRange(first, left, atX, result, to, n);
        case AXPY -> axpyRange(first, left, atX, result, to, n);
        case MULTIPLY_ADD ->
            multiplyAddRange(left, atX, right, atY, floats(z), offset(z) + start, result, to, n);
        case CLAMP -> clampRange(first, second, left, atX, result, to, n);
      }
    }
  }

  /** A matrix x and a y that is repeated: a row of it for every row, or a number for each row. */
  private static final class RepeatJob implements Workers.Task {
    private Binary operation;
    private boolean row;
    private Tensor x;
    private Tensor y;
    private Tensor out;
    private int rows;
    private int columns;
    private int chunks;

    @Override
    public void run(int chunk, int worker) {
      if (rows == 1) {
        int start = Chunks.start(chunk, chunks, columns);
        apply(0, start, Chunks.start(chunk + 1, chunks, columns) - start);
        return;
      }
      int end = Chunks.row(chunk + 1, chunks, rows);
      for (int i = Chunks.row(chunk, chunks, rows); i < end; i++) {
        apply(i, 0, columns);
      }
    }

    private void apply(int i, int start, int n) {
      int at = i * columns + start;
      float[] left = floats(x);
      float[] right = floats(y);
      float[] result = floats(out);
      int atX = offset(x) + at;
      int to = offset(out) + at;
      if (row) {
        int atY = offset(y) + start;
        switch (operation) {
          case ADD -> addRange(left, atX, right, atY, result, to, n);
          case SUBTRACT -> subtractRange(left, atX, right, atY, result, to, n);
          case MULTIPLY -> multiplyRange(left, atX, right, atY, result, to, n);
          case DIVIDE -> divideRange(left, atX, right, atY, result, to, n);
        }
      } else {
        float value = right[offset(y) + i % length(y)];
        switch (operation) {
          case ADD -> addNumber(left, atX, value, result, to, n);
          case SUBTRACT -> addNumber(left, atX, -value, result, to, n);
          case MULTIPLY -> scaleRange(value, left, atX, result, to, n);
          case DIVIDE -> divideByNumber(left, atX, value, result, to, n);
        }
      }
    }
  }

  /** Rows of the last axis, copied one by one; chunks share out the second axis. */
  private static final class SwapJob implements Workers.Task {
    private Tensor x;
    private Tensor out;
    private int chunks;

    @Override
    public void run(int chunk, int worker) {
      int first = x.shape().dimension(0);
      int second = x.shape().dimension(1);
      int third = x.shape().dimension(2);
      int end = Chunks.row(chunk + 1, chunks, second);
      for (int b = Chunks.row(chunk, chunks, second); b < end; b++) {
        for (int a = 0; a < first; a++) {
          System.arraycopy(
              floats(x),
              offset(x) + (a * second + b) * third,
              floats(out),
              offset(out) + (b * first + a) * third,
              third);
        }
      }
    }
  }

  /** Blocks of a matrix whose rows and columns both stay in the first-level cache. */
  private static final class TransposeJob implements Workers.Task {
    private static final int SIDE = 32;
    private Tensor x;
    private Tensor out;
    private int chunks;

    @Override
    public void run(int chunk, int worker) {
      int rows = x.shape().dimension(0);
      int columns = x.shape().dimension(1);
      int end = Chunks.row(chunk + 1, chunks, columns);
      for (int j = Chunks.row(chunk, chunks, columns); j < end; j += SIDE) {
        for (int i = 0; i < rows; i += SIDE) {
          block(rows, columns, i, Math.min(i + SIDE, rows), j, Math.min(j + SIDE, end));
        }
      }
    }

    private void block(int rows, int columns, int top, int bottom, int left, int right) {
      float[] from = floats(x);
      float[] to = floats(out);
      int atX = offset(x);
      int atOut = offset(out);
      for (int j = left; j < right; j++) {
        for (int i = top; i < bottom; i++) {
          to[atOut + j * rows + i] = from[atX + i * columns + j];
        }
      }
    }
  }

  /** {@code out = x + y}. */
  static void addRange(float[] x, int atX, float[] y, int atY, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i)
          .add(FloatVector.fromArray(FLOATS, y, atY + i))
          .intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = x[atX + i] + y[atY + i];
    }
  }

  /** {@code out = x - y}. */
  static void subtractRange(float[] x, int atX, float[] y, int atY, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i)
          .sub(FloatVector.fromArray(FLOATS, y, atY + i))
          .intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = x[atX + i] - y[atY + i];
    }
  }

  /** {@code out = x * y}. */
  static void multiplyRange(float[] x, int atX, float[] y, int atY, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i)
          .mul(FloatVector.fromArray(FLOATS, y, atY + i))
          .intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = x[atX + i] * y[atY + i];
    }
  }

  /** {@code out = x / y}. */
  static void divideRange(float[] x, int atX, float[] y, int atY, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i)
          .div(FloatVector.fromArray(FLOATS, y, atY + i))
          .intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = x[atX + i] / y[atY + i];
    }
  }

  /** {@code out = x + value}. */
  static void addNumber(float[] x, int atX, float value, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i).add(value).intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = x[atX + i] + value;
    }
  }

  /** {@code out = x / value}. */
  static void divideByNumber(float[] x, int atX, float value, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i).div(value).intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = x[atX + i] / value;
    }
  }

  /** {@code out = alpha x}. */
  static void scaleRange(float alpha, float[] x, int atX, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i).mul(alpha).intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = alpha * x[atX + i];
    }
  }

  /** {@code out = alpha x + out}. */
  static void axpyRange(float alpha, float[] x, int atX, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i)
          .fma(FloatVector.broadcast(FLOATS, alpha), FloatVector.fromArray(FLOATS, out, to + i))
          .intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = Math.fma(alpha, x[atX + i], out[to + i]);
    }
  }

  /** {@code out = x y + z}. */
  static void multiplyAddRange(
      float[] x, int atX, float[] y, int atY, float[] z, int atZ, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i)
          .fma(FloatVector.fromArray(FLOATS, y, atY + i), FloatVector.fromArray(FLOATS, z, atZ + i))
          .intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = Math.fma(x[atX + i], y[atY + i], z[atZ + i]);
    }
  }

  /** {@code out = min(max(x, low), high)}; NaN stays NaN. */
  static void clampRange(float low, float high, float[] x, int atX, float[] out, int to, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector.fromArray(FLOATS, x, atX + i).max(low).min(high).intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = Math.min(Math.max(x[atX + i], low), high);
    }
  }
}

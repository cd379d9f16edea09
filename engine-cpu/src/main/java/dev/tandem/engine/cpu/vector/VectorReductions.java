package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.ints;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Reductions;
import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums, maxima and other reductions. What is reduced to one number is first reduced in chunks,
 * whose results are combined in their order, in double.
 */
final class VectorReductions extends Reductions {
  private final Workers workers;
  private final WholeJob wholeJob = new WholeJob();
  private final RowJob rowJob = new RowJob();
  private final ColumnJob columnJob = new ColumnJob();

  VectorReductions(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
  }

  @Override
  protected void computeSum(Tensor x, Axis axis, boolean accumulate, Tensor out) {
    reduce(false, x, axis, accumulate, 1, out);
  }

  @Override
  protected void computeMean(Tensor x, Axis axis, Tensor out) {
    int count =
        switch (axis) {
          case ALL -> length(x);
          case ROWS -> x.shape().rows();
          case COLUMNS -> x.shape().columns();
        };
    reduce(false, x, axis, false, count, out);
  }

  @Override
  protected void computeMax(Tensor x, Axis axis, Tensor out) {
    reduce(true, x, axis, false, 1, out);
  }

  private void reduce(
      boolean max, Tensor x, Axis axis, boolean accumulate, int divisor, Tensor out) {
    switch (axis) {
      case ALL -> {
        wholeJob.run(workers, max ? Whole.MAX : Whole.SUM, x, x);
        double result = (max ? wholeJob.largest() : wholeJob.total()) / divisor;
        float[] into = floats(out);
        into[offset(out)] = (float) (accumulate ? into[offset(out)] + result : result);
      }
      case ROWS -> columnJob.run(workers, max, x, accumulate, divisor, out);
      case COLUMNS ->
          rowJob.run(workers, max ? EachRow.MAX : EachRow.SUM, x, accumulate, divisor, out);
    }
  }

  @Override
  protected void computeArgmax(Tensor x, Tensor out) {
    rowJob.run(workers, EachRow.ARGMAX, x, false, 1, out);
  }

  @Override
  protected void computeSumOfSquares(Tensor x, Tensor out) {
    wholeJob.run(workers, Whole.SUM_OF_SQUARES, x, x);
    floats(out)[offset(out)] = (float) wholeJob.total();
  }

  @Override
  protected void computeDot(Tensor x, Tensor y, Tensor out) {
    wholeJob.run(workers, Whole.DOT, x, y);
    floats(out)[offset(out)] = (float) wholeJob.total();
  }

  @Override
  protected void computeCountNonFinite(Tensor x, Tensor out) {
    wholeJob.run(workers, Whole.COUNT_NON_FINITE, x, x);
    ints(out)[offset(out)] = (int) wholeJob.total();
  }

  private enum Whole {
    SUM,
    MAX,
    SUM_OF_SQUARES,
    DOT,
    COUNT_NON_FINITE
  }

  /** All elements to one number. */
  private static final class WholeJob implements Workers.Task {
    private Whole kind;
    private Tensor x;
    private Tensor y;
    private int chunks;
    private double[] partials = new double[64];

    void run(Workers workers, Whole what, Tensor left, Tensor right) {
      kind = what;
      x = left;
      y = right;
      chunks = Chunks.count(length(left));
      if (chunks > partials.length) {
        partials = new double[chunks];
      }
      Chunks.runCheap(workers, this, chunks);
    }

    double total() {
      double sum = 0;
      for (int i = 0; i < chunks; i++) {
        sum += partials[i];
      }
      return sum;
    }

    double largest() {
      double largest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < chunks; i++) {
        largest = Math.max(largest, partials[i]);
      }
      return largest;
    }

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(x));
      int n = Chunks.start(chunk + 1, chunks, length(x)) - start;
      int at = offset(x) + start;
      partials[chunk] =
          switch (kind) {
            case SUM -> Sums.sum(floats(x), at, n);
            case MAX -> Sums.max(floats(x), at, n);
            case SUM_OF_SQUARES -> Sums.sumOfSquares(floats(x), at, n);
            case DOT -> Sums.dot(floats(x), at, floats(y), offset(y) + start, n);
            case COUNT_NON_FINITE -> countNonFinite(floats(x), at, n);
          };
    }

    private static int countNonFinite(float[] x, int at, int n) {
      int count = n;
      int i = 0;
      for (; i < Lanes.whole(n); i += LENGTH) {
        count -=
            FloatVector.fromArray(FLOATS, x, at + i).test(VectorOperators.IS_FINITE).trueCount();
      }
      for (; i < n; i++) {
        count -= Float.isFinite(x[at + i]) ? 1 : 0;
      }
      return count;
    }
  }

  private enum EachRow {
    SUM,
    MAX,
    ARGMAX
  }

  /** Every row to one number. */
  private static final class RowJob implements Workers.Task {
    private EachRow kind;
    private Tensor x;
    private boolean accumulate;
    private int divisor;
    private Tensor out;
    private int rows;
    private int columns;
    private int chunks;

    void run(Workers workers, EachRow what, Tensor in, boolean add, int count, Tensor result) {
      kind = what;
      x = in;
      accumulate = add;
      divisor = count;
      out = result;
      rows = in.shape().rows();
      columns = in.shape().columns();
      chunks = Math.max(1, Chunks.ofRows(rows, columns));
      workers.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
      int end = Chunks.row(chunk + 1, chunks, rows);
      for (int i = Chunks.row(chunk, chunks, rows); i < end; i++) {
        int at = offset(x) + i * columns;
        int to = offset(out) + i;
        switch (kind) {
          case SUM -> {
            float value = Sums.sum(floats(x), at, columns) / divisor;
            floats(out)[to] = accumulate ? floats(out)[to] + value : value;
          }
          case MAX -> floats(out)[to] = Sums.max(floats(x), at, columns);
          case ARGMAX -> ints(out)[to] = argmax(floats(x), at, columns);
        }
      }
    }

    private static int argmax(float[] x, int at, int n) {
      float largest = Sums.max(x, at, n);
      int j = 0;
      // Either comparison fails for a NaN, so a NaN is found as what is neither smaller nor other.
      while (largest != largest ? x[at + j] == x[at + j] : x[at + j] != largest) {
        j++;
      }
      return j;
    }
  }

  /**
   * Every column to one number, some vectors of columns side by side: of a row that is one vector
   * wide, a line comes from each page and nothing ahead of it.
   */
  private static final class ColumnJob implements Workers.Task {
    private static final int VECTORS = 4;

    /** What a chunk has at least: {@link #VECTORS} of the widest. */
    private static final int LEAST = 64;

    private boolean max;
    private Tensor x;
    private boolean accumulate;
    private int divisor;
    private Tensor out;
    private int rows;
    private int columns;
    private int chunks;

    void run(Workers workers, boolean largest, Tensor in, boolean add, int count, Tensor result) {
      max = largest;
      x = in;
      accumulate = add;
      divisor = count;
      out = result;
      rows = in.shape().rows();
      columns = in.shape().columns();
      int most = (columns + LEAST - 1) / LEAST;
      chunks = Math.max(1, Math.min(most, Chunks.ofRows(columns, rows)));
      workers.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
      int end = Chunks.start(chunk + 1, chunks, columns);
      int j = Chunks.start(chunk, chunks, columns);
      for (; !max && j <= end - VECTORS * LENGTH; j += VECTORS * LENGTH) {
        int at = offset(x) + j;
        sums(rows, columns, divisor, accumulate, floats(x), at, floats(out), offset(out) + j);
      }
      for (; j < end; j += LENGTH) {
        int at = offset(x) + j;
        int to = offset(out) + j;
        int lanes = Math.min(LENGTH, end - j);
        if (max) {
          max(rows, columns, lanes, floats(x), at, floats(out), to);
        } else {
          sum(rows, columns, lanes, divisor, accumulate, floats(x), at, floats(out), to);
        }
      }
    }

    /** {@link #VECTORS} side by side; with eight C2 no longer inlined the last write. */
    private static void sums(
        int rows,
        int columns,
        int divisor,
        boolean accumulate,
        float[] x,
        int at,
        float[] out,
        int to) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int i = 0, next = at; i < rows; i++, next += columns) {
        s0 = s0.add(FloatVector.fromArray(FLOATS, x, next));
        s1 = s1.add(FloatVector.fromArray(FLOATS, x, next + LENGTH));
        s2 = s2.add(FloatVector.fromArray(FLOATS, x, next + 2 * LENGTH));
        s3 = s3.add(FloatVector.fromArray(FLOATS, x, next + 3 * LENGTH));
      }
      write(s0, divisor, accumulate, out, to);
      write(s1, divisor, accumulate, out, to + LENGTH);
      write(s2, divisor, accumulate, out, to + 2 * LENGTH);
      write(s3, divisor, accumulate, out, to + 3 * LENGTH);
    }

    private static void write(
        FloatVector sum, int divisor, boolean accumulate, float[] out, int to) {
      // Each side stores its own: a vector that came from either would be an object.
      if (accumulate) {
        sum.div(divisor).add(FloatVector.fromArray(FLOATS, out, to)).intoArray(out, to);
      } else {
        sum.div(divisor).intoArray(out, to);
      }
    }

    private static void sum(
        int rows,
        int columns,
        int lanes,
        int divisor,
        boolean accumulate,
        float[] x,
        int at,
        float[] out,
        int to) {
      VectorMask<Float> mask = FLOATS.indexInRange(0, lanes);
      FloatVector even = FloatVector.zero(FLOATS);
      FloatVector odd = even;
      int i = 0;
      int next = at;
      for (; i + 1 < rows; i += 2, next += 2 * columns) {
        even = even.add(FloatVector.fromArray(FLOATS, x, next, mask));
        odd = odd.add(FloatVector.fromArray(FLOATS, x, next + columns, mask));
      }
      if (i < rows) {
        even = even.add(FloatVector.fromArray(FLOATS, x, next, mask));
      }
      FloatVector result = even.add(odd).div(divisor);
      if (accumulate) {
        result = result.add(FloatVector.fromArray(FLOATS, out, to, mask));
      }
      result.intoArray(out, to, mask);
    }

    private static void max(
        int rows, int columns, int lanes, float[] x, int at, float[] out, int to) {
      VectorMask<Float> mask = FLOATS.indexInRange(0, lanes);
      FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      for (int i = 0, next = at; i < rows; i++, next += columns) {
        largest = largest.max(FloatVector.fromArray(FLOATS, x, next, mask));
      }
      largest.intoArray(out, to, mask);
    }
  }
}

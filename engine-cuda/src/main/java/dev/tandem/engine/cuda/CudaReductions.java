package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.Reductions;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/**
 * Sums, maxima and other reductions. What is long is reduced in two launches: parts of it, then the
 * results of the parts, which lie in the backend's scratch memory. The division depends on the
 * sizes alone, so that the same numbers always give the same bits.
 */
final class CudaReductions extends Reductions {
  /** The most runs into which everything is divided. */
  private static final int MOST_RUNS = 1024;

  /** The shortest run that is worth a block of its own. */
  private static final int SHORTEST_RUN = 2048;

  private static final int WARP = 32;

  /** The blocks that are enough to read columns at the speed of the memory. */
  private static final int ENOUGH_BLOCKS = 512;

  /** The fewest rows that a thread goes over before columns are divided further. */
  private static final int ROWS_OF_THREAD = 8;

  private final CudaBackend backend;
  private final Kernel sumRuns;
  private final Kernel sumColumns;
  private final Kernel maxRuns;
  private final Kernel maxColumns;
  private final Kernel dotRuns;
  private final Kernel countRuns;
  private final Kernel sumIntegerRuns;
  private final Kernel argmax;

  CudaReductions(CudaBackend backend) {
    super(backend);
    this.backend = backend;
    KernelModule module = backend.kernels().module("reductions");
    sumRuns = module.kernel("sum_runs");
    sumColumns = module.kernel("sum_columns");
    maxRuns = module.kernel("max_runs");
    maxColumns = module.kernel("max_columns");
    dotRuns = module.kernel("dot_runs");
    countRuns = module.kernel("count_non_finite_runs");
    sumIntegerRuns = module.kernel("sum_integer_runs");
    argmax = module.kernel("argmax");
  }

  @Override
  protected void computeSum(Tensor x, Axis axis, boolean accumulate, Tensor out) {
    sum(x, axis, false, accumulate, out);
  }

  @Override
  protected void computeMean(Tensor x, Axis axis, Tensor out) {
    sum(x, axis, true, false, out);
  }

  private void sum(Tensor x, Axis axis, boolean mean, boolean accumulate, Tensor out) {
    int rows = x.shape().rows();
    int columns = x.shape().columns();
    long from = address(x);
    long to = address(out);
    switch (axis) {
      case ALL -> {
        long n = x.elements();
        long length = runLength(n);
        long runs = RowBlocks.parts(n, length);
        double divisor = mean ? n : 1;
        if (runs > 1) {
          sumRuns(from, n, length, runs, 1, false, scratch());
          sumRuns(scratch(), runs, runs, 1, divisor, accumulate, to);
        } else {
          sumRuns(from, n, n, 1, divisor, accumulate, to);
        }
      }
      case ROWS -> {
        double divisor = mean ? rows : 1;
        long piece = rowsOfPiece(rows, columns);
        int pieces = (int) RowBlocks.parts(rows, piece);
        if (pieces > 1) {
          sumColumns(from, rows, columns, piece, 1, false, scratch());
          sumColumns(scratch(), pieces, columns, pieces, divisor, accumulate, to);
        } else {
          sumColumns(from, rows, columns, piece, divisor, accumulate, to);
        }
      }
      case COLUMNS ->
          sumRuns(from, x.elements(), columns, rows, mean ? columns : 1, accumulate, to);
    }
  }

  private void sumRuns(
      long x, long total, long length, long runs, double divisor, boolean accumulate, long out) {
    if (runs > 0) {
      sumRuns
          .index(total)
          .index(length)
          .index(runs)
          .number(divisor)
          .integer(accumulate ? 1 : 0)
          .address(x)
          .address(out);
      RowBlocks.launch(sumRuns, runs, length);
    }
  }

  private void sumColumns(
      long x, long rows, int columns, long piece, double divisor, boolean accumulate, long out) {
    if (columns > 0) {
      sumColumns
          .index(rows)
          .index(columns)
          .index(piece)
          .number(divisor)
          .integer(accumulate ? 1 : 0)
          .address(x)
          .address(out);
      launchColumns(sumColumns, rows, columns, piece);
    }
  }

  @Override
  protected void computeMax(Tensor x, Axis axis, Tensor out) {
    int rows = x.shape().rows();
    int columns = x.shape().columns();
    long from = address(x);
    long to = address(out);
    switch (axis) {
      case ALL -> {
        long n = x.elements();
        long length = runLength(n);
        long runs = RowBlocks.parts(n, length);
        if (runs > 1) {
          runs(maxRuns, from, n, length, runs, scratch());
          runs(maxRuns, scratch(), runs, runs, 1, to);
        } else {
          runs(maxRuns, from, n, n, 1, to);
        }
      }
      case ROWS -> {
        long piece = rowsOfPiece(rows, columns);
        int pieces = (int) RowBlocks.parts(rows, piece);
        if (pieces > 1) {
          maxColumns(from, rows, columns, piece, scratch());
          maxColumns(scratch(), pieces, columns, pieces, to);
        } else {
          maxColumns(from, rows, columns, piece, to);
        }
      }
      case COLUMNS -> runs(maxRuns, from, x.elements(), columns, rows, to);
    }
  }

  private void maxColumns(long x, long rows, int columns, long piece, long out) {
    maxColumns.index(rows).index(columns).index(piece).address(x).address(out);
    launchColumns(maxColumns, rows, columns, piece);
  }

  /** Reduces runs of an array, each to one result. */
  private static void runs(Kernel kernel, long x, long total, long length, long runs, long out) {
    kernel.index(total).index(length).index(runs).address(x).address(out);
    RowBlocks.launch(kernel, runs, length);
  }

  @Override
  protected void computeArgmax(Tensor x, Tensor out) {
    int rows = x.shape().rows();
    int columns = x.shape().columns();
    argmax.index(rows).integer(columns).address(address(x)).address(address(out));
    RowBlocks.launch(argmax, rows, columns);
  }

  @Override
  protected void computeSumOfSquares(Tensor x, Tensor out) {
    computeDot(x, x, out);
  }

  @Override
  protected void computeDot(Tensor x, Tensor y, Tensor out) {
    long n = x.elements();
    long length = runLength(n);
    long runs = RowBlocks.parts(n, length);
    if (runs > 1) {
      dot(x, y, length, runs, scratch());
      sumRuns(scratch(), runs, runs, 1, 1, false, address(out));
    } else {
      dot(x, y, n, 1, address(out));
    }
  }

  private void dot(Tensor x, Tensor y, long length, long runs, long out) {
    dotRuns.index(x.elements()).index(length).index(runs);
    dotRuns.address(address(x)).address(address(y)).address(out);
    RowBlocks.launch(dotRuns, runs, length);
  }

  @Override
  protected void computeCountNonFinite(Tensor x, Tensor out) {
    long n = x.elements();
    long length = runLength(n);
    long runs = RowBlocks.parts(n, length);
    if (runs > 1) {
      runs(countRuns, address(x), n, length, runs, scratch());
      runs(sumIntegerRuns, scratch(), runs, runs, 1, address(out));
    } else {
      runs(countRuns, address(x), n, n, 1, address(out));
    }
  }

  private long scratch() {
    return backend.scratch().address();
  }

  /** Returns how long the runs are into which everything is divided. */
  private static long runLength(long elements) {
    return Math.max(SHORTEST_RUN, RowBlocks.parts(elements, MOST_RUNS));
  }

  /** Returns how many rows go into one piece of the columns; at least 1. */
  private long rowsOfPiece(long rows, int columns) {
    long threads = RowBlocks.powerOfTwo(columns, WARP);
    long across = Math.max(1, RowBlocks.parts(columns, threads));
    long wanted = ENOUGH_BLOCKS / across;
    long worthwhile = rows / (Kernel.THREADS / threads * ROWS_OF_THREAD);
    long held = backend.scratch().bytes() / Float.BYTES / Math.max(1, columns);
    long pieces = Math.max(1, Math.min(wanted, Math.min(worthwhile, held)));
    return Math.max(1, RowBlocks.parts(rows, pieces));
  }

  /** Launches a kernel in which x goes along the columns and y along the rows of a piece. */
  private static void launchColumns(Kernel kernel, long rows, int columns, long piece) {
    int threads = RowBlocks.powerOfTwo(columns, WARP);
    kernel.launch(
        (int) RowBlocks.parts(columns, threads),
        (int) Math.max(1, RowBlocks.parts(rows, piece)),
        1,
        threads,
        Kernel.THREADS / threads,
        1,
        0);
  }
}

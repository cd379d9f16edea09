package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Gemm;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Matrix products.
 *
 * <p>C is cut into strips, each as wide as a tile of {@link GemmKernels} and up to {@link
 * #MOST_ROWS} rows high. A strip is one chunk: it goes through K in blocks, copies that block of
 * its columns of B into scratch of its thread, where they fit the first-level cache, and runs all
 * its tiles over it; then it adds the bias and applies the activation. So every element of C comes
 * from the same sequence of operations however many threads there are, threads need not wait for
 * each other, and the scratch is one block for each thread. (Goto and van de Geijn 2008 pack A too;
 * the kernels here read it as it lies.)
 *
 * <p>Few rows of C would not use the copy often enough, and a small B is in the first-level cache
 * anyway: those are read as they lie. With B transposed and A not, few rows of C are sums along K
 * of what lies side by side, see {@link GemmDots}.
 */
final class VectorGemm extends Gemm {
  /** A block of K. 256 rows of two 512-bit vectors are 32 KiB, the first-level cache. */
  private static final int BLOCK = 256;

  /** 512 rows by a block of K are 512 KiB of A: half of a second-level cache, which keeps them. */
  private static final int MOST_ROWS = 512;

  /** The fewest rows for which a copy of B pays. */
  private static final int COPYING_ROWS = 3 * GemmKernels.ROWS;

  /** The most elements of B that are left where they are: 36 KiB. */
  private static final int SMALL_B = 9216;

  /** See {@link Job#dotsPay}; measured, docs/performance.md. */
  private static final int COPY_COST = 28;

  /** The K from which sums along it are faster than copies of less than a vector of columns. */
  private static final int NARROW_DOTS = 128;

  /** The longest K with which C is computed row by row. */
  private static final int SHORT = 16;

  /** The fewest strips into which a large C is cut, so that threads have something to share. */
  private static final int SHARED_STRIPS = 16;

  /** Strips are not cut below this, so that a copy of B is used often enough. */
  private static final int FEWEST_ROWS = 8 * GemmKernels.ROWS;

  /** Less work than this, some 10 microseconds, is not shared. */
  private static final long SHARED_FLOPS = 1 << 20;

  private final Workers workers;
  private final Job job;

  VectorGemm(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    job = new Job(workers.threads());
  }

  @Override
  protected void compute(GemmSpec spec, Batch batch, Tensor a, Tensor b, Tensor bias, Tensor c) {
    job.setBias(bias);
    run(spec, batch, floats(a), offset(a), floats(b), offset(b), floats(c), offset(c));
  }

  /**
   * Computes {@code C = alpha op(A) op(B) + beta C} on matrices that begin anywhere in arrays, for
   * families whose products are on parts of their own memory.
   */
  void multiply(GemmSpec spec, float[] a, int atA, float[] b, int atB, float[] c, int atC) {
    job.setBias(null);
    run(spec, Batch.ONE, a, atA, b, atB, c, atC);
  }

  private void run(
      GemmSpec spec, Batch batch, float[] a, int atA, float[] b, int atB, float[] c, int atC) {
    job.set(spec, batch, a, atA, b, atB, c, atC);
    int chunks = Math.multiplyExact(batch.count(), job.strips * job.panels);
    if (spec.flops() * batch.count() < SHARED_FLOPS) {
      workers.runAlone(job, chunks);
    } else {
      workers.run(job, chunks);
    }
  }

  private static int ceiling(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  private static final class Job implements Workers.Task {
    private final float[][] blocks;
    private final float[][] tiles;
    private GemmSpec spec;
    private Batch batch;
    private float[] a;
    private int startA;
    private float[] b;
    private int startB;
    private Tensor bias;
    private float[] c;
    private int startC;
    private int rowA;
    private int stepA;
    private int rowB;
    private int columnB;
    private boolean dots;
    private boolean copying;
    private boolean outer;
    private int tileColumns;
    private int chunkColumns;
    private int panels;
    private int strips;

    Job(int threads) {
      blocks = new float[threads][BLOCK * GemmKernels.COLUMNS];
      int tile = Math.max(GemmKernels.ROWS * GemmKernels.COLUMNS, GemmDots.SCRATCH);
      tiles = new float[threads][Math.max(tile, Squares.SCRATCH)];
    }

    void setBias(Tensor addend) {
      bias = addend;
    }

    void set(
        GemmSpec next,
        Batch items,
        float[] left,
        int atLeft,
        float[] right,
        int atRight,
        float[] result,
        int atResult) {
      spec = next;
      batch = items;
      a = left;
      startA = atLeft;
      b = right;
      startB = atRight;
      c = result;
      startC = atResult;
      rowA = spec.transposeA() ? 1 : spec.lda();
      stepA = spec.transposeA() ? spec.lda() : 1;
      rowB = spec.transposeB() ? 1 : spec.ldb();
      columnB = spec.transposeB() ? spec.ldb() : 1;
      dots = spec.transposeB() && !spec.transposeA() && dotsPay(spec);
      boolean large = (long) spec.k() * spec.n() > SMALL_B;
      copying = spec.transposeB() || large && spec.m() >= COPYING_ROWS;
      // With a short K there is little else to do than to write C, which is fastest row by row.
      boolean flat = spec.k() <= SHORT && !copying && !dots;
      outer = flat && spec.k() == 1 && spec.alpha() == 1 && (spec.beta() == 0 || spec.beta() == 1);
      boolean oneRow = spec.m() == 1 && !spec.transposeB();
      tileColumns = outer ? spec.n() : oneRow ? GemmRowKernel.COLUMNS : GemmKernels.COLUMNS;
      chunkColumns = flat ? spec.n() : tileColumns;
      panels = ceiling(spec.n(), chunkColumns);
      if (flat) {
        strips = ceiling(spec.m(), GemmKernels.ROWS);
        return;
      }
      // To turn B costs more than to copy it, and must serve more rows.
      int fewest = spec.transposeB() ? 2 * FEWEST_ROWS : FEWEST_ROWS;
      int shared = Math.min(ceiling(SHARED_STRIPS, panels), ceiling(spec.m(), fewest));
      strips = Math.max(ceiling(spec.m(), MOST_ROWS), shared);
    }

    /**
     * Sums along K cost some time for each element of C, to add up lanes; copies of B some for each
     * element of B, {@link #COPY_COST} times less. A copy of few columns is mostly padding.
     */
    private static boolean dotsPay(GemmSpec spec) {
      boolean narrow = spec.n() < GemmNarrowKernels.COLUMNS;
      return spec.m() <= GemmKernels.ROWS + spec.k() / COPY_COST
          || narrow && spec.k() >= NARROW_DOTS;
    }

    @Override
    public void run(int chunk, int worker) {
      int begin = chunk % panels * chunkColumns;
      int end = Math.min(begin + chunkColumns, spec.n());
      int strip = chunk / panels % strips;
      int first = row(strip);
      int rows = row(strip + 1) - first;
      int item = chunk / panels / strips;
      int column = begin;
      while (column < end) {
        boolean whole = end - column >= tileColumns;
        int columns = whole ? tileColumns : Math.min(GemmKernels.COLUMNS, end - column);
        int atA = startA + (int) (item * batch.a()) + first * rowA;
        int atB = startB + (int) (item * batch.b()) + column * columnB;
        int atC = startC + (int) (item * batch.c()) + first * spec.ldc() + column;
        if (dots) {
          GemmDots.multiply(spec, rows, columns, a, atA, b, atB, c, atC, tiles[worker]);
        } else if (outer) {
          outer(rows, atA, atB, atC);
        } else if (whole && tileColumns == GemmRowKernel.COLUMNS) {
          row(atA, atB, atC, tiles[worker]);
        } else {
          blocks(worker, rows, columns, atA, atB, atC);
        }
        finish(rows, column, columns, atC);
        column += columns;
      }
    }

    /** Returns the first row of a strip, at a multiple of the rows of a tile. */
    private int row(int strip) {
      int all = ceiling(spec.m(), GemmKernels.ROWS);
      return Math.min(spec.m(), (int) ((long) all * strip / strips) * GemmKernels.ROWS);
    }

    /** With a K of 1 rows of C are multiples of the only row of B. */
    private void outer(int rows, int atA, int atB, int atC) {
      for (int i = 0; i < rows; i++) {
        float factor = a[atA + i * rowA];
        int to = atC + i * spec.ldc();
        if (spec.beta() == 0) {
          VectorElementwise.scaleRange(factor, b, atB, c, to, spec.n());
        } else {
          VectorElementwise.axpyRange(factor, b, atB, c, to, spec.n());
        }
      }
    }

    /** Computes as many columns of the only row as {@link GemmRowKernel} takes. */
    private void row(int atA, int atB, int atC, float[] tile) {
      int k = spec.k();
      boolean direct = spec.alpha() == 1 && spec.beta() == 0;
      float[] target = direct ? c : tile;
      GemmRowKernel.run(
          k,
          a,
          atA,
          stepA,
          b,
          atB,
          GemmKernels.COLUMNS,
          rowB,
          GemmRowKernel.ZEROS,
          0,
          target,
          direct ? atC : 0);
      if (!direct) {
        merge(
            1,
            GemmRowKernel.COLUMNS,
            GemmRowKernel.COLUMNS,
            tile,
            (float) spec.alpha(),
            (float) spec.beta(),
            c,
            atC,
            0);
      }
    }

    /** Computes a strip block of K by block, all of about the same length. */
    private void blocks(int worker, int rows, int columns, int atA, int atB, int atC) {
      int width =
          columns <= GemmNarrowKernels.COLUMNS ? GemmNarrowKernels.COLUMNS : GemmKernels.COLUMNS;
      boolean copied = copying || columns < width;
      float[] panel = copied ? blocks[worker] : b;
      int count = Math.max(1, ceiling(spec.k(), BLOCK));
      for (int block = 0; block < count; block++) {
        int start = (int) ((long) spec.k() * block / count);
        int length = (int) ((long) spec.k() * (block + 1) / count) - start;
        int from = atB + start * rowB;
        if (copied) {
          if (spec.transposeB()) {
            GemmPacking.copyTransposed(
                b, from, columnB, length, columns, panel, width, tiles[worker]);
          } else {
            GemmPacking.copy(b, from, rowB, length, columns, panel, width);
          }
        }
        tiles(
            tiles[worker],
            rows,
            columns,
            width,
            length,
            atA + start * stepA,
            panel,
            copied ? 0 : from,
            copied ? width : rowB,
            block == 0 ? (float) spec.beta() : 1,
            atC);
      }
    }

    private void tiles(
        float[] tile,
        int rows,
        int columns,
        int width,
        int length,
        int atA,
        float[] panel,
        int from,
        int next,
        float beta,
        int atC) {
      float alpha = (float) spec.alpha();
      // Whole tiles without factors need no place of their own.
      boolean direct = columns == width && alpha == 1 && (beta == 0 || beta == 1);
      float[] addend = beta == 0 || !direct ? GemmKernels.ZEROS : c;
      int nextAddend = addend == c ? spec.ldc() : 0;
      float[] target = direct ? c : tile;
      int nextTarget = direct ? spec.ldc() : width;
      int i = 0;
      while (i < rows) {
        int at = atA + i * rowA;
        int missing = rows - i;
        int to = atC + i * spec.ldc();
        int atAddend = addend == c ? to : 0;
        int atTarget = direct ? to : 0;
        int done =
            width == GemmKernels.COLUMNS
                ? GemmKernels.tile(
                    missing,
                    length,
                    a,
                    at,
                    rowA,
                    stepA,
                    panel,
                    from,
                    next,
                    addend,
                    atAddend,
                    nextAddend,
                    target,
                    atTarget,
                    nextTarget)
                : GemmNarrowKernels.tile(
                    missing,
                    length,
                    a,
                    at,
                    rowA,
                    stepA,
                    panel,
                    from,
                    next,
                    addend,
                    atAddend,
                    nextAddend,
                    target,
                    atTarget,
                    nextTarget);
        if (!direct) {
          merge(done, columns, width, tile, alpha, beta, c, to, spec.ldc());
        }
        i += done;
      }
    }

    /**
     * {@code C = alpha tile + beta C} for the first columns of a tile; C is not read if beta is 0.
     */
    private static void merge(
        int rows,
        int columns,
        int width,
        float[] tile,
        float alpha,
        float beta,
        float[] c,
        int to,
        int ldc) {
      FloatVector factor = FloatVector.broadcast(FLOATS, beta);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j += LENGTH) {
          VectorMask<Float> inside = FLOATS.indexInRange(j, columns);
          int at = to + i * ldc + j;
          FloatVector value = FloatVector.fromArray(FLOATS, tile, i * width + j).mul(alpha);
          if (beta != 0) {
            value = FloatVector.fromArray(FLOATS, c, at, inside).fma(factor, value);
          }
          value.intoArray(c, at, inside);
        }
      }
    }

    /** Adds the bias to a strip and applies the activation. */
    private void finish(int rows, int column, int columns, int atC) {
      for (int i = 0; i < rows; i++) {
        int from = atC + i * spec.ldc();
        if (bias != null) {
          VectorElementwise.addRange(
              c, from, floats(bias), offset(bias) + column, c, from, columns);
        }
        if (spec.activation() != Activation.IDENTITY) {
          VectorActivations.forwardRange(spec.activation(), c, from, c, from, columns);
        }
      }
    }
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Gemm;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/**
 * Matrix products.
 *
 * <p>C is cut into strips, each as wide as a tile of {@link GemmKernels} and up to {@link
 * #MOST_ROWS} rows high. A strip is one chunk: it goes through K in blocks, copies that block of
 * its columns of B into scratch of its thread, where they fit the first-level cache, and runs all
 * its tiles over it; then it adds the bias and applies the activation. So every element of C comes
 * from the same sequence of operations however many threads there are, threads need not wait for
 * each other, and the scratch is one block for each thread (Goto and van de Geijn 2008 pack A too;
 * here that gained nothing, docs/performance.md).
 *
 * <p>Two shapes go without the copy: few rows of C, which would not use it often enough, and a B so
 * small that it is in the first-level cache anyway. With few rows and B transposed, rows of A and
 * of B are multiplied as they lie, see {@link GemmDots}.
 */
final class VectorGemm extends Gemm {
  /**
   * The length of a block of K. 256 rows of two 512-bit vectors are 32 KiB, the first-level cache.
   */
  static final int BLOCK = 256;

  /** 512 rows by a block of K are 512 KiB of A: half of a second-level cache, which keeps them. */
  private static final int MOST_ROWS = 512;

  /** The fewest rows for which a copy of B pays. */
  private static final int COPYING_ROWS = 3 * GemmKernels.ROWS;

  /** The most elements of B that are left where they are: 16 KiB. */
  private static final int SMALL_B = 4096;

  /** The fewest strips into which a large C is cut, so that threads have something to share. */
  private static final int SHARED_STRIPS = 16;

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
    job.set(spec, batch, a, b, bias, c);
    int chunks = batch.count() * job.strips * job.panels;
    if (spec.flops() * batch.count() < SHARED_FLOPS) {
      workers.runAlone(job, chunks);
    } else {
      workers.run(job, chunks);
    }
  }

  private static final class Job implements Workers.Task {
    private final float[][] blocks;
    private final float[][] tiles;
    private GemmSpec spec;
    private Batch batch;
    private Tensor a;
    private Tensor b;
    private Tensor bias;
    private Tensor c;
    private boolean dots;
    private boolean copying;
    private int panels;
    private int strips;

    Job(int threads) {
      blocks = new float[threads][BLOCK * GemmKernels.COLUMNS];
      tiles = new float[threads][GemmKernels.ROWS * GemmKernels.COLUMNS];
    }

    void set(GemmSpec spec, Batch batch, Tensor a, Tensor b, Tensor bias, Tensor c) {
      this.spec = spec;
      this.batch = batch;
      this.a = a;
      this.b = b;
      this.bias = bias;
      this.c = c;
      int m = spec.m();
      dots = spec.transposeB() && !spec.transposeA() && m < COPYING_ROWS;
      copying = spec.transposeB() || m >= COPYING_ROWS && (long) spec.k() * spec.n() > SMALL_B;
      panels = ceiling(spec.n(), GemmKernels.COLUMNS);
      int wanted = Math.min(ceiling(SHARED_STRIPS, panels), ceiling(m, 8 * GemmKernels.ROWS));
      strips = Math.max(ceiling(m, MOST_ROWS), wanted);
    }

    @Override
    public void run(int chunk, int worker) {
      int panel = chunk % panels;
      int strip = chunk / panels % strips;
      int item = chunk / panels / strips;
      int first = row(strip);
      int rows = row(strip + 1) - first;
      int column = panel * GemmKernels.COLUMNS;
      int columns = Math.min(GemmKernels.COLUMNS, spec.n() - column);
      int atA = offset(a) + (int) (item * batch.a()) + first * (spec.transposeA() ? 1 : spec.lda());
      int atB =
          offset(b) + (int) (item * batch.b()) + column * (spec.transposeB() ? spec.ldb() : 1);
      int atC = offset(c) + (int) (item * batch.c()) + first * spec.ldc() + column;
      if (dots) {
        GemmDots.multiply(spec, rows, columns, floats(a), atA, floats(b), atB, floats(c), atC);
      } else {
        multiply(worker, rows, columns, atA, atB, atC);
      }
      finish(rows, column, columns, atC);
    }

    /** Returns the first row of a strip, at a multiple of the rows of a tile. */
    private int row(int strip) {
      int tiles = ceiling(spec.m(), GemmKernels.ROWS);
      return Math.min(spec.m(), (int) ((long) tiles * strip / strips) * GemmKernels.ROWS);
    }

    /** Computes a strip without its epilogue. */
    private void multiply(int worker, int rows, int columns, int atA, int atB, int atC) {
      boolean whole = columns == GemmKernels.COLUMNS;
      int stepA = spec.transposeA() ? spec.lda() : 1;
      int stepB = spec.transposeB() ? 1 : spec.ldb();
      float[] block = blocks[worker];
      int done = 0;
      do {
        int length = blockLength(done);
        float[] panel = floats(b);
        int from = atB + done * stepB;
        int next = spec.ldb();
        if (copying || !whole) {
          copy(from, length, columns, block);
          panel = block;
          from = 0;
          next = GemmKernels.COLUMNS;
        }
        float beta = done == 0 ? (float) spec.beta() : 1;
        if (whole) {
          tiles(rows, length, atA + done * stepA, panel, from, next, beta, floats(c), atC);
        } else {
          narrowTiles(
              worker, rows, columns, length, atA + done * stepA, panel, from, next, beta, atC);
        }
        done += length;
      } while (done < spec.k());
    }

    /** Returns the length of the block of K that begins at an index: all about the same. */
    private int blockLength(int done) {
      int left = spec.k() - done;
      int blocksLeft = ceiling(left, BLOCK);
      return blocksLeft <= 1 ? left : ceiling(left, blocksLeft);
    }

    private void copy(int from, int length, int columns, float[] block) {
      if (columns < GemmKernels.COLUMNS) {
        Arrays.fill(block, 0, length * GemmKernels.COLUMNS, 0f);
      }
      if (spec.transposeB()) {
        GemmPacking.transposed(floats(b), from, spec.ldb(), length, columns, block);
      } else {
        GemmPacking.straight(floats(b), from, spec.ldb(), length, columns, block);
      }
    }

    private void tiles(
        int rows,
        int length,
        int atA,
        float[] panel,
        int from,
        int next,
        float beta,
        float[] into,
        int to) {
      int rowA = spec.transposeA() ? 1 : spec.lda();
      int stepA = spec.transposeA() ? spec.lda() : 1;
      float alpha = (float) spec.alpha();
      int i = 0;
      while (i < rows) {
        i +=
            GemmKernels.tile(
                rows - i,
                length,
                floats(a),
                atA + i * rowA,
                rowA,
                stepA,
                panel,
                from,
                next,
                alpha,
                beta,
                into,
                to + i * spec.ldc(),
                spec.ldc());
      }
    }

    /** Computes tiles of fewer columns beside C and takes over the columns that there are. */
    private void narrowTiles(
        int worker,
        int rows,
        int columns,
        int length,
        int atA,
        float[] panel,
        int from,
        int next,
        float beta,
        int atC) {
      int rowA = spec.transposeA() ? 1 : spec.lda();
      int stepA = spec.transposeA() ? spec.lda() : 1;
      float alpha = (float) spec.alpha();
      float[] tile = tiles[worker];
      float[] into = floats(c);
      int i = 0;
      while (i < rows) {
        int computed =
            GemmKernels.tile(
                rows - i,
                length,
                floats(a),
                atA + i * rowA,
                rowA,
                stepA,
                panel,
                from,
                next,
                alpha,
                0,
                tile,
                0,
                GemmKernels.COLUMNS);
        for (int r = 0; r < computed; r++, i++) {
          int to = atC + i * spec.ldc();
          for (int j = 0; j < columns; j++) {
            float value = tile[r * GemmKernels.COLUMNS + j];
            into[to + j] = beta == 0 ? value : Math.fma(beta, into[to + j], value);
          }
        }
      }
    }

    /** Adds the bias to a strip and applies the activation. */
    private void finish(int rows, int column, int columns, int atC) {
      float[] values = floats(c);
      for (int i = 0; i < rows; i++) {
        int from = atC + i * spec.ldc();
        if (bias != null) {
          VectorElementwise.addRange(
              values, from, floats(bias), offset(bias) + column, values, from, columns);
        }
        if (spec.activation() != Activation.IDENTITY) {
          VectorActivations.forwardRange(spec.activation(), values, from, values, from, columns);
        }
      }
    }
  }

  private static int ceiling(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}

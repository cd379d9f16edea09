package dev.tandem.benchmarks;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Tensor;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Matrix products of the {@code cpu} backend and of OpenBLAS, in alternating turns in one process,
 * so that both meet the same clock and the same neighbours. Prints a table of medians; the ratio is
 * the median of the ratios of neighbouring turns, and above 1 means that we are faster.
 *
 * <p>Arguments: the numbers of threads, by default 1 and 2.
 */
public final class GemmAgainstOpenBlas {
  private static final Turns TURNS = new Turns(25, 0.008, 0.75);

  private final Bench bench;
  private final PrintStream out;
  private final int threads;

  private GemmAgainstOpenBlas(Bench bench, int threads, PrintStream out) {
    this.bench = bench;
    this.threads = threads;
    this.out = out;
  }

  /** Measures and prints. */
  public static void main(String[] arguments) {
    int[] threads =
        arguments.length == 0
            ? new int[] {1, 2}
            : Arrays.stream(arguments).mapToInt(Integer::parseInt).toArray();
    for (int number : threads) {
      try (Bench bench = new Bench("cpu", number)) {
        blas_set_num_threads(number);
        new GemmAgainstOpenBlas(bench, number, System.out).run();
      }
    }
  }

  private void run() {
    out.printf(Locale.ROOT, "%n%s%n", bench.backend().info().device());
    out.println("| M x N x K | threads | ours, GFLOP/s | OpenBLAS, GFLOP/s | ratio |");
    out.println("|---|---|---|---|---|");
    for (int n : new int[] {32, 48, 64, 96, 128, 256, 512, 1024, 2048}) {
      compare(GemmSpec.of(n, n, n));
    }
    for (int batch : new int[] {128, 32, 1}) {
      layer(batch, 784, 512);
      layer(batch, 512, 256);
      layer(batch, 256, 10);
    }
    layer(32, 128, 512);
    layer(64, 256, 1024);
  }

  /** The three products of a linear layer: forward, gradient of the input, of the weights. */
  private void layer(int batch, int in, int units) {
    compare(GemmSpec.of(batch, units, in).withTransposedB());
    compare(GemmSpec.of(batch, in, units));
    compare(GemmSpec.of(units, in, batch).withTransposedA());
  }

  private void compare(GemmSpec spec) {
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    Tensor a = spec.transposeA() ? bench.random(k, m) : bench.random(m, k);
    Tensor b = spec.transposeB() ? bench.random(n, k) : bench.random(k, n);
    Tensor c = bench.random(m, n);
    int transposeA = spec.transposeA() ? CblasTrans : CblasNoTrans;
    int transposeB = spec.transposeB() ? CblasTrans : CblasNoTrans;
    try (FloatPointer blasA = new FloatPointer(bench.values(a));
        FloatPointer blasB = new FloatPointer(bench.values(b));
        FloatPointer blasC = new FloatPointer((long) m * n)) {
      Runnable ours = () -> bench.backend().gemm().multiply(spec, a, b, null, c);
      Runnable blas =
          () ->
              cblas_sgemm(
                  CblasRowMajor,
                  transposeA,
                  transposeB,
                  m,
                  n,
                  k,
                  1,
                  blasA,
                  spec.lda(),
                  blasB,
                  spec.ldb(),
                  0,
                  blasC,
                  n);
      ours.run();
      blas.run();
      float[] expected = new float[m * n];
      blasC.get(expected);
      Bench.check(spec.toString(), bench.values(c), expected);
      Turns.Medians medians = TURNS.alternate(ours, blas);
      out.printf(
          Locale.ROOT,
          "| %s%d x %d x %d%s | %d | %.1f | %.1f | %.2f |%n",
          spec.transposeA() ? "A^T, " : "",
          m,
          n,
          k,
          spec.transposeB() ? ", B^T" : "",
          threads,
          spec.flops() / medians.ours() * 1e-9,
          spec.flops() / medians.theirs() * 1e-9,
          medians.ratio());
    }
  }
}

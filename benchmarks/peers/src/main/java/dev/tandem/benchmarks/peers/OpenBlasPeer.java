package dev.tandem.benchmarks.peers;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import dev.tandem.engine.GemmSpec;
import jdk.incubator.vector.FloatVector;
import org.bytedeco.javacpp.FloatPointer;

/** OpenBLAS. */
public final class OpenBlasPeer extends BlasPeer {
  private static final String VARIABLE = "OPENBLAS_CORETYPE";
  private static final int AVX512 = 512;

  private String kernels = "of its choice";

  /** Made by the service loader. */
  public OpenBlasPeer() {}

  @Override
  public String name() {
    return "OpenBLAS 0.3.31";
  }

  @Override
  public String settings() {
    return "kernels: " + kernels;
  }

  @Override
  public void open(int threads) {
    // Read when it is loaded. It knows processors by their numbers, and takes AVX2 on a newer one.
    String given = System.getenv(VARIABLE);
    if (given != null) {
      kernels = given;
    } else if (FloatVector.SPECIES_PREFERRED.vectorBitSize() == AVX512) {
      kernels = "SkylakeX";
      NativeSettings.environment(VARIABLE, kernels);
    }
    blas_set_num_threads(threads);
  }

  @Override
  void multiply(GemmSpec spec, FloatPointer a, FloatPointer b, FloatPointer c) {
    cblas_sgemm(
        CblasRowMajor,
        spec.transposeA() ? CblasTrans : CblasNoTrans,
        spec.transposeB() ? CblasTrans : CblasNoTrans,
        spec.m(),
        spec.n(),
        spec.k(),
        1,
        a,
        spec.lda(),
        b,
        spec.ldb(),
        0,
        c,
        spec.n());
  }
}

package dev.tandem.benchmarks.peers;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import dev.tandem.engine.GemmSpec;
import org.bytedeco.javacpp.FloatPointer;

/** OpenBLAS. */
public final class OpenBlasPeer extends BlasPeer {
  /** Made by the service loader. */
  public OpenBlasPeer() {}

  @Override
  public String name() {
    return "OpenBLAS 0.3.31";
  }

  @Override
  public String settings() {
    return "kernels of its choice, whatever OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE say; OPENBLAS_THREAD_TIMEOUT=22";
  }

  @Override
  public void open(int threads) {
    prepareToLoad();
    blas_set_num_threads(threads);
  }

  /** Sets what the library and JavaCPP read when they are loaded. */
  static void prepareToLoad() {
    NativeSettings.countNoMemory();
    // They would keep it from the kernels that it chooses for the processor.
    NativeSettings.forget("OPENBLAS_CORETYPE");
    NativeSettings.forget("OPENBLAS_L2_SIZE");
    // Its threads would wait in a loop for 2^26 ticks, some 30 milliseconds, and take the processor
    // from our side's turn. Between the products of a turn they never wait so long.
    NativeSettings.set("OPENBLAS_THREAD_TIMEOUT", "22");
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

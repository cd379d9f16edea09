package dev.tandem.benchmarks.peers;

import static org.bytedeco.mkl.global.mkl_rt.CblasNoTrans;
import static org.bytedeco.mkl.global.mkl_rt.CblasRowMajor;
import static org.bytedeco.mkl.global.mkl_rt.CblasTrans;
import static org.bytedeco.mkl.global.mkl_rt.MKL_Set_Num_Threads;
import static org.bytedeco.mkl.global.mkl_rt.cblas_sgemm;

import dev.tandem.engine.GemmSpec;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Intel's MKL. On other makers' processors it takes kernels for AVX2; no setting of its own was
 * tried.
 */
public final class MklPeer extends BlasPeer {
  /** Made by the service loader. */
  public MklPeer() {}

  @Override
  public String name() {
    return "MKL 2025.3";
  }

  @Override
  public String settings() {
    return "kernels of its choice";
  }

  @Override
  public void open(int threads) {
    NativeSettings.countNoMemory();
    MKL_Set_Num_Threads(threads);
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

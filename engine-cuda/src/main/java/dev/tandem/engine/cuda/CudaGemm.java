package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;
import static dev.tandem.engine.cuda.CudaStorage.pointer;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Gemm;
import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Cublas;
import dev.tandem.engine.cuda.jcuda.Kernel;

/**
 * Matrix products by cuBLAS. Ours lie row by row, cuBLAS sees them column by column, that is,
 * transposed: {@code C^T = op(B)^T op(A)^T}, so that B is its first operand, A its second and the
 * sizes M and N change places. Bias and activation follow in one kernel.
 */
final class CudaGemm extends Gemm {
  private final Cublas cublas;
  private final Kernel epilogue;

  CudaGemm(CudaBackend backend) {
    super(backend);
    cublas = backend.cublas();
    epilogue = backend.kernels().module("gemm").kernel("gemm_epilogue");
  }

  @Override
  protected void compute(GemmSpec spec, Batch batch, Tensor a, Tensor b, Tensor bias, Tensor c) {
    boolean hasProduct = spec.k() > 0;
    if (hasProduct) {
      cublas.gemm(
          spec.transposeB(),
          spec.transposeA(),
          spec.n(),
          spec.m(),
          spec.k(),
          spec.alpha(),
          pointer(b),
          spec.ldb(),
          batch.b(),
          pointer(a),
          spec.lda(),
          batch.a(),
          spec.beta(),
          pointer(c),
          spec.ldc(),
          batch.c(),
          batch.count());
    }
    if (!hasProduct || bias != null || spec.activation() != Activation.IDENTITY) {
      epilogue
          .address(address(c))
          .address(address(bias))
          .integer(spec.activation().ordinal())
          .number(hasProduct ? 1 : spec.beta())
          .integer(spec.m())
          .integer(spec.n())
          .integer(spec.ldc())
          .index(batch.c())
          .integer(batch.count())
          .launchOver((long) spec.m() * spec.n() * batch.count());
    }
  }
}

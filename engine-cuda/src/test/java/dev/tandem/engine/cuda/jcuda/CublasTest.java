package dev.tandem.engine.cuda.jcuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.engine.MathMode;
import dev.tandem.engine.cuda.StandIn;
import dev.tandem.engine.cuda.loading.CudaLibraries;
import java.util.Optional;
import jcuda.jcublas.cublasComputeType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What cuBLAS is asked for. */
class CublasTest {
  @BeforeAll
  static void requireStandIn() {
    Optional<String> missing = StandIn.install();
    assumeTrue(missing.isEmpty(), () -> missing.orElseThrow());
    CudaLibraries.load();
  }

  @Test
  void everyMathModeHasItsComputeType() {
    assertThat(Cublas.computeType(MathMode.FP32)).isEqualTo(cublasComputeType.CUBLAS_COMPUTE_32F);
    assertThat(Cublas.computeType(MathMode.TF32))
        .isEqualTo(cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32);
    assertThat(Cublas.computeType(MathMode.BF16))
        .isEqualTo(cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16BF);
  }

  @Test
  void aProductThatIsRefusedNamesItsSizes() {
    try (CudaContext context = new CudaContext(0);
        Cublas cublas = new Cublas(context, MathMode.FP32);
        DeviceBuffer buffer = context.allocate("a test", 1024)) {
      DevicePointer p = buffer.at(0);
      assertThatThrownBy(
              () -> cublas.gemm(false, true, 4, 3, 2, 1, p, 1, 0, p, 3, 0, 0, p, 4, 0, 1))
          .isInstanceOf(CudaException.class)
          .hasMessageStartingWith(
              "cublasGemmEx(transposed false true, m=4 n=3 k=2, lda=1 ldb=3 ldc=4, strides 0 0 0, 1 products) failed: CUBLAS_STATUS_INVALID_VALUE");
    }
  }
}

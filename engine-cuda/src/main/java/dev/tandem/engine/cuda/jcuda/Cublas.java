package dev.tandem.engine.cuda.jcuda;

import dev.tandem.engine.MathMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;

/** Matrix products by cuBLAS, which sees every matrix column by column. */
public final class Cublas implements AutoCloseable {
  /**
   * The bytes of scratch, NVIDIA's recommendation for Hopper (cuBLAS, cublasSetWorkspace). Given by
   * us, because cuBLAS would otherwise take memory while a graph is captured.
   */
  private static final long WORKSPACE = 32L << 20;

  private static final int BETA = Float.BYTES;

  private final CudaContext context;
  private final int computeType;
  private final ByteBuffer factors =
      ByteBuffer.allocateDirect(2 * Float.BYTES).order(ByteOrder.nativeOrder());
  private final Pointer alphaPointer = Pointer.to(factors);
  private final Pointer betaPointer = alphaPointer.withByteOffset(BETA);
  private cublasHandle handle;
  private DeviceBuffer workspace;

  /** Prepares products in an arithmetic; the library is opened by the first of them. */
  public Cublas(CudaContext context, MathMode math) {
    this.context = context;
    computeType = computeType(math);
  }

  /** Returns cuBLAS's name for an arithmetic on FLOAT32 operands with sums in binary32. */
  static int computeType(MathMode math) {
    return switch (math) {
      case FP32 -> cublasComputeType.CUBLAS_COMPUTE_32F;
      case TF32 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32;
      case BF16 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16BF;
    };
  }

  private void open() {
    context.enter();
    handle = new cublasHandle();
    Status.cublas(JCublas2.cublasCreate(handle), "cublasCreate");
    Status.cublas(
        JCublas2.cublasSetStream(handle, new cudaStream_t(context.compute())), "cublasSetStream");
    workspace = context.allocate("matrix products", WORKSPACE);
    Status.cublas(
        JCublas2.cublasSetWorkspace(handle, workspace.at(0).pointer(), WORKSPACE),
        "cublasSetWorkspace");
  }

  /**
   * {@code C = alpha op(A) op(B) + beta C} for a batch of matrices that are seen column by column.
   *
   * @param transposeA whether A is stored as [K,M]
   * @param transposeB whether B is stored as [N,K]
   * @param m the rows of C, at least 1
   * @param n the columns of C, at least 1
   * @param k the length of the sums, at least 1
   * @param alpha the factor of the product
   * @param a the first A
   * @param lda elements from one column of A to the next
   * @param strideA elements from one A to the next
   * @param b the first B
   * @param ldb elements from one column of B to the next
   * @param strideB elements from one B to the next
   * @param beta the factor of what C held; 0 leaves it unread
   * @param c the first C
   * @param ldc elements from one column of C to the next
   * @param strideC elements from one C to the next
   * @param count the number of products, at least 1
   */
  public void gemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      double alpha,
      DevicePointer a,
      int lda,
      long strideA,
      DevicePointer b,
      int ldb,
      long strideB,
      double beta,
      DevicePointer c,
      int ldc,
      long strideC,
      int count) {
    if (handle == null) {
      open();
    }
    context.enter();
    factors.putFloat(0, (float) alpha).putFloat(BETA, (float) beta);
    int operationA = operation(transposeA);
    int operationB = operation(transposeB);
    int type = cudaDataType.CUDA_R_32F;
    int algorithm = cublasGemmAlgo.CUBLAS_GEMM_DEFAULT;
    int status =
        count == 1
            ? JCublas2.cublasGemmEx_new(
                handle,
                operationA,
                operationB,
                m,
                n,
                k,
                alphaPointer,
                a.pointer(),
                type,
                lda,
                b.pointer(),
                type,
                ldb,
                betaPointer,
                c.pointer(),
                type,
                ldc,
                computeType,
                algorithm)
            : JCublas2.cublasGemmStridedBatchedEx_new(
                handle,
                operationA,
                operationB,
                m,
                n,
                k,
                alphaPointer,
                a.pointer(),
                type,
                lda,
                strideA,
                b.pointer(),
                type,
                ldb,
                strideB,
                betaPointer,
                c.pointer(),
                type,
                ldc,
                strideC,
                count,
                computeType,
                algorithm);
    if (status != Status.SUCCESS) {
      throw Status.cublasFailure(
          status,
          count == 1 ? "cublasGemmEx" : "cublasGemmStridedBatchedEx",
          "transposed %b %b, m=%d n=%d k=%d, lda=%d ldb=%d ldc=%d, strides %d %d %d, %d products"
              .formatted(
                  transposeA,
                  transposeB,
                  m,
                  n,
                  k,
                  lda,
                  ldb,
                  ldc,
                  strideA,
                  strideB,
                  strideC,
                  count));
    }
  }

  private static int operation(boolean transpose) {
    return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  /** Closes the library. */
  @Override
  public void close() {
    if (handle != null) {
      context.synchronize();
      Status.cublas(JCublas2.cublasDestroy(handle), "cublasDestroy");
      workspace.close();
      handle = null;
    }
  }
}

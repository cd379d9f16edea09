package dev.tandem.engine;

/**
 * General matrix products with an epilogue: bias and activation while the result is still in
 * registers or cache.
 */
public abstract class Gemm extends OperationFamily {
  /**
   * Distances between the matrices of a batch, in elements.
   *
   * @param count the number of products
   * @param a from one A to the next; 0 uses the same A for all
   * @param b from one B to the next; 0 uses the same B for all
   * @param c from one C to the next
   */
  public record Batch(int count, long a, long b, long c) {
    /** One product. */
    public static final Batch ONE = new Batch(1, 0, 0, 0);

    /** Checks the values. */
    public Batch {
      if (count < 0 || a < 0 || b < 0 || c < 0) {
        throw new IllegalArgumentException(
            "gemm: batch of %d with strides a=%d b=%d c=%d (give 0 or more)"
                .formatted(count, a, b, c));
      }
    }
  }

  private static final String GEMM = "gemm";

  /** Makes the family of a backend. */
  protected Gemm(Backend backend) {
    super(backend);
  }

  /**
   * {@code C = f(alpha op(A) op(B) + beta C + bias)}, see {@link GemmSpec}.
   *
   * @param spec sizes, transposes, factors, activation
   * @param a {@code [M,K]} or {@code [K,M]}, read
   * @param b {@code [K,N]} or {@code [N,K]}, read
   * @param bias {@code [N]}, read; null for none
   * @param c {@code [M,N]}, overwritten, and read if beta is not 0; elements between N and the
   *     leading dimension are not touched
   */
  public final void multiply(GemmSpec spec, Tensor a, Tensor b, Tensor bias, Tensor c) {
    multiplyBatched(spec, Batch.ONE, a, b, bias, c);
  }

  /**
   * The same product on matrices at fixed distances in the same three tensors. The matrices of C
   * may not overlap.
   *
   * @param spec the product
   * @param batch the number of products and the distances
   * @param a the matrices A, read
   * @param b the matrices B, read
   * @param bias {@code [N]} for all products, read; null for none
   * @param c the matrices C, overwritten, and read if beta is not 0
   */
  public final void multiplyBatched(
      GemmSpec spec, Batch batch, Tensor a, Tensor b, Tensor bias, Tensor c) {
    Checks.floating(this, GEMM, "a", a);
    Checks.floating(this, GEMM, "b", b);
    Checks.floating(this, GEMM, "c", c);
    Checks.sameType(GEMM, "b", b, a);
    Checks.sameType(GEMM, "c", c, a);
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    long last = Math.max(0, batch.count() - 1L);
    boolean ta = spec.transposeA();
    boolean tb = spec.transposeB();
    Checks.matrix(GEMM, "a", a, ta ? k : m, ta ? m : k, spec.lda(), last * batch.a());
    Checks.matrix(GEMM, "b", b, tb ? n : k, tb ? k : n, spec.ldb(), last * batch.b());
    Checks.matrix(GEMM, "c", c, m, n, spec.ldc(), last * batch.c());
    if (batch.count() > 1 && m > 0 && batch.c() < (m - 1L) * spec.ldc() + n) {
      throw new IllegalArgumentException(
          "gemm: matrices c of %d x %d with leading dimension %d overlap at stride %d"
              .formatted(m, n, spec.ldc(), batch.c()));
    }
    if (bias != null) {
      Checks.floating(this, GEMM, "bias", bias, a, n);
      Checks.disjoint(GEMM, "c", c, bias);
    }
    Checks.disjoint(GEMM, "c", c, a);
    Checks.disjoint(GEMM, "c", c, b);
    if (m > 0 && n > 0 && batch.count() > 0) {
      compute(spec, batch, a, b, bias, c);
    }
  }

  /**
   * Computes {@link #multiplyBatched} on checked operands; M, N and the count are at least 1, K may
   * be 0.
   */
  protected abstract void compute(
      GemmSpec spec, Batch batch, Tensor a, Tensor b, Tensor bias, Tensor c);
}

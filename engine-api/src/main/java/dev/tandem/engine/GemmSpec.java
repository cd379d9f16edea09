package dev.tandem.engine;

/**
 * What a matrix product is to do: {@code C = f(alpha op(A) op(B) + beta C + bias)} with {@code
 * op(A) [M,K], op(B) [K,N], C [M,N]}, the bias added to every row and f applied element by element.
 *
 * @param transposeA whether A is stored as [K,M]
 * @param transposeB whether B is stored as [N,K]
 * @param m the rows M of C
 * @param n the columns N of C
 * @param k the length K of the sums; 0 leaves beta C + bias
 * @param lda elements from one stored row of A to the next
 * @param ldb elements from one stored row of B to the next
 * @param ldc elements from one row of C to the next
 * @param alpha the factor of the product
 * @param beta the factor of what C held; 0 means that C is not read, so that NaN in it does not
 *     spread
 * @param activation f
 */
public record GemmSpec(
    boolean transposeA,
    boolean transposeB,
    int m,
    int n,
    int k,
    int lda,
    int ldb,
    int ldc,
    double alpha,
    double beta,
    Activation activation) {

  /** Checks the sizes. */
  public GemmSpec {
    if (m < 0 || n < 0 || k < 0) {
      throw new IllegalArgumentException(
          "gemm: sizes m=%d n=%d k=%d (give 0 or more)".formatted(m, n, k));
    }
  }

  /** Returns {@code C [m,n] = A [m,k] B [k,n]} on matrices without gaps. */
  public static GemmSpec of(int m, int n, int k) {
    return new GemmSpec(false, false, m, n, k, k, n, n, 1, 0, Activation.IDENTITY);
  }

  /** Returns this product with A stored as [K,M], without gaps. */
  public GemmSpec withTransposedA() {
    return new GemmSpec(true, transposeB, m, n, k, m, ldb, ldc, alpha, beta, activation);
  }

  /** Returns this product with B stored as [N,K], without gaps. */
  public GemmSpec withTransposedB() {
    return new GemmSpec(transposeA, true, m, n, k, lda, k, ldc, alpha, beta, activation);
  }

  /** Returns this product with other distances between stored rows. */
  public GemmSpec withLeading(int a, int b, int c) {
    return new GemmSpec(transposeA, transposeB, m, n, k, a, b, c, alpha, beta, activation);
  }

  /** Returns this product with other factors. */
  public GemmSpec withFactors(double product, double previous) {
    return new GemmSpec(
        transposeA, transposeB, m, n, k, lda, ldb, ldc, product, previous, activation);
  }

  /** Returns this product added to what C holds: the rule for gradients of parameters. */
  public GemmSpec accumulating() {
    return withFactors(alpha, 1);
  }

  /** Returns this product followed by an activation. */
  public GemmSpec withActivation(Activation f) {
    return new GemmSpec(transposeA, transposeB, m, n, k, lda, ldb, ldc, alpha, beta, f);
  }

  /** Returns the multiplications and additions of one product: 2 M N K. */
  public long flops() {
    return 2L * m * n * k;
  }
}

// cuBLAS's matrix products: C = alpha op(A) op(B) + beta C, all column by column. Sums are kept in
// binary64, whatever the arithmetic; TF32 and BF16 round the operands first, as tensor cores do.
#include <algorithm>
#include <vector>

#include "handle.h"
#include "product.h"

namespace {

using namespace standin;
using Guard = std::lock_guard<std::recursive_mutex>;

enum DataType { R_32F = 0, R_16BF = 14 };
enum ComputeType {
  COMPUTE_32F = 68,
  COMPUTE_32F_PEDANTIC = 69,
  COMPUTE_32F_FAST_16BF = 75,
  COMPUTE_32F_FAST_TF32 = 77,
};
enum Operation { OP_N = 0, OP_T = 1, OP_C = 2 };

struct Matrix {
  CUdeviceptr address;
  int type;
  long long leading;
  long long stride;  // elements from one matrix of the batch to the next
  int rows, columns;  // as stored
};

struct Product {
  bool transposeA, transposeB;
  int m, n, k;
  Matrix a, b, c;
  int count;
  int fractionBits;
};

std::size_t bytesOf(int type) { return type == R_32F ? 4 : 2; }

/** Bytes from the first element of a batch to its last one's end. */
std::size_t extent(const Matrix& x, int count) {
  if (x.rows == 0 || x.columns == 0) return 0;
  return (static_cast<std::size_t>(count - 1) * x.stride + (x.columns - 1) * x.leading + x.rows) * bytesOf(x.type);
}

float load(const Matrix& x, std::size_t index) {
  if (x.type == R_32F) return at<float>(x.address)[index];
  std::uint32_t word = std::uint32_t{at<std::uint16_t>(x.address)[index]} << 16;
  float value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

void store(const Matrix& x, std::size_t index, float value) {
  if (x.type == R_32F) {
    at<float>(x.address)[index] = value;
    return;
  }
  float rounded = roundFraction(value, BF16_BITS);
  std::uint32_t word;
  std::memcpy(&word, &rounded, sizeof word);
  at<std::uint16_t>(x.address)[index] = word >> 16;
}

/** Element (p, i) of the result is element (i, p) of op(x): one row for each step of the sums. */
std::vector<double> steps(const Matrix& x, bool transpose, int outer, int k, std::size_t offset, int bits) {
  std::vector<double> rows(static_cast<std::size_t>(outer) * k);
  for (int p = 0; p < k; p++) {
    for (int i = 0; i < outer; i++) {
      float value = load(x, offset + (transpose ? p + i * x.leading : i + p * x.leading));
      rows[static_cast<std::size_t>(p) * outer + i] = bits == FP32_BITS ? value : roundFraction(value, bits);
    }
  }
  return rows;
}

/** sums[i] += a[p][i] b[p][j] over p, for one column j. */
__attribute__((target_clones("avx512f", "avx2", "default"))) void column(
    const double* a, const double* b, double* __restrict__ sums, int m, int n, int j, int k) {
  for (int p = 0; p < k; p++) {
    double factor = b[static_cast<std::size_t>(p) * n + j];
    const double* row = a + static_cast<std::size_t>(p) * m;
    for (int i = 0; i < m; i++) sums[i] += row[i] * factor;
  }
}

void multiply(const Product& g, int index, float alpha, float beta) {
  std::vector<double> a, b, sums(g.m);
  bool reads = alpha != 0 && g.k > 0;
  if (reads) {
    a = steps(g.a, g.transposeA, g.m, g.k, index * g.a.stride, g.fractionBits);
    b = steps(g.b, !g.transposeB, g.n, g.k, index * g.b.stride, g.fractionBits);
  }
  for (int j = 0; j < g.n; j++) {
    std::fill(sums.begin(), sums.end(), 0);
    if (reads) column(a.data(), b.data(), sums.data(), g.m, g.n, j, g.k);
    for (int i = 0; i < g.m; i++) {
      std::size_t at = index * g.c.stride + j * g.c.leading + i;
      double value = reads ? alpha * sums[i] : 0;
      store(g.c, at, static_cast<float>(beta == 0 ? value : value + static_cast<double>(beta) * load(g.c, at)));
    }
  }
}

bool overlap(const Matrix& x, const Matrix& y, int count) {
  std::size_t xBytes = extent(x, count), yBytes = extent(y, count);
  return xBytes > 0 && yBytes > 0 && x.address < y.address + yBytes && y.address < x.address + xBytes;
}

std::string violations(const Product& g) {
  for (const auto& [name, x] : {std::pair("A", g.a), std::pair("B", g.b), std::pair("C", g.c)}) {
    std::string text = violation(name, x.address, extent(x, g.count));
    if (!text.empty()) return text;
    if (x.address % bytesOf(x.type) != 0) return format("%s: a misaligned address", name);
  }
  if (overlap(g.a, g.c, g.count) || overlap(g.b, g.c, g.count)) return "C overlaps an operand";
  return {};
}

/** Bits of the operands' fractions that an arithmetic keeps; 0 if it is none that is emulated. */
int fractionBits(int compute, int mathMode) {
  switch (compute) {
    case COMPUTE_32F: return mathMode == MATH_TF32 ? TF32_BITS : FP32_BITS;
    case COMPUTE_32F_PEDANTIC: return FP32_BITS;
    case COMPUTE_32F_FAST_TF32: return TF32_BITS;
    case COMPUTE_32F_FAST_16BF: return BF16_BITS;
    default: return 0;
  }
}

bool badType(int type) { return type != R_32F && type != R_16BF; }

cublasStatus_t launch(const char* call, cublasHandle_t handle, int opA, int opB, Product g, const float* alpha,
                      const float* beta, int compute) {
  if (cublasStatus_t s = requireHandle(call, handle)) return s;
  auto invalid = [&](const char* what) {
    return fail(CUBLAS_STATUS_INVALID_VALUE,
                format("%s: %s (m=%d n=%d k=%d lda=%lld ldb=%lld ldc=%lld)", call, what, g.m, g.n, g.k,
                       g.a.leading, g.b.leading, g.c.leading));
  };
  if (opA < OP_N || opA > OP_C || opB < OP_N || opB > OP_C) return invalid("an operation");
  g.transposeA = opA != OP_N;
  g.transposeB = opB != OP_N;
  if (g.m < 0 || g.n < 0 || g.k < 0 || g.count < 0) return invalid("a negative size");
  g.a.rows = g.transposeA ? g.k : g.m;
  g.a.columns = g.transposeA ? g.m : g.k;
  g.b.rows = g.transposeB ? g.n : g.k;
  g.b.columns = g.transposeB ? g.k : g.n;
  g.c.rows = g.m;
  g.c.columns = g.n;
  for (const Matrix& x : {g.a, g.b, g.c}) {
    if (x.leading < std::max(1, x.rows)) return invalid("a leading dimension below the rows");
    if (x.stride < 0) return invalid("a negative stride");
  }
  if (g.count > 1 && g.c.stride == 0) return invalid("all products have one result");
  if (badType(g.a.type) || g.b.type != g.a.type || badType(g.c.type) || (g.a.type == R_32F && g.c.type != R_32F)) {
    return fail(CUBLAS_STATUS_NOT_SUPPORTED, format("%s: types %d, %d, %d", call, g.a.type, g.b.type, g.c.type));
  }
  g.fractionBits = fractionBits(compute, handle->mathMode);
  if (g.fractionBits == 0) return fail(CUBLAS_STATUS_NOT_SUPPORTED, format("%s: compute type %d", call, compute));
  if (g.m == 0 || g.n == 0 || g.count == 0) return CUBLAS_STATUS_SUCCESS;
  if (alpha == nullptr || beta == nullptr) return invalid("alpha or beta is null");
  std::string text = violations(g);
  if (!text.empty()) return fail(CUBLAS_STATUS_EXECUTION_FAILED, format("%s: %s", call, text.c_str()));

  bool onDevice = handle->pointerMode == POINTER_DEVICE;
  float alphaNow = onDevice ? 0 : *alpha, betaNow = onDevice ? 0 : *beta;
  CUresult result = enqueue(call, handle->stream, [=] {
    std::string late = violations(g);
    if (!late.empty()) throw Fault{CUDA_ERROR_ILLEGAL_ADDRESS, late};
    if (onDevice) {
      check("alpha", reinterpret_cast<CUdeviceptr>(alpha), sizeof *alpha);
      check("beta", reinterpret_cast<CUdeviceptr>(beta), sizeof *beta);
    }
    for (int i = 0; i < g.count; i++) multiply(g, i, onDevice ? *alpha : alphaNow, onDevice ? *beta : betaNow);
  });
  return result == CUDA_SUCCESS ? CUBLAS_STATUS_SUCCESS : fail(CUBLAS_STATUS_EXECUTION_FAILED, reason(result));
}

Matrix matrix(const void* address, int type, long long leading, long long stride) {
  return {reinterpret_cast<CUdeviceptr>(address), type, leading, stride, 0, 0};
}

}  // namespace

STANDIN_CALL cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, int opA, int opB, int m, int n, int k,
                                           const float* alpha, const float* a, int lda, const float* b, int ldb,
                                           const float* beta, float* c, int ldc) {
  Guard guard(mutex());
  Product g{false, false, m, n, k, matrix(a, R_32F, lda, 0), matrix(b, R_32F, ldb, 0), matrix(c, R_32F, ldc, 0), 1, 0};
  return launch("cublasSgemm", handle, opA, opB, g, alpha, beta, COMPUTE_32F);
}

STANDIN_CALL cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, int opA, int opB, int m, int n, int k,
                                                      const float* alpha, const float* a, int lda, long long strideA,
                                                      const float* b, int ldb, long long strideB, const float* beta,
                                                      float* c, int ldc, long long strideC, int count) {
  Guard guard(mutex());
  Product g{false, false, m, n, k, matrix(a, R_32F, lda, strideA), matrix(b, R_32F, ldb, strideB),
            matrix(c, R_32F, ldc, strideC), count, 0};
  return launch("cublasSgemmStridedBatched", handle, opA, opB, g, alpha, beta, COMPUTE_32F);
}

STANDIN_CALL cublasStatus_t cublasGemmEx(cublasHandle_t handle, int opA, int opB, int m, int n, int k,
                                         const void* alpha, const void* a, int typeA, int lda, const void* b,
                                         int typeB, int ldb, const void* beta, void* c, int typeC, int ldc,
                                         int compute, int) {
  Guard guard(mutex());
  Product g{false, false, m, n, k, matrix(a, typeA, lda, 0), matrix(b, typeB, ldb, 0), matrix(c, typeC, ldc, 0), 1, 0};
  return launch("cublasGemmEx", handle, opA, opB, g, static_cast<const float*>(alpha),
                static_cast<const float*>(beta), compute);
}

STANDIN_CALL cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, int opA, int opB, int m, int n, int k,
                                                       const void* alpha, const void* a, int typeA, int lda,
                                                       long long strideA, const void* b, int typeB, int ldb,
                                                       long long strideB, const void* beta, void* c, int typeC,
                                                       int ldc, long long strideC, int count, int compute, int) {
  Guard guard(mutex());
  Product g{false, false, m, n, k, matrix(a, typeA, lda, strideA), matrix(b, typeB, ldb, strideB),
            matrix(c, typeC, ldc, strideC), count, 0};
  return launch("cublasGemmStridedBatchedEx", handle, opA, opB, g, static_cast<const float*>(alpha),
                static_cast<const float*>(beta), compute);
}

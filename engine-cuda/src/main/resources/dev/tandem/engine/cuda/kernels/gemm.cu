#include "common.cuh"

// What follows a product of a batch of matrices C [rows,columns] with rows `leading` apart:
// C = f(beta C + bias). After cuBLAS has left alpha A B + beta C there, beta is 1; for sums of
// length 0 this is all there is to do. With beta 0, C is not read.
extern "C" __global__ void gemm_epilogue(float* __restrict__ c, const float* __restrict__ bias,
                                         int activation, float beta, int rows, int columns,
                                         int leading, Index stride, int count) {
  Index matrix = (Index)rows * columns;
  FOR_EACH_ITEM(i, matrix * count) {
    Index inMatrix = i % matrix;
    int column = (int)(inMatrix % columns);
    Index at = i / matrix * stride + inMatrix / columns * leading + column;
    float value = beta == 0.0f ? 0.0f : beta * c[at];
    if (bias) {
      value += bias[column];
    }
    c[at] = activate(activation, value);
  }
}

#include "common.cuh"

// The epilogue over all elements; with 32-bit indices where they suffice, because a division of
// 64-bit numbers takes longer than the memory that it finds.
template <typename Item>
__device__ __forceinline__ void epilogue(float* __restrict__ c, const float* __restrict__ bias,
                                         int activation, float beta, Item rows, Item columns,
                                         Item leading, Item stride, Item count) {
  Item matrix = rows * columns;
  Item step = (Item)gridThreads();
  for (Item i = (Item)gridThread(); i < matrix * count; i += step) {
    Item inMatrix = count == 1 ? i : i % matrix;
    Item row = inMatrix / columns;
    Item column = inMatrix - row * columns;
    Item at = row * leading + column + (count == 1 ? 0 : i / matrix * stride);
    float value = beta == 0.0f ? 0.0f : beta * c[at];
    if (bias) {
      value += bias[column];
    }
    c[at] = activate(activation, value);
  }
}

// What follows a product of a batch of matrices C [rows,columns] with rows `leading` apart:
// C = f(beta C + bias). After cuBLAS has left alpha A B + beta C there, beta is 1; for sums of
// length 0 this is all there is to do. With beta 0, C is not read.
extern "C" __global__ void gemm_epilogue(float* c, const float* bias, int activation, float beta,
                                         int rows, int columns, int leading, Index stride,
                                         int count) {
  Index end = (Index)count * (stride > (Index)rows * leading ? stride : (Index)rows * leading);
  if (end + gridThreads() <= 0xffffffffll) {
    epilogue<unsigned>(c, bias, activation, beta, rows, columns, leading, stride, count);
  } else {
    epilogue<Index>(c, bias, activation, beta, rows, columns, leading, stride, count);
  }
}

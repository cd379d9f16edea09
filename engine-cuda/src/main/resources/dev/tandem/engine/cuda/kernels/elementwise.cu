#include "common.cuh"

enum BinaryKind { ADD, SUBTRACT, MULTIPLY, DIVIDE };

// out[i] = x[i] op y[i / behind % repeated]: y with every element (behind 1, repeated n), one
// element (repeated 1), one for each column (behind 1) or for each channel (behind H W).
// out may be x or y, so that neither is __restrict__.
#define BINARY(name, expression)                                                            \
  extern "C" __global__ void name(const float* x, const float* y, float* out, Index elements, \
                                  Index behind, Index repeated) {                           \
    FOR_EACH_ITEM(i, elements) {                                                            \
      float left = x[i];                                                                    \
      float right = y[i / behind % repeated];                                               \
      out[i] = expression;                                                                  \
    }                                                                                       \
  }                                                                                         \
                                                                                            \
  extern "C" __global__ void name##_same(const float* x, const float* y, float* out,        \
                                         Index elements) {                                  \
    FOR_EACH_ITEM(i, elements) {                                                            \
      float left = x[i];                                                                    \
      float right = y[i];                                                                   \
      out[i] = expression;                                                                  \
    }                                                                                       \
  }

BINARY(add, left + right)
BINARY(subtract, left - right)
BINARY(multiply, left * right)
BINARY(divide, left / right)

// out[i] = alpha x[i]
extern "C" __global__ void scale(float alpha, const float* x, float* out, Index elements) {
  FOR_EACH_ITEM(i, elements) {
    out[i] = alpha * x[i];
  }
}

// y[i] = alpha x[i] + y[i]
extern "C" __global__ void axpy(float alpha, const float* x, float* y, Index elements) {
  FOR_EACH_ITEM(i, elements) {
    y[i] = fmaf(alpha, x[i], y[i]);
  }
}

// out[i] = x[i] y[i] + z[i]
extern "C" __global__ void multiply_add(const float* x, const float* y, const float* z, float* out,
                                        Index elements) {
  FOR_EACH_ITEM(i, elements) {
    out[i] = fmaf(x[i], y[i], z[i]);
  }
}

// out[i] = min(max(x[i], low), high); NaN stays NaN
extern "C" __global__ void clamp(float low, float high, const float* x, float* out,
                                 Index elements) {
  FOR_EACH_ITEM(i, elements) {
    out[i] = keepNanMin(keepNanMax(x[i], low), high);
  }
}

// A tile of the transposed matrix is read along its rows and written along its rows, through
// shared memory whose rows are one element longer, so that no two threads of a warp hit one bank.
#define TILE 32
#define TILE_ROWS 8

// out[j,i] = x[i,j] with x [rows,columns]. Blocks of TILE x TILE_ROWS threads go over the tiles.
extern "C" __global__ void transpose2d(const float* __restrict__ x, float* __restrict__ out,
                                       int rows, int columns) {
  __shared__ float tile[TILE][TILE + 1];
  int tilesDown = (rows + TILE - 1) / TILE;
  int tilesAcross = (columns + TILE - 1) / TILE;
  for (Index at = blockIdx.x; at < (Index)tilesDown * tilesAcross; at += gridDim.x) {
    int row = (int)(at / tilesAcross) * TILE;
    int column = (int)(at % tilesAcross) * TILE;
    for (int i = threadIdx.y; i < TILE; i += TILE_ROWS) {
      if (row + i < rows && column + threadIdx.x < columns) {
        tile[i][threadIdx.x] = x[(Index)(row + i) * columns + column + threadIdx.x];
      }
    }
    __syncthreads();
    for (int j = threadIdx.y; j < TILE; j += TILE_ROWS) {
      if (column + j < columns && row + threadIdx.x < rows) {
        out[(Index)(column + j) * rows + row + threadIdx.x] = tile[threadIdx.x][j];
      }
    }
    __syncthreads();
  }
}

// out[b,a,c] = x[a,b,c] with x [first,second,third]: rows of `third` elements change places.
extern "C" __global__ void swap_axes(const float* __restrict__ x, float* __restrict__ out,
                                     int first, int second, int third) {
  FOR_EACH_ITEM(i, (Index)first * second * third) {
    int c = (int)(i % third);
    Index row = i / third;
    int a = (int)(row % first);
    int b = (int)(row / first);
    out[i] = x[((Index)a * second + b) * third + c];
  }
}

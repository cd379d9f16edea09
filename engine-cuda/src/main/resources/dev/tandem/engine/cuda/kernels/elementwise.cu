#include "common.cuh"

// out[i] = x[i] op y[i / behind % repeated]: y with one element (repeated 1), one for each column
// (behind 1) or for each channel (behind H W). With 32-bit indices where they suffice, because a
// division of 64-bit numbers takes longer than the memory that it finds.
template <typename Item, typename Function>
__device__ __forceinline__ void mapRepeated(Function f, Item n, Item behind, Item repeated,
                                            const float* x, const float* y, float* out) {
  Item step = (Item)gridThreads();
  for (Item i = (Item)gridThread(); i < n; i += step) {
    out[i] = f(x[i], y[(behind == 1 ? i : i / behind) % repeated]);
  }
}

template <typename Function>
__device__ __forceinline__ void mapBroadcast(Function f, Index n, Index behind, Index repeated,
                                             const float* x, const float* y, float* out) {
  if (repeated == n && behind == 1) {
    map(f, n, x, y, out);
  } else if (repeated == 1) {
    float right = *y;
    map([=](float left) { return f(left, right); }, n, x, out);
  } else if (n + gridThreads() <= 0xffffffffll) {
    mapRepeated<unsigned>(f, n, behind, repeated, x, y, out);
  } else {
    mapRepeated<Index>(f, n, behind, repeated, x, y, out);
  }
}

// Of these four, out may be x, and y if it is not repeated.

// out = x + y
extern "C" __global__ void add(Index n, Index behind, Index repeated, const float* x, const float* y,
    float* out) {
  mapBroadcast(
      [](float left, float right) { return left + right; }, n, behind, repeated, x, y, out);
}

// out = x - y
extern "C" __global__ void subtract(Index n, Index behind, Index repeated, const float* x, const float* y,
    float* out) {
  mapBroadcast(
      [](float left, float right) { return left - right; }, n, behind, repeated, x, y, out);
}

// out = x y
extern "C" __global__ void multiply(Index n, Index behind, Index repeated, const float* x, const float* y,
    float* out) {
  mapBroadcast(
      [](float left, float right) { return left * right; }, n, behind, repeated, x, y, out);
}

// out = x / y
extern "C" __global__ void divide(Index n, Index behind, Index repeated, const float* x, const float* y,
    float* out) {
  mapBroadcast(
      [](float left, float right) { return left / right; }, n, behind, repeated, x, y, out);
}

// out[i] = alpha x[i]
extern "C" __global__ void scale(Index n, float alpha, const float* x, float* out) {
  map([=](float value) { return alpha * value; }, n, x, out);
}

// y[i] = alpha x[i] + y[i]
extern "C" __global__ void axpy(Index n, float alpha, const float* x, float* y) {
  map([=](float value, float sum) { return fmaf(alpha, value, sum); }, n, x, y, y);
}

// out[i] = x[i] y[i] + z[i]
extern "C" __global__ void multiply_add(Index n, const float* x, const float* y, const float* z,
                                        float* out) {
  FOR_EACH_ITEM(i, n) {
    out[i] = fmaf(x[i], y[i], z[i]);
  }
}

// out[i] = min(max(x[i], low), high); NaN stays NaN
extern "C" __global__ void clamp(Index n, float low, float high, const float* x, float* out) {
  map([=](float value) { return keepNanMin(keepNanMax(value, low), high); }, n, x, out);
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

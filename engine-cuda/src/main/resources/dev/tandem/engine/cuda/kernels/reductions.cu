#include "common.cuh"

// Sums, maxima and other reductions.
//
// A long array is reduced in two launches: first in runs, one result each, then the results. How
// it is divided depends on its length alone, and so do the bits of the result.

// Reduces every run of `length` elements, the last of which may be shorter; a run belongs to the
// threads of a block with the same y.
template <typename Operation, typename T, typename Element, typename Store>
__device__ __forceinline__ void reduceRuns(
    Index total, Index length, Index runs, Element element, Store store) {
  eachRow(runs, [=](Index run, bool inside) {
    Index end = inside ? smaller((run + 1) * length, total) : 0;
    T value = Operation::template nothing<T>();
#pragma unroll 4
    for (Index i = run * length + threadIdx.x; i < end; i += blockDim.x) {
      value = Operation::combine(value, element(i));
    }
    value = reduceX<Operation>(value);
    if (inside && threadIdx.x == 0) store(run, value);
  });
}

// Reduces every column over pieces of some rows, one result for each piece and column: a thread
// with x has a column, and those with the same x share the rows of a piece.
template <typename Operation, typename Store>
__device__ __forceinline__ void reduceColumns(
    Index rows, Index columns, Index rowsOfPiece, const float* x, Store store) {
  Index column = gridThread();
  Index end = smaller((blockIdx.y + 1) * rowsOfPiece, rows);
  float value = Operation::template nothing<float>();
  if (column < columns) {
#pragma unroll 4
    for (Index row = blockIdx.y * rowsOfPiece + threadIdx.y; row < end; row += blockDim.y) {
      value = Operation::combine(value, x[row * columns + column]);
    }
  }
  value = reduceY<Operation>(value);
  if (column < columns && threadIdx.y == 0) store(blockIdx.y * columns + column, value);
}

// What becomes of a sum: it is added to what is there, or divided and stored.
struct StoreSum {
  float divisor;
  int accumulate;
  float* out;

  __device__ __forceinline__ void operator()(Index at, float sum) const {
    out[at] = accumulate ? out[at] + sum : sum / divisor;
  }
};

extern "C" __global__ void sum_runs(
    Index total, Index length, Index runs, float divisor, int accumulate, const float* x,
    float* out) {
  StoreSum store = {divisor, accumulate, out};
  reduceRuns<Sum, float>(total, length, runs, [=](Index i) { return x[i]; }, store);
}

extern "C" __global__ void sum_columns(
    Index rows, Index columns, Index rowsOfPiece, float divisor, int accumulate, const float* x,
    float* out) {
  StoreSum store = {divisor, accumulate, out};
  reduceColumns<Sum>(rows, columns, rowsOfPiece, x, store);
}

extern "C" __global__ void max_runs(
    Index total, Index length, Index runs, const float* x, float* out) {
  reduceRuns<Max, float>(
      total, length, runs, [=](Index i) { return x[i]; },
      [=](Index at, float value) { out[at] = value; });
}

extern "C" __global__ void max_columns(
    Index rows, Index columns, Index rowsOfPiece, const float* x, float* out) {
  reduceColumns<Max>(
      rows, columns, rowsOfPiece, x, [=](Index at, float value) { out[at] = value; });
}

extern "C" __global__ void dot_runs(
    Index total, Index length, Index runs, const float* x, const float* y, float* out) {
  reduceRuns<Sum, float>(
      total, length, runs, [=](Index i) { return x[i] * y[i]; },
      [=](Index at, float value) { out[at] = value; });
}

// The number of elements that are NaN or infinite: those whose difference to themselves is not 0.
extern "C" __global__ void count_non_finite_runs(
    Index total, Index length, Index runs, const float* x, int* out) {
  reduceRuns<Sum, int>(
      total, length, runs, [=](Index i) { return x[i] - x[i] == 0.0f ? 0 : 1; },
      [=](Index at, int value) { out[at] = value; });
}

extern "C" __global__ void sum_integer_runs(
    Index total, Index length, Index runs, const int* x, int* out) {
  reduceRuns<Sum, int>(
      total, length, runs, [=](Index i) { return x[i]; },
      [=](Index at, int value) { out[at] = value; });
}

// An element and its place.
struct Place {
  float value;
  int column;
};

// The larger of two, NaN being the largest; of equal ones that with the smaller column. A column
// below 0 is that of no element.
__device__ __forceinline__ Place larger(Place a, Place b) {
  if (a.column < 0 || b.column < 0) return b.column < 0 ? a : b;
  bool same = a.value == b.value || (a.value != a.value && b.value != b.value);
  if (same) return a.column < b.column ? a : b;
  return a.value > b.value || a.value != a.value ? a : b;
}

__device__ __forceinline__ Place largestOfLanes(Place place, int lanes) {
  for (int apart = lanes / 2; apart > 0; apart /= 2) {
    Place other = {
        __shfl_xor_sync(FULL_WARP, place.value, apart),
        __shfl_xor_sync(FULL_WARP, place.column, apart)};
    place = larger(place, other);
  }
  return place;
}

// out[i] = the first j for which no x[i,k] is larger
extern "C" __global__ void argmax(Index rows, int columns, const float* x, int* out) {
  __shared__ Place ofWarp[WARP];
  eachRow(rows, [=](Index row, bool inside) {
    Place place = {0.0f, -1};
    for (int j = threadIdx.x; inside && j < columns; j += blockDim.x) {
      Place here = {x[row * columns + j], j};
      place = larger(place, here);
    }
    place = largestOfLanes(place, blockDim.x < WARP ? blockDim.x : WARP);
    if (blockDim.x > WARP) {
      int lane = threadIdx.x % WARP;
      if (lane == 0) ofWarp[threadIdx.x / WARP] = place;
      __syncthreads();
      Place none = {0.0f, -1};
      place = largestOfLanes(lane < blockDim.x / WARP ? ofWarp[lane] : none, WARP);
      __syncthreads();  // before the next row writes there
    }
    if (inside && threadIdx.x == 0) out[row] = place.column;
  });
}

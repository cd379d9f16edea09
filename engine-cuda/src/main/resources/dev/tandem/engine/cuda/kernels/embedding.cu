#include "common.cuh"

// Table look-up and its gradient.

// out[i] = table[indices[i]], NaN outside the table.
extern "C" __global__ void gather(
    Index rows, int columns, int vocabulary, const int* __restrict__ indices,
    const float* __restrict__ table, float* __restrict__ out) {
  eachRow(rows, [=](Index row, bool inside) {
    if (!inside) return;
    int index = indices[row];
    bool known = index >= 0 && index < vocabulary;
    const float* entry = table + (known ? (Index)index * columns : 0);
    for (int j = threadIdx.x; j < columns; j += blockDim.x) {
      out[row * columns + j] = known ? entry[j] : TANDEM_NAN;
    }
  });
}

// The columns that one lane adds up, 32 apart.
#define COLUMNS_OF_LANE 4

// dtable[indices[i]] += dy[i] in the order of i, but not for the padding index nor outside the
// table. Each warp owns the rows of the table whose index is its own number modulo the number of
// owners, a power of two, and 128 columns of them: it reads all indices, 32 at a time, and adds
// what belongs to it in their order. Nobody else writes there, so that no sum needs an atomic, and
// as long as the row stays the same the sums stay in registers.
extern "C" __global__ void scatter_add(
    Index count, int columns, int vocabulary, int padding, int owners,
    const int* __restrict__ indices, const float* __restrict__ dy, float* __restrict__ dtable) {
  int lane = threadIdx.x % WARP;
  int owner = (int)(gridThread() / WARP);
  if (owner >= owners) return;
  int first = blockIdx.y * COLUMNS_OF_LANE * WARP + lane;
  float sums[COLUMNS_OF_LANE];
  int held = -1;
  int next = lane < count ? indices[lane] : -1;
  for (Index from = 0; from < count; from += WARP) {
    int index = next;
    Index later = from + WARP + lane;
    next = later < count ? indices[later] : -1;  // on its way while this one is worked on
    bool mine = index >= 0 && index < vocabulary && index != padding
        && (index & (owners - 1)) == owner;
    for (unsigned hits = __ballot_sync(FULL_WARP, mine); hits != 0; hits &= hits - 1) {
      int hit = __ffs(hits) - 1;
      int row = __shfl_sync(FULL_WARP, index, hit);
      if (row != held) {
        for (int k = 0; k < COLUMNS_OF_LANE; k++) {
          int column = first + k * WARP;
          if (column < columns) {
            if (held >= 0) dtable[(Index)held * columns + column] = sums[k];
            sums[k] = dtable[(Index)row * columns + column];
          }
        }
        held = row;
      }
      const float* outer = dy + (from + hit) * columns;
      for (int k = 0; k < COLUMNS_OF_LANE; k++) {
        int column = first + k * WARP;
        if (column < columns) sums[k] += outer[column];
      }
    }
  }
  if (held >= 0) {
    for (int k = 0; k < COLUMNS_OF_LANE; k++) {
      int column = first + k * WARP;
      if (column < columns) dtable[(Index)held * columns + column] = sums[k];
    }
  }
}

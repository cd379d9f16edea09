#include "common.cuh"

// Inverted dropout. The mask is never stored: forward and backward draw the same words.

// y[i] = scale x[i] where word i of the random numbers is at least the threshold, else 0; y may be
// x. The state is seed (low, high) and step (low, high).
extern "C" __global__ void dropout(
    Index n, unsigned threshold, float scale, unsigned stream, const int* state, const float* x,
    float* y) {
  bool quads = isQuad(x) && isQuad(y);
  for (Index block = gridThread(); 4 * block < n; block += gridThreads()) {
    Words words = philox(state[0], state[1], (unsigned)block, stream, state[2], state[3]);
    Index from = 4 * block;
    if (quads && from + 4 <= n) {
      Quad in = ((const Quad*)x)[block];
      Quad out;
      for (int k = 0; k < 4; k++) out.at[k] = words.at[k] >= threshold ? scale * in.at[k] : 0.0f;
      ((Quad*)y)[block] = out;
    } else {
      for (int k = 0; k < 4 && from + k < n; k++) {
        y[from + k] = words.at[k] >= threshold ? scale * x[from + k] : 0.0f;
      }
    }
  }
}

#include "common.cuh"

// What follows a convolution in place, y [N,K,P,Q]: y[n,k,i] = f(y[n,k,i] + bias[k]).
//
// cuDNN's fused ReLU makes 0 of NaN, which must stay, and it knows no other function.

// plane = P Q; bias may be null.
template <int kind>
__device__ __forceinline__ void addBias(
    Index n, int plane, int channels, const float* bias, float* y) {
  int width = plane % 4 == 0 && isQuad(y) ? 4 : 1;
  FOR_EACH_ITEM(i, n / width) {
    Index at = i * width;
    float addend = 0.0f;
    if (bias) {
      // A division of 64 bits takes several times as long.
      addend = bias[at < 0x7fffffff ? (unsigned)at / plane % channels : at / plane % channels];
    }
    if (width == 4) {
      Quad quad = ((const Quad*)y)[i];
      for (int k = 0; k < 4; k++) quad.at[k] = activate(kind, quad.at[k] + addend);
      ((Quad*)y)[i] = quad;
    } else {
      y[i] = activate(kind, y[i] + addend);
    }
  }
}

// A kernel for each function, in which its number is a constant.
#define BIAS(F)                                                        \
  extern "C" __global__ void bias_##F(                                 \
      Index n, int plane, int channels, const float* bias, float* y) { \
    addBias<F>(n, plane, channels, bias, y);                           \
  }

BIAS(IDENTITY)
BIAS(RELU)
BIAS(LEAKY_RELU)
BIAS(SIGMOID)
BIAS(TANH)
BIAS(GELU)
BIAS(SILU)
BIAS(ELU)

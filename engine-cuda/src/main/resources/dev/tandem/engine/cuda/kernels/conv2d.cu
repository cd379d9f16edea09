// What follows a convolution in place, y [N,K,P,Q]: y[n,k,i] = f(y[n,k,i] + bias[k]).
//
// cuDNN's fused ReLU makes 0 of NaN, which must stay, and it knows no other function.

#include "common.cuh"

// plane = P Q; bias may be null.
template <typename Function>
__device__ __forceinline__ void add_bias(
    Index n, int plane, int channels, const float* bias, float* y) {
  int width = plane % 4 == 0 && is_quad(y) ? 4 : 1;
  for (Index i = grid_thread(); i < n / width; i += grid_threads()) {
    Index at = i * width;
    float addend = 0.0f;
    if (bias) addend = bias[at < 0x7fffffff ? (unsigned)at / plane % channels : at / plane % channels];
    if (width == 4) {
      Quad quad = ((const Quad*)y)[i];
      for (int k = 0; k < 4; k++) quad.at[k] = Function::value(quad.at[k] + addend);
      ((Quad*)y)[i] = quad;
    } else {
      y[i] = Function::value(y[i] + addend);
    }
  }
}

#define BIAS(NAME, F)                                                      \
  extern "C" __global__ void bias_##NAME(                                  \
      Index n, int plane, int channels, const float* bias, float* y) {     \
    add_bias<F>(n, plane, channels, bias, y);                              \
  }

BIAS(IDENTITY, Identity)
BIAS(RELU, Relu)
BIAS(LEAKY_RELU, LeakyRelu)
BIAS(SIGMOID, Sigmoid)
BIAS(TANH, Tanh)
BIAS(GELU, Gelu)
BIAS(SILU, Silu)
BIAS(ELU, Elu)

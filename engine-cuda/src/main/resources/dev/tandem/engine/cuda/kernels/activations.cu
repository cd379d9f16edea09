// Activation functions, element by element.

#include "common.cuh"

// forward_F:  y[i] = f(x[i])
// backward_F: dx[i] = dy[i] f'(saved[i]), with what the activation keeps: x or y
#define ACTIVATION(NAME, F)                                                                      \
  extern "C" __global__ void forward_##NAME(Index n, const float* x, float* y) {                 \
    map([](float v) { return F::value(v); }, n, x, y);                                           \
  }                                                                                              \
  extern "C" __global__ void backward_##NAME(                                                    \
      Index n, const float* saved, const float* dy, float* dx) {                                 \
    map([](float kept, float outer) { return outer * F::derivative(kept); }, n, saved, dy, dx);  \
  }

ACTIVATION(IDENTITY, Identity)
ACTIVATION(RELU, Relu)
ACTIVATION(LEAKY_RELU, LeakyRelu)
ACTIVATION(SIGMOID, Sigmoid)
ACTIVATION(TANH, Tanh)
ACTIVATION(GELU, Gelu)
ACTIVATION(SILU, Silu)
ACTIVATION(ELU, Elu)

#include "common.cuh"

// Activation functions, element by element: a kernel for each function, in which its number is a
// constant.

// forward_F:  y[i] = f(x[i]); y may be x
// backward_F: dx[i] = dy[i] f'(saved[i]); dx may be dy
#define ACTIVATION(KIND)                                                                          \
  extern "C" __global__ void forward_##KIND(const float* x, float* y, Index elements) {           \
    map([](float in) { return activate(KIND, in); }, elements, x, y);                             \
  }                                                                                               \
                                                                                                  \
  extern "C" __global__ void backward_##KIND(const float* saved, const float* dy, float* dx,      \
                                             Index elements) {                                    \
    map([](float kept, float outer) { return outer * derivative(KIND, kept); }, elements, saved,  \
        dy, dx);                                                                                  \
  }

ACTIVATION(IDENTITY)
ACTIVATION(RELU)
ACTIVATION(LEAKY_RELU)
ACTIVATION(SIGMOID)
ACTIVATION(TANH)
ACTIVATION(GELU)
ACTIVATION(SILU)
ACTIVATION(ELU)

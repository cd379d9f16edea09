// What all kernels share. Included first by every file; NVRTC has no standard headers, and the
// kernels need none.

typedef long long Index;

// The items that a thread handles: i = first; i < items; i += step. All of them are handled
// whatever the grid is, and each by one thread.
#define FOR_EACH_ITEM(i, items)                                      \
  for (Index i = (Index)blockIdx.x * blockDim.x + threadIdx.x; i < (items); \
       i += (Index)gridDim.x * blockDim.x)

// Not CUDA's macros of these names, which need a header.
#define TANDEM_INFINITY __int_as_float(0x7f800000)
#define TANDEM_NAN __int_as_float(0x7fffffff)

// min and max that keep NaN, as Math.min and Math.max do: fminf and fmaxf drop it.
__device__ __forceinline__ float keepNanMax(float a, float b) {
  return a != a ? a : (a > b ? a : b);
}

__device__ __forceinline__ float keepNanMin(float a, float b) {
  return a != a ? a : (a < b ? a : b);
}

// The order of dev.tandem.engine.Activation.
enum ActivationKind { IDENTITY, RELU, LEAKY_RELU, SIGMOID, TANH, GELU, SILU, ELU };

#define LEAKY_SLOPE 0.01f
#define ROOT_HALF 0.70710678118654752f

// 1 / (1 + exp(-x))
__device__ __forceinline__ float sigmoid(float x) {
  return 1.0f / (1.0f + expf(-x));
}

// y = f(x)
__device__ __forceinline__ float activate(int kind, float x) {
  switch (kind) {
    case RELU:
      return keepNanMax(x, 0.0f);
    case LEAKY_RELU:
      return x > 0.0f ? x : LEAKY_SLOPE * x;
    case SIGMOID:
      return sigmoid(x);
    case TANH:
      return tanhf(x);
    case GELU:
      // By erfc, so that nothing cancels below 0.
      return 0.5f * x * erfcf(-x * ROOT_HALF);
    case SILU:
      return x * sigmoid(x);
    case ELU:
      return x > 0.0f ? x : expm1f(x);
    default:
      return x;
  }
}

// What the kernels share: the walk over long arrays, sums over a block in an order that depends on
// the sizes alone, and the activation functions.
//
// Everything is IEEE 754 single precision without fast-math. nvcc may contract a product and a sum
// to one fused operation, which rounds once less.

#define WARP 32
#define FULL_WARP 0xffffffffu

// Sizes and places: tensors can be longer than 2^31 elements.
typedef long long Index;

__device__ __forceinline__ float infinity() { return __int_as_float(0x7f800000); }

__device__ __forceinline__ float not_a_number() { return __int_as_float(0x7fc00000); }

__device__ __forceinline__ Index smaller(Index a, Index b) { return a < b ? a : b; }

// ---- Element by element, in steps of the grid ----

__device__ __forceinline__ Index grid_thread() {
  return (Index)blockIdx.x * blockDim.x + threadIdx.x;
}

__device__ __forceinline__ Index grid_threads() { return (Index)gridDim.x * blockDim.x; }

// Four elements that are read and written by one instruction.
struct alignas(16) Quad {
  float at[4];
};

__device__ __forceinline__ bool is_quad(const void* pointer) {
  return ((size_t)pointer & 15) == 0;
}

// y[i] = f(x[i]); y may be x.
template <typename Function>
__device__ __forceinline__ void map(Function f, Index n, const float* x, float* y) {
  Index whole = is_quad(x) && is_quad(y) ? n / 4 : 0;
  for (Index q = grid_thread(); q < whole; q += grid_threads()) {
    Quad in = ((const Quad*)x)[q];
    Quad out;
    for (int k = 0; k < 4; k++) out.at[k] = f(in.at[k]);
    ((Quad*)y)[q] = out;
  }
  for (Index i = 4 * whole + grid_thread(); i < n; i += grid_threads()) y[i] = f(x[i]);
}

// z[i] = f(x[i], y[i]); z may be x or y.
template <typename Function>
__device__ __forceinline__ void map(
    Function f, Index n, const float* x, const float* y, float* z) {
  Index whole = is_quad(x) && is_quad(y) && is_quad(z) ? n / 4 : 0;
  for (Index q = grid_thread(); q < whole; q += grid_threads()) {
    Quad left = ((const Quad*)x)[q];
    Quad right = ((const Quad*)y)[q];
    Quad out;
    for (int k = 0; k < 4; k++) out.at[k] = f(left.at[k], right.at[k]);
    ((Quad*)z)[q] = out;
  }
  for (Index i = 4 * whole + grid_thread(); i < n; i += grid_threads()) z[i] = f(x[i], y[i]);
}

// ---- Reductions over a block, in a fixed order ----
//
// Threads lie in a block of (x, y): x is a power of two, x times y a multiple of 32.

struct Sum {
  template <typename T>
  static __device__ __forceinline__ T nothing() {
    return 0;
  }
  template <typename T>
  static __device__ __forceinline__ T combine(T a, T b) {
    return a + b;
  }
};

// The larger of two; NaN if one is NaN.
struct Max {
  template <typename T>
  static __device__ __forceinline__ T nothing() {
    return -infinity();
  }
  template <typename T>
  static __device__ __forceinline__ T combine(T a, T b) {
    return a > b || a != a ? a : b;
  }
};

__device__ __forceinline__ int block_thread() { return threadIdx.y * blockDim.x + threadIdx.x; }

// Reduces over `lanes` neighbouring threads of a warp, a power of two; every one gets the result.
template <typename Operation, typename T>
__device__ __forceinline__ T reduce_lanes(T value, int lanes) {
  for (int apart = lanes / 2; apart > 0; apart /= 2) {
    value = Operation::combine(value, __shfl_xor_sync(FULL_WARP, value, apart));
  }
  return value;
}

// Reduces over all threads of a block; every one gets the result.
template <typename Operation, typename T>
__device__ __forceinline__ T reduce_block(T value) {
  __shared__ T ofWarp[WARP];
  int lane = block_thread() % WARP;
  int warps = blockDim.x * blockDim.y / WARP;
  value = reduce_lanes<Operation>(value, WARP);
  if (lane == 0) ofWarp[block_thread() / WARP] = value;
  __syncthreads();
  value = lane < warps ? ofWarp[lane] : Operation::template nothing<T>();
  value = reduce_lanes<Operation>(value, WARP);
  __syncthreads();  // before the next reduction writes there
  return value;
}

// Reduces over the threads of a block with the same y; every one of them gets the result. If there
// are more than 32 of them, there may be only one y.
template <typename Operation, typename T>
__device__ __forceinline__ T reduce_x(T value) {
  return blockDim.x <= WARP ? reduce_lanes<Operation>(value, blockDim.x)
                            : reduce_block<Operation>(value);
}

// Reduces over the threads of a block of at most 256 with the same x; those with y = 0 get the
// result.
template <typename Operation, typename T>
__device__ __forceinline__ T reduce_y(T value) {
  __shared__ T of[256];
  int thread = block_thread();
  of[thread] = value;
  __syncthreads();
  for (int apart = blockDim.y / 2; apart > 0; apart /= 2) {
    if (threadIdx.y < apart) {
      of[thread] = Operation::combine(of[thread], of[thread + apart * blockDim.x]);
    }
    __syncthreads();
  }
  value = of[threadIdx.x];
  __syncthreads();  // before the next reduction writes there
  return value;
}

// ---- Activation functions, by their number in the enumeration of the seam ----

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// (1 + erf(x / sqrt 2)) / 2, by erfc so that nothing cancels below 0.
__device__ __forceinline__ float normal_distribution(float x) {
  return 0.5f * erfcf(-0.70710678f * x);
}

// exp(-x^2 / 2) / sqrt(2 pi)
__device__ __forceinline__ float normal_density(float x) {
  return 0.39894228f * expf(-0.5f * x * x);
}

#define LEAKY_SLOPE 0.01f

struct Identity {
  static __device__ __forceinline__ float value(float x) { return x; }
  static __device__ __forceinline__ float derivative(float) { return 1.0f; }
};

struct Relu {
  // NaN stays NaN.
  static __device__ __forceinline__ float value(float x) { return x <= 0.0f ? 0.0f : x; }
  static __device__ __forceinline__ float derivative(float y) { return y > 0.0f ? 1.0f : 0.0f; }
};

struct LeakyRelu {
  static __device__ __forceinline__ float value(float x) {
    return x > 0.0f ? x : LEAKY_SLOPE * x;
  }
  static __device__ __forceinline__ float derivative(float y) {
    return y > 0.0f ? 1.0f : LEAKY_SLOPE;
  }
};

struct Sigmoid {
  static __device__ __forceinline__ float value(float x) { return sigmoid(x); }
  // y' = y (1 - y)
  static __device__ __forceinline__ float derivative(float y) { return y * (1.0f - y); }
};

struct Tanh {
  static __device__ __forceinline__ float value(float x) { return tanhf(x); }
  // y' = 1 - y^2
  static __device__ __forceinline__ float derivative(float y) { return (1.0f - y) * (1.0f + y); }
};

struct Gelu {
  static __device__ __forceinline__ float value(float x) { return x * normal_distribution(x); }
  // Phi(x) + x phi(x)
  static __device__ __forceinline__ float derivative(float x) {
    return normal_distribution(x) + x * normal_density(x);
  }
};

struct Silu {
  static __device__ __forceinline__ float value(float x) { return x * sigmoid(x); }
  // s + x s (1 - s) with s = sigmoid(x)
  static __device__ __forceinline__ float derivative(float x) {
    return sigmoid(x) * (1.0f + x * sigmoid(-x));
  }
};

struct Elu {
  static __device__ __forceinline__ float value(float x) { return x > 0.0f ? x : expm1f(x); }
  // y = exp(x) - 1 below 0: y' = y + 1
  static __device__ __forceinline__ float derivative(float y) {
    return y > 0.0f ? 1.0f : y + 1.0f;
  }
};

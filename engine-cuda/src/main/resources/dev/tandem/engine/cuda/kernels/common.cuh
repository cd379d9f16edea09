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

// (1 + erf(x / sqrt 2)) / 2, by erfc so that nothing cancels below 0.
__device__ __forceinline__ float normalDistribution(float x) {
  return 0.5f * erfcf(-x * ROOT_HALF);
}

// exp(-x^2 / 2) / sqrt(2 pi)
__device__ __forceinline__ float normalDensity(float x) {
  return 0.39894228040143268f * expf(-0.5f * x * x);
}

// f'(x) from what the activation keeps: its output y, for GELU and SILU its input x.
__device__ __forceinline__ float derivative(int kind, float saved) {
  switch (kind) {
    case RELU:
      return saved > 0.0f ? 1.0f : 0.0f;
    case LEAKY_RELU:
      return saved > 0.0f ? 1.0f : LEAKY_SLOPE;
    case SIGMOID:
      return saved * (1.0f - saved);
    case TANH:
      return (1.0f - saved) * (1.0f + saved);
    case GELU:
      return normalDistribution(saved) + saved * normalDensity(saved);
    case SILU:
      // s + x s (1 - s) with s = sigmoid(x)
      return sigmoid(saved) * (1.0f + saved * sigmoid(-saved));
    case ELU:
      // y = exp(x) - 1 below 0: y' = y + 1
      return saved > 0.0f ? 1.0f : saved + 1.0f;
    default:
      return 1.0f;
  }
}

#define WARP 32
#define FULL_WARP 0xffffffffu

__device__ __forceinline__ Index smaller(Index a, Index b) { return a < b ? a : b; }

// ---- Element by element, in steps of the grid ----

__device__ __forceinline__ Index gridThread() {
  return (Index)blockIdx.x * blockDim.x + threadIdx.x;
}

__device__ __forceinline__ Index gridThreads() { return (Index)gridDim.x * blockDim.x; }

// Four elements that are read and written by one instruction.
struct alignas(16) Quad {
  float at[4];
};

__device__ __forceinline__ bool isQuad(const void* pointer) {
  return ((size_t)pointer & 15) == 0;
}

// y[i] = f(x[i]); y may be x.
template <typename Function>
__device__ __forceinline__ void map(Function f, Index n, const float* x, float* y) {
  Index whole = isQuad(x) && isQuad(y) ? n / 4 : 0;
  for (Index q = gridThread(); q < whole; q += gridThreads()) {
    Quad in = ((const Quad*)x)[q];
    Quad out;
    for (int k = 0; k < 4; k++) out.at[k] = f(in.at[k]);
    ((Quad*)y)[q] = out;
  }
  for (Index i = 4 * whole + gridThread(); i < n; i += gridThreads()) y[i] = f(x[i]);
}

// z[i] = f(x[i], y[i]); z may be x or y.
template <typename Function>
__device__ __forceinline__ void map(
    Function f, Index n, const float* x, const float* y, float* z) {
  Index whole = isQuad(x) && isQuad(y) && isQuad(z) ? n / 4 : 0;
  for (Index q = gridThread(); q < whole; q += gridThreads()) {
    Quad left = ((const Quad*)x)[q];
    Quad right = ((const Quad*)y)[q];
    Quad out;
    for (int k = 0; k < 4; k++) out.at[k] = f(left.at[k], right.at[k]);
    ((Quad*)z)[q] = out;
  }
  for (Index i = 4 * whole + gridThread(); i < n; i += gridThreads()) z[i] = f(x[i], y[i]);
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
    return -TANDEM_INFINITY;
  }
  static __device__ __forceinline__ float combine(float a, float b) { return keepNanMax(a, b); }
};

__device__ __forceinline__ int blockThread() { return threadIdx.y * blockDim.x + threadIdx.x; }

// Reduces over `lanes` neighbouring threads of a warp, a power of two; every one gets the result.
template <typename Operation, typename T>
__device__ __forceinline__ T reduceLanes(T value, int lanes) {
  for (int apart = lanes / 2; apart > 0; apart /= 2) {
    value = Operation::combine(value, __shfl_xor_sync(FULL_WARP, value, apart));
  }
  return value;
}

// Reduces over all threads of a block; every one gets the result.
template <typename Operation, typename T>
__device__ __forceinline__ T reduceBlock(T value) {
  __shared__ T ofWarp[WARP];
  int lane = blockThread() % WARP;
  int warps = blockDim.x * blockDim.y / WARP;
  value = reduceLanes<Operation>(value, WARP);
  if (lane == 0) ofWarp[blockThread() / WARP] = value;
  __syncthreads();
  value = lane < warps ? ofWarp[lane] : Operation::template nothing<T>();
  value = reduceLanes<Operation>(value, WARP);
  __syncthreads();  // before the next reduction writes there
  return value;
}

// Reduces over the threads of a block with the same y; every one of them gets the result. If there
// are more than 32 of them, there may be only one y.
template <typename Operation, typename T>
__device__ __forceinline__ T reduceX(T value) {
  return blockDim.x <= WARP ? reduceLanes<Operation>(value, blockDim.x)
                            : reduceBlock<Operation>(value);
}

// Reduces over the threads of a block of at most 256 with the same x, whose number of y is a power
// of two; every one of them gets the result.
template <typename Operation, typename T>
__device__ __forceinline__ T reduceY(T value) {
  __shared__ T of[256];
  int thread = blockThread();
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

// ---- Rows: a row belongs to the threads of a block with the same y ----

// Calls f(row, inside) for the rows of a matrix in steps of the grid. All threads of a block make
// the same calls, so that they can reduce within f; inside is false for a row behind the last.
template <typename Function>
__device__ __forceinline__ void eachRow(Index rows, Function f) {
  for (Index first = (Index)blockIdx.x * blockDim.y; first < rows;
       first += (Index)gridDim.x * blockDim.y) {
    Index row = first + threadIdx.y;
    f(row, row < rows);
  }
}

// What all elements of a row are normalised by: with the largest element m, exp(x_j) / sum_k
// exp(x_k) = exp(x_j - m) / sum_k exp(x_k - m), and nothing overflows.
struct Powers {
  float largest;
  float sum;

  // Measures a row of n elements; n may be 0 in some rows of a block.
  static __device__ __forceinline__ Powers of(const float* row, int n) {
    Powers powers;
    // A NaN need not be found here: its power makes the sum NaN.
    float largest = -TANDEM_INFINITY;
    for (int k = threadIdx.x; k < n; k += blockDim.x) largest = fmaxf(largest, row[k]);
    powers.largest = reduceX<Max>(largest);
    float sum = 0.0f;
    for (int k = threadIdx.x; k < n; k += blockDim.x) sum += expf(row[k] - powers.largest);
    powers.sum = reduceX<Sum>(sum);
    return powers;
  }

  __device__ __forceinline__ float probability(float x) const { return expf(x - largest) / sum; }
};

// ---- Random numbers: Philox 4x32-10, Salmon et al. 2011, as on every backend ----

struct Words {
  unsigned at[4];
};

// One block of four words; key and counter with the lowest word first.
__device__ __forceinline__ Words philox(
    unsigned key0, unsigned key1, unsigned c0, unsigned c1, unsigned c2, unsigned c3) {
  for (int round = 0; round < 10; round++) {
    unsigned high0 = __umulhi(0xD2511F53u, c0);
    unsigned high1 = __umulhi(0xCD9E8D57u, c2);
    unsigned low0 = 0xD2511F53u * c0;
    unsigned low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ key0;
    c2 = high0 ^ c3 ^ key1;
    c1 = low1;
    c3 = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  Words words = {{c0, c1, c2, c3}};
  return words;
}

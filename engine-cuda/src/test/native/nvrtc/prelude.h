// What a CUDA C kernel file finds when the stand-in's NVRTC compiles it for the host: the language's
// additions and its built-in functions, no more than kernels may use. No standard header is read
// (NVRTC has none), and no name of one is defined.

#define __global__ __global_entry__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) alignas(n)
#define __launch_bounds__(...)
#define __CUDA_ARCH__ 900
#define __CUDACC_RTC__ 1
#define __CUDACC__ 1

using size_t = decltype(sizeof 0);

#define STANDIN_VECTORS(T, N)                                    \
  struct N##1 { T x; };                                          \
  struct alignas(2 * sizeof(T)) N##2 { T x, y; };                \
  struct N##3 { T x, y, z; };                                    \
  struct alignas(4 * sizeof(T)) N##4 { T x, y, z, w; };          \
  inline N##2 make_##N##2(T x, T y) { return {x, y}; }           \
  inline N##3 make_##N##3(T x, T y, T z) { return {x, y, z}; }   \
  inline N##4 make_##N##4(T x, T y, T z, T w) { return {x, y, z, w}; }
STANDIN_VECTORS(float, float)
STANDIN_VECTORS(int, int)
STANDIN_VECTORS(unsigned, uint)
#undef STANDIN_VECTORS

struct dim3 {
  unsigned x, y, z;
};

namespace standin {

struct Calls {
  void (*barrier)(int line);
  unsigned long long (*meet)(int kind, unsigned mask, unsigned long long value, int source, int line);
  void (*left)();
  void (*trap)(int line);
};

struct Argument {
  unsigned bytes;
  unsigned pointeeAlignment;
};

struct Entry {
  const char* name;
  unsigned count;
  const Argument* arguments;
  void (*threads)(void* const* arguments);
};

struct File {
  int interface;
  unsigned count;
  const Entry* const* kernels;
  dim3 *thread, *block, *blockSize, *gridSize;
  unsigned *next, *order, *left, *exited, *waiting;
  Calls* calls;
  char *sharedFrom, *sharedTo, *dynamic;
};

constexpr unsigned SHARED_BYTES = 227 * 1024;
constexpr int SYNC = 0, READ = 1, BALLOT = 2;

Calls calls;
unsigned next, order, left, waiting;
unsigned exited[32];
alignas(1024) char dynamic[SHARED_BYTES];

}  // namespace standin

dim3 threadIdx, blockIdx, blockDim, gridDim;
constexpr int warpSize = 32;

namespace standin {

/** Makes the calling fiber the next thread of the block; false if all have begun. */
inline bool begin() {
  unsigned count = blockDim.x * blockDim.y * blockDim.z;
  if (next == count) return false;
  unsigned t = order ? count - 1 - next : next;
  next++;
  if (blockDim.y * blockDim.z == 1) {
    threadIdx = {t, 0, 0};
  } else {
    threadIdx = {t % blockDim.x, t / blockDim.x % blockDim.y, t / (blockDim.x * blockDim.y)};
  }
  return true;
}

inline unsigned linearThread() {
  return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}

inline void end() {
  unsigned t = linearThread();
  left++;
  exited[t / 32] |= 1u << (t % 32);
  if (waiting) calls.left();
}

template <typename T> struct Pointee { static constexpr unsigned alignment = 0; };
template <typename T> struct Pointee<T*> { static constexpr unsigned alignment = alignof(T); };
template <> struct Pointee<void*> { static constexpr unsigned alignment = 1; };
template <> struct Pointee<const void*> { static constexpr unsigned alignment = 1; };

template <typename T> struct Plain { using type = T; };
template <typename T> struct Plain<const T> { using type = T; };
template <typename T> struct Plain<T&> {
  static_assert(sizeof(T) == 0, "a kernel takes no references");
};

template <int... I> struct Numbers {};
template <int N, int... I> struct Count : Count<N - 1, N - 1, I...> {};
template <int... I> struct Count<0, I...> { using type = Numbers<I...>; };

template <auto F> struct Kernel;
template <typename... A, void (*F)(A...)> struct Kernel<F> {
  static constexpr Argument arguments[sizeof...(A) + 1] = {
      {sizeof(A), Pointee<typename Plain<A>::type>::alignment}..., {0, 0}};

  template <int... I> static void all(void* const* values, Numbers<I...>) {
    while (begin()) {
      F(*static_cast<typename Plain<A>::type*>(values[I])...);
      end();
    }
  }
  static void threads(void* const* values) { all(values, typename Count<sizeof...(A)>::type()); }
  static constexpr unsigned count = sizeof...(A);
};

template <typename T> inline unsigned long long bits(T value) {
  static_assert(sizeof(T) <= 8, "a shuffle moves 4 or 8 bytes");
  unsigned long long b = 0;
  __builtin_memcpy(&b, &value, sizeof value);
  return b;
}
template <typename T> inline T fromBits(unsigned long long b) {
  T value;
  __builtin_memcpy(&value, &b, sizeof value);
  return value;
}
inline int lane() { return linearThread() % 32; }

template <typename T> inline T read(unsigned mask, T value, int source, int line) {
  return fromBits<T>(calls.meet(READ, mask, bits(value), source, line));
}

}  // namespace standin

inline void __syncthreads(int line = __builtin_LINE()) { standin::calls.barrier(line); }
inline void __syncwarp(unsigned mask = 0xffffffff, int line = __builtin_LINE()) {
  standin::calls.meet(standin::SYNC, mask, 0, 0, line);
}
template <typename T>
inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, int line = __builtin_LINE()) {
  int first = standin::lane() & ~(width - 1);
  return standin::read(mask, value, first + (source & (width - 1)), line);
}
template <typename T>
inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
  int me = standin::lane(), from = me - static_cast<int>(delta);
  return standin::read(mask, value, from < (me & ~(width - 1)) ? me : from, line);
}
template <typename T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
  int me = standin::lane(), from = me + static_cast<int>(delta);
  return standin::read(mask, value, from > (me | (width - 1)) ? me : from, line);
}
template <typename T>
inline T __shfl_xor_sync(unsigned mask, T value, int change, int width = 32, int line = __builtin_LINE()) {
  int me = standin::lane(), from = me ^ change;
  return standin::read(mask, value, from > (me | (width - 1)) ? me : from, line);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return static_cast<unsigned>(standin::calls.meet(standin::BALLOT, mask, predicate != 0, 0, line));
}
inline int __any_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return __ballot_sync(mask, predicate, line) != 0;
}
inline int __all_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return __ballot_sync(mask, !predicate, line) == 0;
}
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __trap(int line = __builtin_LINE()) { standin::calls.trap(line); }

extern "C" {
float expf(float); float exp2f(float); float expm1f(float); float logf(float); float log1pf(float);
float log2f(float); float log10f(float); float sqrtf(float); float tanhf(float); float sinhf(float);
float coshf(float); float sinf(float); float cosf(float); float tanf(float); float atanf(float);
float atan2f(float, float); float erff(float); float erfcf(float); float powf(float, float);
float fmaf(float, float, float); float fmaxf(float, float); float fminf(float, float);
float fabsf(float); float floorf(float); float ceilf(float); float truncf(float); float roundf(float);
float rintf(float); float fmodf(float, float); float copysignf(float, float); float ldexpf(float, int);
double exp(double); double log(double); double sqrt(double); double tanh(double); double fabs(double);
double fma(double, double, double); double fmax(double, double); double fmin(double, double);
double erf(double); double pow(double, double); double floor(double); double ceil(double);
int abs(int);
}
inline float rsqrtf(float x) { return static_cast<float>(1.0 / sqrt(static_cast<double>(x))); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
template <typename T> inline bool isnan(T x) { return __builtin_isnan(x); }
template <typename T> inline bool isinf(T x) { return __builtin_isinf(x); }
template <typename T> inline bool isfinite(T x) { return __builtin_isfinite(x); }
inline float abs(float x) { return fabsf(x); }
inline double abs(double x) { return fabs(x); }
inline float exp(float x) { return expf(x); }
inline float log(float x) { return logf(x); }
inline float sqrt(float x) { return sqrtf(x); }
inline float tanh(float x) { return tanhf(x); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline float min(float a, float b) { return fminf(a, b); }
inline double max(double a, double b) { return fmax(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
#define STANDIN_ORDER(T)                                 \
  inline T max(T a, T b) { return a < b ? b : a; }       \
  inline T min(T a, T b) { return b < a ? b : a; }
STANDIN_ORDER(int)
STANDIN_ORDER(unsigned)
STANDIN_ORDER(long long)
STANDIN_ORDER(unsigned long long)
STANDIN_ORDER(long)
STANDIN_ORDER(unsigned long)
#undef STANDIN_ORDER
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return sqrtf(a); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>(static_cast<unsigned long long>(a) * b >> 32);
}
inline int __mulhi(int a, int b) { return static_cast<int>(static_cast<long long>(a) * b >> 32); }
inline int __popc(unsigned a) { return __builtin_popcount(a); }
inline int __clz(int a) { return a == 0 ? 32 : __builtin_clz(a); }
inline int __ffs(int a) { return __builtin_ffs(a); }
inline float __int_as_float(int a) { return standin::fromBits<float>(standin::bits(a)); }
inline float __uint_as_float(unsigned a) { return standin::fromBits<float>(standin::bits(a)); }
inline int __float_as_int(float a) { return standin::fromBits<int>(standin::bits(a)); }
inline unsigned __float_as_uint(float a) { return standin::fromBits<unsigned>(standin::bits(a)); }
inline int __float2int_rn(float a) { return static_cast<int>(rintf(a)); }
inline int __float2int_rz(float a) { return static_cast<int>(a); }
inline float __int2float_rn(int a) { return static_cast<float>(a); }
inline float __uint2float_rn(unsigned a) { return static_cast<float>(a); }
template <typename T> inline T __ldg(const T* p) { return *p; }

// Threads of all blocks run one after the other, so that plain reads and writes are atomic. There is
// none for float: its result would depend on the order.
#define STANDIN_ATOMICS(T)                                                              \
  inline T atomicAdd(T* p, T v) { T old = *p; *p = old + v; return old; }               \
  inline T atomicMax(T* p, T v) { T old = *p; *p = old < v ? v : old; return old; }     \
  inline T atomicMin(T* p, T v) { T old = *p; *p = v < old ? v : old; return old; }     \
  inline T atomicExch(T* p, T v) { T old = *p; *p = v; return old; }                    \
  inline T atomicCAS(T* p, T c, T v) { T old = *p; if (old == c) *p = v; return old; }
STANDIN_ATOMICS(int)
STANDIN_ATOMICS(unsigned)
STANDIN_ATOMICS(unsigned long long)
#undef STANDIN_ATOMICS
inline int atomicOr(int* p, int v) { int old = *p; *p = old | v; return old; }
inline unsigned atomicOr(unsigned* p, unsigned v) { unsigned old = *p; *p = old | v; return old; }

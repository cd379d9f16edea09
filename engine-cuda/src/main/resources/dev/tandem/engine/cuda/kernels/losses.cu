#include "common.cuh"

// Loss functions with their gradients.
//
// The sum of a loss goes by two launches: one part for each block, then the sum of the parts. The
// number of blocks depends on the sizes alone, and so do the bits of the result.

// Writes the mean over the parts, 0 over nothing but NaN of NaN, and what it was taken over: the
// sum of `counts`, or `count` where there are none. One block.
extern "C" __global__ void finish_loss(
    int parts, const float* sums, const float* counts, float count, float* loss) {
  double sum = 0.0;
  double counted = 0.0;
  for (int i = threadIdx.x; i < parts; i += blockDim.x) {
    sum += sums[i];
    if (counts) counted += counts[i];
  }
  sum = reduceBlock<Sum>(sum);
  counted = counts ? reduceBlock<Sum>(counted) : count;
  if (threadIdx.x == 0) {
    loss[0] = counted > 0.0 || sum != sum ? (float)(sum / counted) : 0.0f;
    loss[1] = (float)counted;
  }
}

// ---- Softmax and cross-entropy ----

__device__ __forceinline__ float weight(const float* weights, int i) {
  return weights ? weights[i] : 1.0f;
}

__device__ __forceinline__ bool isClass(int label, int ignored, int classes) {
  return label != ignored && label >= 0 && label < classes;
}

// The sums of w_y and of l = -(1-e) w_y log p_y - (e/N) sum_k w_k log p_k over the rows of each
// block, with p = softmax(z). A label that is neither a class nor ignored makes the loss NaN.
extern "C" __global__ void cross_entropy(
    Index rows, int classes, int ignored, float smoothing, float rest, const float* logits,
    const int* labels, const float* weights, float* sums, float* counts) {
  float sum = 0.0f;
  float counted = 0.0f;
  eachRow(rows, [&](Index row, bool inside) {
    int label = inside ? labels[row] : ignored;
    bool counts = isClass(label, ignored, classes);
    const float* z = logits + row * classes;
    int n = counts ? classes : 0;
    Powers powers = Powers::of(z, n);
    float logarithm = logf(powers.sum);
    float all = 0.0f;
    if (smoothing > 0.0f) {
      for (int k = threadIdx.x; k < n; k += blockDim.x) {
        all += weight(weights, k) * (z[k] - powers.largest - logarithm);
      }
      all = reduceX<Sum>(all);
    }
    if (threadIdx.x == 0 && counts) {
      float own = weight(weights, label);
      counted += own;
      sum -= rest * own * (z[label] - powers.largest - logarithm);
      if (smoothing > 0.0f) sum -= smoothing / classes * all;
    } else if (threadIdx.x == 0 && label != ignored) {
      sum = TANDEM_NAN;
    }
  });
  sum = reduceBlock<Sum>(sum);
  counted = reduceBlock<Sum>(counted);
  if (blockThread() == 0) {
    sums[blockIdx.x] = sum;
    counts[blockIdx.x] = counted;
  }
}

// dz_j = ((1-e) w_y (p_j - [j = y]) + (e/N) (p_j sum_k w_k - w_j)) / S with p = softmax(z) and S
// from loss[1]; 0 in ignored rows and over nothing, NaN for a label that is no class.
extern "C" __global__ void cross_entropy_gradient(
    Index rows, int classes, int ignored, float smoothing, float rest, const float* logits,
    const int* labels, const float* weights, const float* loss, float* dlogits) {
  float total = loss[1];
  float all = 0.0f;
  if (smoothing > 0.0f) {
    for (int k = threadIdx.x; k < classes; k += blockDim.x) all += weight(weights, k);
    all = reduceX<Sum>(all);
  }
  eachRow(rows, [=](Index row, bool inside) {
    int label = inside ? labels[row] : ignored;
    bool known = isClass(label, ignored, classes);
    bool counts = known && total > 0.0f;
    const float* z = logits + row * classes;
    Powers powers = Powers::of(z, counts ? classes : 0);
    float fill = known || label == ignored ? 0.0f : TANDEM_NAN;
    float own = counts ? weight(weights, label) : 0.0f;
    for (int j = threadIdx.x; inside && j < classes; j += blockDim.x) {
      float gradient = fill;
      if (counts) {
        float p = powers.probability(z[j]);
        gradient = rest * (own * (p - (j == label ? 1.0f : 0.0f)));
        if (smoothing > 0.0f) {
          gradient += smoothing * ((p * all - weight(weights, j)) / classes);
        }
        gradient /= total;
      }
      dlogits[row * classes + j] = gradient;
    }
  });
}

// ---- Losses between values of the same shape ----

// l = max(z,0) - z t + log(1 + exp(-|z|)), dl/dz = sigmoid(z) - t
struct SigmoidBce {
  static __device__ __forceinline__ float value(float z, float t, float) {
    return fmaxf(z, 0.0f) - z * t + log1pf(expf(-fabsf(z)));
  }
  static __device__ __forceinline__ float derivative(float z, float t, float) {
    return sigmoid(z) - t;
  }
};

// l = (p - t)^2
struct Mse {
  static __device__ __forceinline__ float value(float p, float t, float) {
    return (p - t) * (p - t);
  }
  static __device__ __forceinline__ float derivative(float p, float t, float) {
    return 2.0f * (p - t);
  }
};

// l = |p - t|
struct Mae {
  static __device__ __forceinline__ float value(float p, float t, float) { return fabsf(p - t); }
  // The sign; the difference itself where that is 0 or NaN.
  static __device__ __forceinline__ float derivative(float p, float t, float) {
    float e = p - t;
    return e > 0.0f ? 1.0f : e < 0.0f ? -1.0f : e;
  }
};

// l = e^2/2 for |e| <= delta, else delta (|e| - delta/2)
struct Huber {
  static __device__ __forceinline__ float value(float p, float t, float delta) {
    float size = fabsf(p - t);
    return size <= delta ? size * size / 2.0f : delta * (size - delta / 2.0f);
  }
  static __device__ __forceinline__ float derivative(float p, float t, float delta) {
    float e = p - t;
    return e > delta ? delta : e < -delta ? -delta : e;
  }
};

// The sum of w_i l(p_i, t_i) over the elements of each block, and dp_i = w_i l'(p_i, t_i) / n.
#define POINTWISE(NAME, F)                                                                       \
  extern "C" __global__ void NAME(                                                               \
      Index n, float delta, const float* __restrict__ prediction,                                \
      const float* __restrict__ target, const float* __restrict__ weights,                       \
      float* __restrict__ sums, float* __restrict__ gradient) {                                  \
    float sum = 0.0f;                                                                            \
    for (Index i = gridThread(); i < n; i += gridThreads()) {                                  \
      float p = prediction[i];                                                                   \
      float t = target[i];                                                                       \
      float w = weights ? weights[i] : 1.0f;                                                     \
      sum += w * F::value(p, t, delta);                                                          \
      if (gradient) gradient[i] = w * F::derivative(p, t, delta) / n;                            \
    }                                                                                            \
    sum = reduceBlock<Sum>(sum);                                                                \
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;                                                \
  }

POINTWISE(SIGMOID_BCE, SigmoidBce)
POINTWISE(MSE, Mse)
POINTWISE(MAE, Mae)
POINTWISE(HUBER, Huber)

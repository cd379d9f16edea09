#include "common.cuh"

// Loss functions with their gradients.
//
// Where there is little to do, one block does all of it. Otherwise the sum of a loss goes by two
// launches: one part for each block, then the sum of the parts. The number of blocks depends on
// the sizes alone, and so do the bits of the result.

// Writes the mean, 0 over nothing but NaN of NaN, and what it was taken over.
__device__ __forceinline__ void storeLoss(double sum, double count, float* loss) {
  loss[0] = count > 0.0 || sum != sum ? (float)(sum / count) : 0.0f;
  loss[1] = (float)count;
}

// Adds the parts of a loss up, and those of what it is taken over; without `counts` that is
// `count`. One block.
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
  if (threadIdx.x == 0) storeLoss(sum, counted, loss);
}

// ---- Softmax and cross-entropy ----

__device__ __forceinline__ float weight(const float* weights, int i) {
  return weights ? weights[i] : 1.0f;
}

__device__ __forceinline__ bool isClass(int label, int ignored, int classes) {
  return label != ignored && label >= 0 && label < classes;
}

// The operands of a cross-entropy; weights may be null.
struct CrossEntropy {
  Index rows;
  int classes;
  int ignored;
  float smoothing;
  float rest;
  const float* logits;
  const int* labels;
  const float* weights;

  // Adds up w_y and l = -(1-e) w_y log p_y - (e/N) sum_k w_k log p_k over the block's rows, with
  // p = softmax(z). A label that is neither a class nor ignored makes the loss NaN.
  __device__ __forceinline__ void add(float& sum, float& counted) const {
    sum = 0.0f;
    counted = 0.0f;
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
  }

  // dz_j = ((1-e) w_y (p_j - [j = y]) + (e/N) (p_j sum_k w_k - w_j)) / S with p = softmax(z) and S
  // the sum of the weights; 0 in ignored rows and over nothing, NaN for a label that is no class.
  __device__ __forceinline__ void differentiate(float total, float* dlogits) const {
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
};

#define CROSS_ENTROPY_PARAMETERS                                                                  \
  Index rows, int classes, int ignored, float smoothing, float rest, const float* logits,         \
      const int* labels, const float* weights
#define CROSS_ENTROPY \
  CrossEntropy { rows, classes, ignored, smoothing, rest, logits, labels, weights }

// The loss and, unless it is null, its gradient, in one block.
extern "C" __global__ void cross_entropy_at_once(
    CROSS_ENTROPY_PARAMETERS, float* loss, float* dlogits) {
  CrossEntropy operands = CROSS_ENTROPY;
  float sum;
  float counted;
  operands.add(sum, counted);
  if (blockThread() == 0) storeLoss(sum, counted, loss);
  if (dlogits) operands.differentiate(counted, dlogits);
}

// The sums of each block, for finish_loss.
extern "C" __global__ void cross_entropy(CROSS_ENTROPY_PARAMETERS, float* sums, float* counts) {
  float sum;
  float counted;
  CROSS_ENTROPY.add(sum, counted);
  if (blockThread() == 0) {
    sums[blockIdx.x] = sum;
    counts[blockIdx.x] = counted;
  }
}

// The gradient, after finish_loss.
extern "C" __global__ void cross_entropy_gradient(
    CROSS_ENTROPY_PARAMETERS, const float* loss, float* dlogits) {
  CROSS_ENTROPY.differentiate(loss[1], dlogits);
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

// The sum of w_i l(p_i, t_i) over the elements of each block, or the loss itself if there is one
// block alone, and dp_i = w_i l'(p_i, t_i) / n. Weights and gradient may be null.
template <typename F>
__device__ __forceinline__ void pointwise(
    Index n, float delta, const float* __restrict__ prediction, const float* __restrict__ target,
    const float* __restrict__ weights, float* __restrict__ sums, float* __restrict__ loss,
    float* __restrict__ gradient) {
  float sum = 0.0f;
  for (Index i = gridThread(); i < n; i += gridThreads()) {
    float p = prediction[i];
    float t = target[i];
    float w = weights ? weights[i] : 1.0f;
    sum += w * F::value(p, t, delta);
    if (gradient) gradient[i] = w * F::derivative(p, t, delta) / n;
  }
  sum = reduceBlock<Sum>(sum);
  if (threadIdx.x == 0) {
    if (gridDim.x == 1) {
      storeLoss(sum, n, loss);
    } else {
      sums[blockIdx.x] = sum;
    }
  }
}

#define POINTWISE(NAME, F)                                                                        \
  extern "C" __global__ void NAME(Index n, float delta, const float* prediction,                  \
                                  const float* target, const float* weights, float* sums,         \
                                  float* loss, float* gradient) {                                 \
    pointwise<F>(n, delta, prediction, target, weights, sums, loss, gradient);                    \
  }

POINTWISE(SIGMOID_BCE, SigmoidBce)
POINTWISE(MSE, Mse)
POINTWISE(MAE, Mae)
POINTWISE(HUBER, Huber)

#include "common.cuh"

// The order of dev.tandem.engine.Hyperparameters.
enum Hyper {
  STEP_SIZE,
  WEIGHT_DECAY,
  EPSILON,
  MOMENTUM,
  DECAY1,
  COMPLEMENT1,
  DECAY2,
  COMPLEMENT2,
  ROOT_CORRECTION2
};

// Below g = g + decay w where weight decay applies. Weights, gradients and states share no memory.

// v = momentum v + g; w -= lr v, with Nesterov w -= lr (g + momentum v); without v w -= lr g
extern "C" __global__ void sgd(const float* __restrict__ hyper, float* __restrict__ weights,
                               const float* __restrict__ gradients, float* __restrict__ velocity,
                               int nesterov, Index elements) {
  float rate = hyper[STEP_SIZE];
  float decay = hyper[WEIGHT_DECAY];
  float momentum = hyper[MOMENTUM];
  FOR_EACH_ITEM(i, elements) {
    float weight = weights[i];
    float g = fmaf(decay, weight, gradients[i]);
    float direction = g;
    if (velocity) {
      float speed = fmaf(momentum, velocity[i], g);
      velocity[i] = speed;
      direction = nesterov ? fmaf(momentum, speed, g) : speed;
    }
    weights[i] = fmaf(-rate, direction, weight);
  }
}

// s = alpha s + (1 - alpha) g^2; u = g / (sqrt(s) + epsilon); w -= lr u,
// with a velocity v = momentum v + u; w -= lr v
extern "C" __global__ void rms_prop(const float* __restrict__ hyper, float* __restrict__ weights,
                                    const float* __restrict__ gradients,
                                    float* __restrict__ squares, float* __restrict__ velocity,
                                    Index elements) {
  float rate = hyper[STEP_SIZE];
  float decay = hyper[WEIGHT_DECAY];
  float epsilon = hyper[EPSILON];
  float momentum = hyper[MOMENTUM];
  float alpha = hyper[DECAY2];
  float complement = hyper[COMPLEMENT2];
  FOR_EACH_ITEM(i, elements) {
    float weight = weights[i];
    float g = fmaf(decay, weight, gradients[i]);
    float square = fmaf(alpha, squares[i], complement * g * g);
    squares[i] = square;
    float direction = g / (sqrtf(square) + epsilon);
    if (velocity) {
      direction = fmaf(momentum, velocity[i], direction);
      velocity[i] = direction;
    }
    weights[i] = fmaf(-rate, direction, weight);
  }
}

// s = s + g^2; w -= lr g / (sqrt(s) + epsilon)
extern "C" __global__ void adagrad(const float* __restrict__ hyper, float* __restrict__ weights,
                                   const float* __restrict__ gradients,
                                   float* __restrict__ squares, Index elements) {
  float rate = hyper[STEP_SIZE];
  float decay = hyper[WEIGHT_DECAY];
  float epsilon = hyper[EPSILON];
  FOR_EACH_ITEM(i, elements) {
    float weight = weights[i];
    float g = fmaf(decay, weight, gradients[i]);
    float square = fmaf(g, g, squares[i]);
    squares[i] = square;
    weights[i] = weight - rate * g / (sqrtf(square) + epsilon);
  }
}

// m = beta1 m + (1 - beta1) g; s = beta2 s + (1 - beta2) g^2;
// w -= step m / (sqrt(s) rootCorrection2 + epsilon); decoupled: first w = (1 - lr decay) w
extern "C" __global__ void adam(const float* __restrict__ hyper, float* __restrict__ weights,
                                const float* __restrict__ gradients, float* __restrict__ moments,
                                float* __restrict__ squares, int decoupled, Index elements) {
  float stepSize = hyper[STEP_SIZE];
  float decay = hyper[WEIGHT_DECAY];
  float epsilon = hyper[EPSILON];
  float beta1 = hyper[DECAY1];
  float complement1 = hyper[COMPLEMENT1];
  float beta2 = hyper[DECAY2];
  float complement2 = hyper[COMPLEMENT2];
  float rootCorrection2 = hyper[ROOT_CORRECTION2];
  FOR_EACH_ITEM(i, elements) {
    float weight = decoupled ? decay * weights[i] : weights[i];
    float g = decoupled ? gradients[i] : fmaf(decay, weight, gradients[i]);
    float moment = fmaf(beta1, moments[i], complement1 * g);
    moments[i] = moment;
    float square = fmaf(beta2, squares[i], complement2 * g * g);
    squares[i] = square;
    weights[i] = weight - stepSize * moment / (sqrtf(square) * rootCorrection2 + epsilon);
  }
}

// g = min(max(g, -limit), limit); NaN stays NaN
extern "C" __global__ void clip_by_value(float limit, float* gradients, Index elements) {
  FOR_EACH_ITEM(i, elements) {
    gradients[i] = keepNanMin(keepNanMax(gradients[i], -limit), limit);
  }
}

// The norm of all gradients in two kernels: a sum of squares for each block, then the root of
// their sum by one block. In double: squares of large floats overflow a float, and the order of
// the sum is the same for every grid of the same size, so that the bits are the same each time.
#define NORM_THREADS 256

__device__ __forceinline__ double sumOfBlock(double value, double* shared) {
  shared[threadIdx.x] = value;
  __syncthreads();
  for (int half = NORM_THREADS / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      shared[threadIdx.x] += shared[threadIdx.x + half];
    }
    __syncthreads();
  }
  return shared[0];
}

// partial[block] = the sum of squares of the block's items
extern "C" __global__ void sum_of_squares(const float* __restrict__ gradients,
                                          double* __restrict__ partial, Index elements) {
  __shared__ double shared[NORM_THREADS];
  double sum = 0.0;
  FOR_EACH_ITEM(i, elements) {
    double g = gradients[i];
    sum += g * g;
  }
  sum = sumOfBlock(sum, shared);
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = sum;
  }
}

// norm = sqrt(sum of partial), by one block; factor = min(1, limit / (norm + 1e-6))
extern "C" __global__ void norm_of_partial(const double* __restrict__ partial, int blocks,
                                           float limit, float* __restrict__ norm,
                                           float* __restrict__ factor) {
  __shared__ double shared[NORM_THREADS];
  double sum = 0.0;
  for (int i = threadIdx.x; i < blocks; i += NORM_THREADS) {
    sum += partial[i];
  }
  sum = sumOfBlock(sum, shared);
  if (threadIdx.x == 0) {
    double size = sqrt(sum);
    *norm = (float)size;
    double ratio = limit / (size + 1e-6);
    // Written so that a norm of NaN makes the factor NaN.
    *factor = (float)(ratio > 1.0 ? 1.0 : ratio);
  }
}

// g = factor g
extern "C" __global__ void scale_by_factor(const float* __restrict__ factor, float* gradients,
                                           Index elements) {
  float by = *factor;
  FOR_EACH_ITEM(i, elements) {
    gradients[i] *= by;
  }
}

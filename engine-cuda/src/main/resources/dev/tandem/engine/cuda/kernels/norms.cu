#include "common.cuh"

// Batch and layer normalisation.
//
// Batch normalisation sees x as [examples, channels, behind]. Where several elements lie behind
// each channel, a block goes over one channel, x along the elements behind and y along the
// examples. Otherwise (COLUMNS) x goes along the channels, which are neighbours in memory, and y
// along the examples. Long channels are divided into pieces along the examples (blockIdx.y) and
// along the elements behind (blockIdx.z): each gives two sums, which are then added in order.

// What one thread goes over: some elements of one channel, within the piece of its block.
template <bool COLUMNS>
struct Walk {
  Index channels;
  Index behind;
  Index channel;
  Index firstExample;
  Index endExample;
  Index first;
  Index end;

  __device__ __forceinline__ Walk(
      Index examples, Index channels, Index behind, Index examplesOfPiece, Index behindOfPiece)
      : channels(channels), behind(behind) {
    channel = COLUMNS ? gridThread() : blockIdx.x;
    firstExample = blockIdx.y * examplesOfPiece;
    endExample = smaller(firstExample + examplesOfPiece, examples);
    first = COLUMNS ? 0 : blockIdx.z * behindOfPiece;
    end = COLUMNS ? 1 : smaller(first + behindOfPiece, behind);
  }

  __device__ __forceinline__ bool inside() const { return channel < channels; }

  // Whether this thread writes what belongs to its channel and piece.
  __device__ __forceinline__ bool leads() const {
    return inside() && threadIdx.y == 0 && (COLUMNS || threadIdx.x == 0);
  }

  // The number of elements of the piece.
  __device__ __forceinline__ float elements() const {
    return (float)((endExample - firstExample) * (end - first));
  }

  // Calls f(example, place) for this thread's elements.
  template <typename Function>
  __device__ __forceinline__ void each(Function f) const {
    if (!inside()) return;
    for (Index example = firstExample + threadIdx.y; example < endExample; example += blockDim.y) {
      Index from = (example * channels + channel) * behind;
      if (COLUMNS) {
        f(example, from);
      } else {
        for (Index s = first + threadIdx.x; s < end; s += blockDim.x) f(example, from + s);
      }
    }
  }

  // Adds up over all threads that share the channel; every one of them gets the sum.
  __device__ __forceinline__ float addUp(float value) const {
    return COLUMNS ? reduceY<Sum>(value) : reduceBlock<Sum>(value);
  }
};

// Two sums for each channel.
struct Sums {
  float first;
  float second;
};

// The sum of the elements of a piece and of the squares of their distances from their own mean:
// squares of the elements themselves would cancel where the mean is far from 0.
template <typename W>
__device__ __forceinline__ Sums measure(const W& walk, const float* x) {
  float sum = 0.0f;
  walk.each([&](Index, Index at) { sum += x[at]; });
  sum = walk.addUp(sum);
  float mean = sum / walk.elements();
  float squares = 0.0f;
  walk.each([&](Index, Index at) {
    float distance = x[at] - mean;
    squares += distance * distance;
  });
  Sums sums = {sum, walk.addUp(squares)};
  return sums;
}

// The parts of a channel's two sums lie at parts[piece][2][channels].
__device__ __forceinline__ void storePart(
    Index channels, Index channel, const Sums& sums, float* parts) {
  Index piece = blockIdx.z * gridDim.y + blockIdx.y;
  parts[2 * piece * channels + channel] = sums.first;
  parts[(2 * piece + 1) * channels + channel] = sums.second;
}

__device__ __forceinline__ float inverseDeviation(float variance, float epsilon) {
  return 1.0f / sqrtf(variance + epsilon);
}

// Stores the statistics of a channel of n elements. The running values become keep running +
// momentum batch, where the variance kept is the unbiased one.
__device__ __forceinline__ void storeStatistics(
    Index channel, float n, float mean, float variance, float epsilon, float keep, float momentum,
    float* runningMean, float* runningVariance, float* means, float* inverses) {
  means[channel] = mean;
  inverses[channel] = inverseDeviation(variance, epsilon);
  runningMean[channel] = keep * runningMean[channel] + momentum * mean;
  runningVariance[channel] =
      keep * runningVariance[channel] + momentum * (variance * n / (n - 1.0f));
}

// y = gamma (x - mean) inverse + beta; y may be x.
template <typename W>
__device__ __forceinline__ void normalize(
    const W& walk, float mean, float inverse, const float* x, const float* gamma,
    const float* beta, float* y) {
  if (!walk.inside()) return;
  float scale = gamma[walk.channel];
  float shift = beta[walk.channel];
  walk.each([&](Index, Index at) { y[at] = scale * ((x[at] - mean) * inverse) + shift; });
}

#define WALK_PARAMETERS \
  Index examples, Index channels, Index behind, Index examplesOfPiece, Index behindOfPiece
#define WALK(COLUMNS) \
  Walk<COLUMNS> walk(examples, channels, behind, examplesOfPiece, behindOfPiece)

// batch_norm_train_*: everything in one launch, where a channel is one piece.
// batch_norm_measure_*: the parts of each piece, for batch_norm_statistics.
// batch_norm_normalize_*: y with the statistics of the batch.
// batch_norm_infer_*: y with the running ones.
#define BATCH_NORM_FORWARD(NAME, COLUMNS)                                                        \
  extern "C" __global__ void batch_norm_train_##NAME(                                            \
      WALK_PARAMETERS, float epsilon, float keep, float momentum, const float* x,                \
      const float* gamma, const float* beta, float* runningMean, float* runningVariance,         \
      float* y, float* means, float* inverses) {                                                 \
    WALK(COLUMNS);                                                                               \
    Sums sums = measure(walk, x);                                                                \
    float n = walk.elements();                                                                   \
    float mean = sums.first / n;                                                                 \
    float variance = sums.second / n;                                                            \
    if (walk.leads()) {                                                                          \
      storeStatistics(                                                                          \
          walk.channel, n, mean, variance, epsilon, keep, momentum, runningMean,                 \
          runningVariance, means, inverses);                                                     \
    }                                                                                            \
    normalize(walk, mean, inverseDeviation(variance, epsilon), x, gamma, beta, y);              \
  }                                                                                              \
  extern "C" __global__ void batch_norm_measure_##NAME(                                          \
      WALK_PARAMETERS, const float* x, float* parts) {                                           \
    WALK(COLUMNS);                                                                               \
    Sums sums = measure(walk, x);                                                                \
    if (walk.leads()) storePart(channels, walk.channel, sums, parts);                           \
  }                                                                                              \
  extern "C" __global__ void batch_norm_normalize_##NAME(                                        \
      WALK_PARAMETERS, const float* x, const float* gamma, const float* beta,                    \
      const float* means, const float* inverses, float* y) {                                     \
    WALK(COLUMNS);                                                                               \
    if (!walk.inside()) return;                                                                  \
    normalize(walk, means[walk.channel], inverses[walk.channel], x, gamma, beta, y);             \
  }                                                                                              \
  extern "C" __global__ void batch_norm_infer_##NAME(                                            \
      WALK_PARAMETERS, float epsilon, const float* x, const float* gamma, const float* beta,     \
      const float* runningMean, const float* runningVariance, float* y) {                        \
    WALK(COLUMNS);                                                                               \
    if (!walk.inside()) return;                                                                  \
    float inverse = inverseDeviation(runningVariance[walk.channel], epsilon);                   \
    normalize(walk, runningMean[walk.channel], inverse, x, gamma, beta, y);                      \
  }

BATCH_NORM_FORWARD(channels, false)
BATCH_NORM_FORWARD(columns, true)

// The statistics of every channel from the parts of its pieces: the mean of all, and the squares
// about the pieces' means moved to the common one (Chan, Golub and LeVeque 1983). Doubles, as
// there are few of them.
extern "C" __global__ void batch_norm_statistics(
    WALK_PARAMETERS, int examplePieces, int behindPieces, float epsilon, float keep,
    float momentum, const float* parts, float* runningMean, float* runningVariance, float* means,
    float* inverses) {
  Index channel = gridThread();
  if (channel >= channels) return;
  double sum = 0.0;
  for (int piece = 0; piece < examplePieces * behindPieces; piece++) {
    sum += parts[2 * piece * channels + channel];
  }
  double n = (double)(examples * behind);
  double mean = sum / n;
  double squares = 0.0;
  for (int piece = 0; piece < examplePieces * behindPieces; piece++) {
    Index example = (piece % examplePieces) * examplesOfPiece;
    Index first = (piece / examplePieces) * behindOfPiece;
    double elements =
        (double)(smaller(examplesOfPiece, examples - example)
                 * smaller(behindOfPiece, behind - first));
    double distance = parts[2 * piece * channels + channel] / elements - mean;
    squares += parts[(2 * piece + 1) * channels + channel] + elements * distance * distance;
  }
  storeStatistics(
      channel, (float)n, (float)mean, (float)(squares / n), epsilon, keep, momentum, runningMean,
      runningVariance, means, inverses);
}

// The sums of dy and of dy xhat.
template <typename W, typename Normalized>
__device__ __forceinline__ Sums measureGradients(
    const W& walk, const float* dy, Normalized normalized) {
  float sum = 0.0f;
  float product = 0.0f;
  walk.each([&](Index example, Index at) {
    sum += dy[at];
    product += dy[at] * normalized(example, at);
  });
  sum = walk.addUp(sum);
  Sums sums = {sum, walk.addUp(product)};
  return sums;
}

__device__ __forceinline__ void addGradients(
    Index channel, const Sums& sums, float* dgamma, float* dbeta) {
  dbeta[channel] += sums.first;
  dgamma[channel] += sums.second;
}

// dx = gamma inverse (dy - (sum dy) / n - xhat (sum dy xhat) / n); dx may be dy.
template <typename W>
__device__ __forceinline__ void batchNormDx(
    const W& walk, const Sums& sums, float n, float mean, float inverse, float gamma,
    const float* x, const float* dy, float* dx) {
  float scale = gamma * inverse;
  float meanGradient = sums.first / n;
  float meanProduct = sums.second / n;
  walk.each([&](Index, Index at) {
    float normalized = (x[at] - mean) * inverse;
    dx[at] = scale * (dy[at] - meanGradient - normalized * meanProduct);
  });
}

// batch_norm_backward_*: everything in one launch, where a channel is one piece.
// batch_norm_measure_gradients_*: the parts of each piece, for finish_gradients.
// batch_norm_dx_*: dx with the whole sums.
#define BATCH_NORM_BACKWARD(NAME, COLUMNS)                                                       \
  extern "C" __global__ void batch_norm_backward_##NAME(                                         \
      WALK_PARAMETERS, const float* x, const float* gamma, const float* means,                   \
      const float* inverses, const float* dy, float* dx, float* dgamma, float* dbeta) {          \
    WALK(COLUMNS);                                                                               \
    float mean = walk.inside() ? means[walk.channel] : 0.0f;                                     \
    float inverse = walk.inside() ? inverses[walk.channel] : 0.0f;                               \
    Sums sums = measureGradients(                                                               \
        walk, dy, [=](Index, Index at) { return (x[at] - mean) * inverse; });                    \
    if (!walk.inside()) return;                                                                  \
    if (walk.leads()) addGradients(walk.channel, sums, dgamma, dbeta);                          \
    batchNormDx(                                                                               \
        walk, sums, walk.elements(), mean, inverse, gamma[walk.channel], x, dy, dx);             \
  }                                                                                              \
  extern "C" __global__ void batch_norm_measure_gradients_##NAME(                                \
      WALK_PARAMETERS, const float* x, const float* means, const float* inverses,                \
      const float* dy, float* parts) {                                                           \
    WALK(COLUMNS);                                                                               \
    float mean = walk.inside() ? means[walk.channel] : 0.0f;                                     \
    float inverse = walk.inside() ? inverses[walk.channel] : 0.0f;                               \
    Sums sums = measureGradients(                                                               \
        walk, dy, [=](Index, Index at) { return (x[at] - mean) * inverse; });                    \
    if (walk.leads()) storePart(channels, walk.channel, sums, parts);                           \
  }                                                                                              \
  extern "C" __global__ void batch_norm_dx_##NAME(                                               \
      WALK_PARAMETERS, const float* x, const float* gamma, const float* means,                   \
      const float* inverses, const float* sums, const float* dy, float* dx) {                    \
    WALK(COLUMNS);                                                                               \
    if (!walk.inside()) return;                                                                  \
    Sums both = {sums[walk.channel], sums[channels + walk.channel]};                             \
    batchNormDx(                                                                               \
        walk, both, (float)(examples * behind), means[walk.channel], inverses[walk.channel],     \
        gamma[walk.channel], x, dy, dx);                                                         \
  }

BATCH_NORM_BACKWARD(channels, false)
BATCH_NORM_BACKWARD(columns, true)

// Adds the parts of all pieces up, adds the sums to the gradients and keeps them in sums[2][C].
extern "C" __global__ void finish_gradients(
    Index channels, int pieces, const float* parts, float* sums, float* dgamma, float* dbeta) {
  Index channel = gridThread();
  if (channel >= channels) return;
  Sums both = {0.0f, 0.0f};
  for (int piece = 0; piece < pieces; piece++) {
    both.first += parts[2 * piece * channels + channel];
    both.second += parts[(2 * piece + 1) * channels + channel];
  }
  sums[channel] = both.first;
  sums[channels + channel] = both.second;
  addGradients(channel, both, dgamma, dbeta);
}

// ---- Layer normalisation ----

// y_j = gamma_j (x_j - m) / sqrt(v + epsilon) + beta_j with each row's mean m and variance v
extern "C" __global__ void layer_norm(
    Index rows, int features, float epsilon, const float* x, const float* gamma,
    const float* beta, float* y, float* means, float* inverses) {
  eachRow(rows, [=](Index row, bool inside) {
    Index from = row * features;
    int n = inside ? features : 0;
    float sum = 0.0f;
    for (int j = threadIdx.x; j < n; j += blockDim.x) sum += x[from + j];
    float mean = reduceX<Sum>(sum) / features;
    float squares = 0.0f;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
      float distance = x[from + j] - mean;
      squares += distance * distance;
    }
    float inverse = inverseDeviation(reduceX<Sum>(squares) / features, epsilon);
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
      y[from + j] = gamma[j] * ((x[from + j] - mean) * inverse) + beta[j];
    }
    if (inside && threadIdx.x == 0) {
      means[row] = mean;
      inverses[row] = inverse;
    }
  });
}

// dx_j = inverse (g_j - mean g - xhat_j mean(g xhat)) with g = dy gamma; dx may be dy.
extern "C" __global__ void layer_norm_dx(
    Index rows, int features, const float* x, const float* gamma, const float* means,
    const float* inverses, const float* dy, float* dx) {
  eachRow(rows, [=](Index row, bool inside) {
    Index from = row * features;
    int n = inside ? features : 0;
    float mean = inside ? means[row] : 0.0f;
    float inverse = inside ? inverses[row] : 0.0f;
    float sum = 0.0f;
    float product = 0.0f;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
      float g = dy[from + j] * gamma[j];
      sum += g;
      product += g * ((x[from + j] - mean) * inverse);
    }
    float meanGradient = reduceX<Sum>(sum) / features;
    float meanProduct = reduceX<Sum>(product) / features;
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
      float g = dy[from + j] * gamma[j];
      float normalized = (x[from + j] - mean) * inverse;
      dx[from + j] = inverse * (g - meanGradient - normalized * meanProduct);
    }
  });
}

// The parts of dbeta = sum over rows of dy and dgamma = sum over rows of dy xhat for each piece of
// rows, for finish_gradients. The features are the channels of the walk, the rows its examples.
extern "C" __global__ void layer_norm_measure_gradients(
    WALK_PARAMETERS, const float* x, const float* means, const float* inverses, const float* dy,
    float* parts) {
  WALK(true);
  Sums sums = measureGradients(walk, dy, [=](Index row, Index at) {
    return (x[at] - means[row]) * inverses[row];
  });
  if (walk.leads()) storePart(channels, walk.channel, sums, parts);
}

// The same where all rows are one piece: the gradients themselves.
extern "C" __global__ void layer_norm_add_gradients(
    WALK_PARAMETERS, const float* x, const float* means, const float* inverses, const float* dy,
    float* dgamma, float* dbeta) {
  WALK(true);
  Sums sums = measureGradients(walk, dy, [=](Index row, Index at) {
    return (x[at] - means[row]) * inverses[row];
  });
  if (walk.leads()) addGradients(walk.channel, sums, dgamma, dbeta);
}

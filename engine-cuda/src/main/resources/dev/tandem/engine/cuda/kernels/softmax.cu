#include "common.cuh"

// Softmax and its logarithm, row by row.

// y_j = exp(x_j) / sum_k exp(x_k); y may be x: a thread writes only what it alone reads.
extern "C" __global__ void softmax(Index rows, int columns, const float* x, float* y) {
  eachRow(rows, [=](Index row, bool inside) {
    Index from = row * columns;
    int n = inside ? columns : 0;
    Powers powers = Powers::of(x + from, n);
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
      y[from + j] = powers.probability(x[from + j]);
    }
  });
}

// y_j = x_j - log sum_k exp(x_k)
extern "C" __global__ void log_softmax(Index rows, int columns, const float* x, float* y) {
  eachRow(rows, [=](Index row, bool inside) {
    Index from = row * columns;
    int n = inside ? columns : 0;
    Powers powers = Powers::of(x + from, n);
    float logarithm = logf(powers.sum);
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
      y[from + j] = x[from + j] - powers.largest - logarithm;
    }
  });
}

// dx_j = y_j (dy_j - sum_k y_k dy_k); dx may be dy.
extern "C" __global__ void softmax_backward(
    Index rows, int columns, const float* y, const float* dy, float* dx) {
  eachRow(rows, [=](Index row, bool inside) {
    Index from = row * columns;
    int n = inside ? columns : 0;
    float sum = 0.0f;
    for (int k = threadIdx.x; k < n; k += blockDim.x) sum += y[from + k] * dy[from + k];
    sum = reduceX<Sum>(sum);
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
      dx[from + j] = y[from + j] * (dy[from + j] - sum);
    }
  });
}

// dx_j = dy_j - exp(y_j) sum_k dy_k; dx may be dy.
extern "C" __global__ void log_softmax_backward(
    Index rows, int columns, const float* y, const float* dy, float* dx) {
  eachRow(rows, [=](Index row, bool inside) {
    Index from = row * columns;
    int n = inside ? columns : 0;
    float sum = 0.0f;
    for (int k = threadIdx.x; k < n; k += blockDim.x) sum += dy[from + k];
    sum = reduceX<Sum>(sum);
    for (int j = threadIdx.x; j < n; j += blockDim.x) {
      dx[from + j] = dy[from + j] - expf(y[from + j]) * sum;
    }
  });
}

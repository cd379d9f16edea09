#include "common.cuh"

// Pooling of pictures [N,C,H,W] to [N,C,P,Q].
//
// cuDNN's pooling is not used: the gradient of its maximum differs from run to run or, in its
// deterministic mode, does not go where the seam wants it among NaN and ties. A thread for each
// element reads and writes memory as fast as there is any.
//
// In the backward pass an element of the input collects what the windows around it give: nothing is
// added by atomics, so that the order depends on the sizes alone.

// An element of a plane: the rows and columns of one channel of one picture.
struct Place {
  Index plane;
  int row;
  int column;

  __device__ __forceinline__ Place(Index at, int height, int width) {
    int inside;
    if (at < 0x7fffffff) {  // a division of 64 bits takes several times as long
      plane = (unsigned)at / (unsigned)(height * width);
      inside = (int)((unsigned)at % (unsigned)(height * width));
    } else {
      plane = at / (height * width);
      inside = (int)(at % (height * width));
    }
    row = inside / width;
    column = inside % width;
  }
};

// One axis of the pooling: positions 0 to in - 1 of the picture, 0 to out - 1 of the windows.
struct Axis {
  int in;
  int out;
  int kernel;
  int stride;
  int padding;

  // The part of window i inside the picture.
  __device__ __forceinline__ int begin(int i) const {
    int start = i * stride - padding;
    return start < 0 ? 0 : start;
  }
  __device__ __forceinline__ int end(int i) const {
    int behind = i * stride - padding + kernel;
    return behind < in ? behind : in;
  }

  // The windows around position h.
  __device__ __forceinline__ int first(int h) const {
    int beyond = h + padding - kernel;
    return beyond < 0 ? 0 : beyond / stride + 1;
  }
  __device__ __forceinline__ int last(int h) const {
    int window = (h + padding) / stride;
    return window < out ? window : out - 1;
  }
};

#define AXES                                                                              \
  int inHeight, int inWidth, int outHeight, int outWidth, int kernelHeight,               \
      int kernelWidth, int strideHeight, int strideWidth, int paddingHeight, int paddingWidth
#define VERTICAL \
  Axis { inHeight, outHeight, kernelHeight, strideHeight, paddingHeight }
#define HORIZONTAL \
  Axis { inWidth, outWidth, kernelWidth, strideWidth, paddingWidth }

// The elements by which the mean of a window divides.
__device__ __forceinline__ float count(
    Axis vertical, Axis horizontal, int i, int j, int countIncludePad) {
  return countIncludePad
      ? (float)(vertical.kernel * horizontal.kernel)
      : (float)((vertical.end(i) - vertical.begin(i)) * (horizontal.end(j) - horizontal.begin(j)));
}

// y = the largest element of the window, NaN if one is.
extern "C" __global__ void forward_max(Index n, AXES, const float* x, float* y) {
  Axis vertical = VERTICAL;
  Axis horizontal = HORIZONTAL;
  FOR_EACH_ITEM(at, n) {
    Place out(at, outHeight, outWidth);
    const float* plane = x + out.plane * inHeight * inWidth;
    float largest = -TANDEM_INFINITY;
    for (int h = vertical.begin(out.row); h < vertical.end(out.row); h++) {
      for (int v = horizontal.begin(out.column); v < horizontal.end(out.column); v++) {
        largest = Max::combine(plane[h * inWidth + v], largest);
      }
    }
    y[at] = largest;
  }
}

// y = the mean of the window, by one thread.
extern "C" __global__ void forward_average(
    Index n, AXES, int countIncludePad, const float* x, float* y) {
  Axis vertical = VERTICAL;
  Axis horizontal = HORIZONTAL;
  FOR_EACH_ITEM(at, n) {
    Place out(at, outHeight, outWidth);
    const float* plane = x + out.plane * inHeight * inWidth;
    float sum = 0.0f;
    for (int h = vertical.begin(out.row); h < vertical.end(out.row); h++) {
      for (int v = horizontal.begin(out.column); v < horizontal.end(out.column); v++) {
        sum += plane[h * inWidth + v];
      }
    }
    y[at] = sum / count(vertical, horizontal, out.row, out.column, countIncludePad);
  }
}

// The same for windows of many elements, by the 32 threads of a warp: global average pooling.
extern "C" __global__ void forward_average_wide(
    Index n, AXES, int countIncludePad, const float* x, float* y) {
  Axis vertical = VERTICAL;
  Axis horizontal = HORIZONTAL;
  int lane = threadIdx.x % WARP;
  for (Index at = gridThread() / WARP; at < n; at += gridThreads() / WARP) {
    Place out(at, outHeight, outWidth);
    const float* plane = x + out.plane * inHeight * inWidth;
    int top = vertical.begin(out.row);
    int left = horizontal.begin(out.column);
    int width = horizontal.end(out.column) - left;
    int elements = (vertical.end(out.row) - top) * width;
    float sum = 0.0f;
    for (int i = lane; i < elements; i += WARP) {
      sum += plane[(top + i / width) * inWidth + left + i % width];
    }
    sum = reduceLanes<Sum>(sum, WARP);
    if (lane == 0) {
      y[at] = sum / count(vertical, horizontal, out.row, out.column, countIncludePad);
    }
  }
}

// dx = the sum of dy over the windows whose first maximum, or last NaN, is here.
extern "C" __global__ void backward_max(
    Index n, AXES, const float* x, const float* y, const float* dy, float* dx) {
  Axis vertical = VERTICAL;
  Axis horizontal = HORIZONTAL;
  FOR_EACH_ITEM(at, n) {
    Place in(at, inHeight, inWidth);
    const float* plane = x + in.plane * inHeight * inWidth;
    Index outPlane = in.plane * outHeight * outWidth;
    float here = plane[in.row * inWidth + in.column];
    int isNan = here != here;
    float sum = 0.0f;
    for (int i = vertical.first(in.row); i <= vertical.last(in.row); i++) {
      for (int j = horizontal.first(in.column); j <= horizontal.last(in.column); j++) {
        float largest = y[outPlane + i * outWidth + j];
        int chosen = isNan ? largest != largest : here == largest;
        // An element that is as large and comes before, or a NaN that comes after, is chosen.
        int top = isNan ? in.row : vertical.begin(i);
        int bottom = isNan ? vertical.end(i) : in.row + 1;
        for (int h = top; chosen && h < bottom; h++) {
          int left = isNan && h == in.row ? in.column + 1 : horizontal.begin(j);
          int right = !isNan && h == in.row ? in.column : horizontal.end(j);
          for (int v = left; v < right; v++) {
            float other = plane[h * inWidth + v];
            if (isNan ? other != other : other == largest) chosen = 0;
          }
        }
        if (chosen) sum += dy[outPlane + i * outWidth + j];
      }
    }
    dx[at] = sum;
  }
}

// dx = the sum of dy / count over the windows around.
extern "C" __global__ void backward_average(
    Index n, AXES, int countIncludePad, const float* dy, float* dx) {
  Axis vertical = VERTICAL;
  Axis horizontal = HORIZONTAL;
  FOR_EACH_ITEM(at, n) {
    Place in(at, inHeight, inWidth);
    Index outPlane = in.plane * outHeight * outWidth;
    float sum = 0.0f;
    for (int i = vertical.first(in.row); i <= vertical.last(in.row); i++) {
      for (int j = horizontal.first(in.column); j <= horizontal.last(in.column); j++) {
        sum += dy[outPlane + i * outWidth + j] /
            count(vertical, horizontal, i, j, countIncludePad);
      }
    }
    dx[at] = sum;
  }
}

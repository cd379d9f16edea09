// Which algorithms of convolution there are: the exact ones, with scratch memory where NVIDIA's have
// some, so that sizes matter. Fourier's and Winograd's are known and not supported.
#include <algorithm>

#include "convolution.h"

namespace {

using namespace standin;

/** cudnnConvolutionFwdAlgoPerf_t and its two sisters, which are laid out alike. */
struct Performance {
  int algorithm;
  int status;
  float milliseconds;
  std::size_t memory;
  int determinism;
  int math;
  int reserved[3];
};

struct Known {
  int algorithm;
  bool supported;
  bool deterministic;
};

/** Each direction's algorithms, those that cuDNN mostly finds fastest first. */
const std::vector<Known>& known(Direction direction) {
  static const std::vector<Known> forward = {{1, true, true}, {0, true, true}, {2, true, true},
                                             {6, false, true}, {7, false, true}, {4, false, true},
                                             {5, false, true}, {3, false, true}};
  static const std::vector<Known> data = {{0, true, false}, {1, true, true}, {5, false, true},
                                          {4, false, true}, {2, false, true}, {3, false, true}};
  static const std::vector<Known> filter = {{0, true, false}, {1, true, true}, {3, true, false},
                                            {5, false, true}, {2, false, true}, {6, false, true},
                                            {4, false, true}};
  return direction == FORWARD ? forward : direction == BACKWARD_DATA ? data : filter;
}

cudnnStatus_t list(const char* call, cudnnHandle_t handle, Direction direction, cudnnTensorDescriptor_t x,
                   cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t descriptor, cudnnTensorDescriptor_t y,
                   int requested, int* returned, Performance* results) {
  return guarded(call, [&] {
    requireHandle(call, handle);
    Convolution c = convolution(x, w, descriptor, y);
    if (requested < 1) refuse(CUDNN_STATUS_BAD_PARAM, format("%d results asked", requested));
    const std::vector<Known>& all = known(direction);
    *returned = std::min<int>(requested, all.size());
    for (int i = 0; i < *returned; i++) {
      const Known& k = all[i];
      results[i] = {k.algorithm,
                    k.supported ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_NOT_SUPPORTED,
                    k.supported ? 1.0f + i : -1.0f,
                    k.supported ? workspaceBytes(c, direction, k.algorithm) : 0,
                    k.deterministic,
                    convolutions().of("convolution's descriptor", descriptor).math,
                    {0, 0, 0}};
    }
  });
}

cudnnStatus_t workspace(const char* call, cudnnHandle_t handle, Direction direction, cudnnTensorDescriptor_t x,
                        cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t descriptor,
                        cudnnTensorDescriptor_t y, int algorithm, std::size_t* bytes) {
  return guarded(call, [&] {
    requireHandle(call, handle);
    *bytes = workspaceBytes(convolution(x, w, descriptor, y), direction, algorithm);
  });
}

}  // namespace

namespace standin {

std::size_t workspaceBytes(const Convolution& c, Direction direction, int algorithm) {
  const std::vector<Known>& all = known(direction);
  auto found = std::find_if(all.begin(), all.end(), [&](const Known& k) { return k.algorithm == algorithm; });
  if (found == all.end()) refuse(CUDNN_STATUS_BAD_PARAM, format("algorithm %d", algorithm));
  if (!found->supported) refuse(CUDNN_STATUS_NOT_SUPPORTED, format("algorithm %d of these sizes", algorithm));
  if (algorithm == 0) return 0;
  // An odd number of bytes now and then, as NVIDIA's answers are: nobody may count on multiples.
  std::size_t taps = c.filterElements() / c.outChannels;
  return taps * c.outHeight * c.outWidth * sizeof(float) + 1;
}

}  // namespace standin

STANDIN_CALL cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t handle, cudnnTensorDescriptor_t x,
                                                                  cudnnFilterDescriptor_t w,
                                                                  cudnnConvolutionDescriptor_t descriptor,
                                                                  cudnnTensorDescriptor_t y, int requested,
                                                                  int* returned, Performance* results) {
  return list("cudnnGetConvolutionForwardAlgorithm_v7", handle, FORWARD, x, w, descriptor, y, requested, returned,
              results);
}

STANDIN_CALL cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
    cudnnHandle_t handle, cudnnFilterDescriptor_t w, cudnnTensorDescriptor_t dy,
    cudnnConvolutionDescriptor_t descriptor, cudnnTensorDescriptor_t dx, int requested, int* returned,
    Performance* results) {
  return list("cudnnGetConvolutionBackwardDataAlgorithm_v7", handle, BACKWARD_DATA, dx, w, descriptor, dy, requested,
              returned, results);
}

STANDIN_CALL cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(
    cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnTensorDescriptor_t dy,
    cudnnConvolutionDescriptor_t descriptor, cudnnFilterDescriptor_t dw, int requested, int* returned,
    Performance* results) {
  return list("cudnnGetConvolutionBackwardFilterAlgorithm_v7", handle, BACKWARD_FILTER, x, dw, descriptor, dy,
              requested, returned, results);
}

STANDIN_CALL cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(cudnnHandle_t handle, cudnnTensorDescriptor_t x,
                                                                   cudnnFilterDescriptor_t w,
                                                                   cudnnConvolutionDescriptor_t descriptor,
                                                                   cudnnTensorDescriptor_t y, int algorithm,
                                                                   std::size_t* bytes) {
  return workspace("cudnnGetConvolutionForwardWorkspaceSize", handle, FORWARD, x, w, descriptor, y, algorithm, bytes);
}

STANDIN_CALL cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
    cudnnHandle_t handle, cudnnFilterDescriptor_t w, cudnnTensorDescriptor_t dy,
    cudnnConvolutionDescriptor_t descriptor, cudnnTensorDescriptor_t dx, int algorithm, std::size_t* bytes) {
  return workspace("cudnnGetConvolutionBackwardDataWorkspaceSize", handle, BACKWARD_DATA, dx, w, descriptor, dy,
                   algorithm, bytes);
}

STANDIN_CALL cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
    cudnnHandle_t handle, cudnnTensorDescriptor_t x, cudnnTensorDescriptor_t dy,
    cudnnConvolutionDescriptor_t descriptor, cudnnFilterDescriptor_t dw, int algorithm, std::size_t* bytes) {
  return workspace("cudnnGetConvolutionBackwardFilterWorkspaceSize", handle, BACKWARD_FILTER, x, dw, descriptor, dy,
                   algorithm, bytes);
}

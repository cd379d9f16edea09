// cuDNN's descriptors, for float data.
#pragma once

#include <vector>

#include "library.h"

enum { CUDNN_DATA_FLOAT = 0 };
enum { CUDNN_TENSOR_NCHW = 0 };
enum { CUDNN_DEFAULT_MATH = 0, CUDNN_TENSOR_OP_MATH = 1, CUDNN_ALLOW_CONVERSION = 2, CUDNN_FMA_MATH = 3 };
enum { CUDNN_CONVOLUTION = 0, CUDNN_CROSS_CORRELATION = 1 };
enum { CUDNN_ACTIVATION_RELU = 1, CUDNN_ACTIVATION_IDENTITY = 5 };

struct cudnnTensorStruct {
  std::vector<int> extents;
  std::vector<int> strides;
};
struct cudnnFilterStruct {
  std::vector<int> extents;
};
struct cudnnConvolutionStruct {
  std::vector<int> padding, stride, dilation;  // empty until set
  int mode = CUDNN_CROSS_CORRELATION;
  int groups = 1;
  int math = CUDNN_DEFAULT_MATH;
};
struct cudnnActivationStruct {
  int mode = -1;
  double coefficient = 0;
};
struct cudnnDropoutStruct {
  bool set = false;
  float rate = 0;
};

using cudnnTensorDescriptor_t = cudnnTensorStruct*;
using cudnnFilterDescriptor_t = cudnnFilterStruct*;
using cudnnConvolutionDescriptor_t = cudnnConvolutionStruct*;
using cudnnActivationDescriptor_t = cudnnActivationStruct*;
using cudnnDropoutDescriptor_t = cudnnDropoutStruct*;

namespace standin {

Registry<cudnnTensorStruct>& tensors();
Registry<cudnnFilterStruct>& filters();
Registry<cudnnConvolutionStruct>& convolutions();
Registry<cudnnActivationStruct>& activations();
Registry<cudnnDropoutStruct>& dropouts();

/** A tensor's descriptor that is alive and was set. */
const cudnnTensorStruct& tensor(const char* name, cudnnTensorDescriptor_t descriptor);

/** Elements from a tensor's first to its last, both included. */
std::size_t span(const cudnnTensorStruct& tensor);

/** Whether a tensor has no gaps and its last axis lies closest. */
bool isPacked(const cudnnTensorStruct& tensor);

std::string text(const std::vector<int>& numbers);

}  // namespace standin

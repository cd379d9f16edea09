// Making, setting and asking descriptors of tensors, filters, convolutions, activations and dropout.
#include "descriptors.h"

#include <algorithm>

namespace standin {

Registry<cudnnTensorStruct>& tensors() {
  static Registry<cudnnTensorStruct> all;
  return all;
}
Registry<cudnnFilterStruct>& filters() {
  static Registry<cudnnFilterStruct> all;
  return all;
}
Registry<cudnnConvolutionStruct>& convolutions() {
  static Registry<cudnnConvolutionStruct> all;
  return all;
}
Registry<cudnnActivationStruct>& activations() {
  static Registry<cudnnActivationStruct> all;
  return all;
}
Registry<cudnnDropoutStruct>& dropouts() {
  static Registry<cudnnDropoutStruct> all;
  return all;
}

const cudnnTensorStruct& tensor(const char* name, cudnnTensorDescriptor_t descriptor) {
  const cudnnTensorStruct& found = tensors().of(name, descriptor);
  if (found.extents.empty()) refuse(CUDNN_STATUS_BAD_PARAM, format("%s was not set", name));
  return found;
}

std::size_t span(const cudnnTensorStruct& tensor) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < tensor.extents.size(); i++) {
    last += static_cast<std::size_t>(tensor.extents[i] - 1) * tensor.strides[i];
  }
  return last + 1;
}

bool isPacked(const cudnnTensorStruct& tensor) {
  long long stride = 1;
  for (std::size_t i = tensor.extents.size(); i-- > 0; stride *= tensor.extents[i]) {
    if (tensor.strides[i] != stride && tensor.extents[i] != 1) return false;
  }
  return true;
}

std::string text(const std::vector<int>& numbers) {
  std::string all = "[";
  for (int number : numbers) all += (all.size() > 1 ? ", " : "") + std::to_string(number);
  return all + "]";
}

}  // namespace standin

namespace {

using namespace standin;

constexpr int MOST_DIMENSIONS = 8;
constexpr int FEWEST_DIMENSIONS = 3;

void requireFloat(int type) {
  if (type != CUDNN_DATA_FLOAT) refuse(CUDNN_STATUS_NOT_SUPPORTED, format("data type %d", type));
}

std::vector<int> positive(const char* what, int count, const int* values) {
  std::vector<int> all(values, values + count);
  if (std::any_of(all.begin(), all.end(), [](int v) { return v <= 0; })) {
    refuse(CUDNN_STATUS_BAD_PARAM, format("%s %s", what, text(all).c_str()));
  }
  return all;
}

void requireDimensions(int count) {
  if (count < FEWEST_DIMENSIONS || count > MOST_DIMENSIONS) {
    refuse(CUDNN_STATUS_BAD_PARAM, format("%d dimensions", count));
  }
}

}  // namespace

#define STANDIN_DESCRIPTOR(Name, Type, registry)                                        \
  STANDIN_CALL cudnnStatus_t cudnnCreate##Name##Descriptor(Type** descriptor) {         \
    return guarded("cudnnCreate" #Name "Descriptor", [&] { *descriptor = registry().add(); }); \
  }                                                                                     \
  STANDIN_CALL cudnnStatus_t cudnnDestroy##Name##Descriptor(Type* descriptor) {         \
    return guarded("cudnnDestroy" #Name "Descriptor", [&] { registry().remove("descriptor", descriptor); }); \
  }
STANDIN_DESCRIPTOR(Tensor, cudnnTensorStruct, tensors)
STANDIN_DESCRIPTOR(Filter, cudnnFilterStruct, filters)
STANDIN_DESCRIPTOR(Convolution, cudnnConvolutionStruct, convolutions)
STANDIN_DESCRIPTOR(Activation, cudnnActivationStruct, activations)
STANDIN_DESCRIPTOR(Dropout, cudnnDropoutStruct, dropouts)
#undef STANDIN_DESCRIPTOR

STANDIN_CALL cudnnStatus_t cudnnSetTensorNdDescriptor(cudnnTensorDescriptor_t descriptor, int type, int count,
                                                      const int* extents, const int* strides) {
  return guarded("cudnnSetTensorNdDescriptor", [&] {
    cudnnTensorStruct& tensor = tensors().of("descriptor", descriptor);
    requireFloat(type);
    requireDimensions(count);
    tensor = {positive("extents", count, extents), positive("strides", count, strides)};
  });
}

STANDIN_CALL cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t descriptor, int layout, int type, int n,
                                                      int c, int h, int w) {
  return guarded("cudnnSetTensor4dDescriptor", [&] {
    cudnnTensorStruct& tensor = tensors().of("descriptor", descriptor);
    requireFloat(type);
    if (layout != CUDNN_TENSOR_NCHW) refuse(CUDNN_STATUS_NOT_SUPPORTED, format("layout %d", layout));
    int extents[] = {n, c, h, w};
    tensor = {positive("extents", 4, extents), {c * h * w, h * w, w, 1}};
  });
}

STANDIN_CALL cudnnStatus_t cudnnGetTensorNdDescriptor(cudnnTensorDescriptor_t descriptor, int requested, int* type,
                                                      int* count, int* extents, int* strides) {
  return guarded("cudnnGetTensorNdDescriptor", [&] {
    const cudnnTensorStruct& tensor = tensors().of("descriptor", descriptor);
    *type = CUDNN_DATA_FLOAT;
    *count = tensor.extents.size();
    int given = std::min(requested, *count);
    std::copy_n(tensor.extents.begin(), given, extents);
    std::copy_n(tensor.strides.begin(), given, strides);
  });
}

STANDIN_CALL cudnnStatus_t cudnnGetTensorSizeInBytes(cudnnTensorDescriptor_t descriptor, std::size_t* bytes) {
  return guarded("cudnnGetTensorSizeInBytes",
                 [&] { *bytes = span(tensor("descriptor", descriptor)) * sizeof(float); });
}

STANDIN_CALL cudnnStatus_t cudnnSetFilterNdDescriptor(cudnnFilterDescriptor_t descriptor, int type, int layout,
                                                      int count, const int* extents) {
  return guarded("cudnnSetFilterNdDescriptor", [&] {
    cudnnFilterStruct& filter = filters().of("descriptor", descriptor);
    requireFloat(type);
    requireDimensions(count);
    if (layout != CUDNN_TENSOR_NCHW) refuse(CUDNN_STATUS_NOT_SUPPORTED, format("layout %d", layout));
    filter.extents = positive("extents", count, extents);
  });
}

STANDIN_CALL cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t descriptor, int type, int layout, int k,
                                                      int c, int h, int w) {
  int extents[] = {k, c, h, w};
  return cudnnSetFilterNdDescriptor(descriptor, type, layout, 4, extents);
}

STANDIN_CALL cudnnStatus_t cudnnSetConvolutionNdDescriptor(cudnnConvolutionDescriptor_t descriptor, int count,
                                                           const int* padding, const int* stride,
                                                           const int* dilation, int mode, int type) {
  return guarded("cudnnSetConvolutionNdDescriptor", [&] {
    cudnnConvolutionStruct& convolution = convolutions().of("descriptor", descriptor);
    requireFloat(type);
    if (count != 2) refuse(CUDNN_STATUS_NOT_SUPPORTED, format("%d axes: the stand-in has two", count));
    if (mode != CUDNN_CONVOLUTION && mode != CUDNN_CROSS_CORRELATION) refuse(CUDNN_STATUS_BAD_PARAM, "mode");
    if (padding[0] < 0 || padding[1] < 0) refuse(CUDNN_STATUS_BAD_PARAM, "negative padding");
    convolution.padding.assign(padding, padding + count);
    convolution.stride = positive("strides", count, stride);
    convolution.dilation = positive("dilations", count, dilation);
    convolution.mode = mode;
  });
}

STANDIN_CALL cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t descriptor, int paddingHeight,
                                                           int paddingWidth, int strideHeight, int strideWidth,
                                                           int dilationHeight, int dilationWidth, int mode,
                                                           int type) {
  int padding[] = {paddingHeight, paddingWidth}, stride[] = {strideHeight, strideWidth},
      dilation[] = {dilationHeight, dilationWidth};
  return cudnnSetConvolutionNdDescriptor(descriptor, 2, padding, stride, dilation, mode, type);
}

STANDIN_CALL cudnnStatus_t cudnnSetConvolutionGroupCount(cudnnConvolutionDescriptor_t descriptor, int groups) {
  return guarded("cudnnSetConvolutionGroupCount", [&] {
    if (groups < 1) refuse(CUDNN_STATUS_BAD_PARAM, format("%d groups", groups));
    convolutions().of("descriptor", descriptor).groups = groups;
  });
}

STANDIN_CALL cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t descriptor, int math) {
  return guarded("cudnnSetConvolutionMathType", [&] {
    if (math < CUDNN_DEFAULT_MATH || math > CUDNN_FMA_MATH) refuse(CUDNN_STATUS_BAD_PARAM, format("math %d", math));
    convolutions().of("descriptor", descriptor).math = math;
  });
}

STANDIN_CALL cudnnStatus_t cudnnSetActivationDescriptor(cudnnActivationDescriptor_t descriptor, int mode, int,
                                                        double coefficient) {
  return guarded("cudnnSetActivationDescriptor", [&] {
    cudnnActivationStruct& activation = activations().of("descriptor", descriptor);
    if (mode < 0 || mode > 6) refuse(CUDNN_STATUS_BAD_PARAM, format("activation %d", mode));
    activation = {mode, coefficient};
  });
}

/** A rate of 0 needs no states; the stand-in has no random numbers for others. */
STANDIN_CALL cudnnStatus_t cudnnSetDropoutDescriptor(cudnnDropoutDescriptor_t descriptor, cudnnHandle_t handle,
                                                     float rate, void*, std::size_t, unsigned long long) {
  return guarded("cudnnSetDropoutDescriptor", [&] {
    requireHandle("cudnnSetDropoutDescriptor", handle);
    cudnnDropoutStruct& dropout = dropouts().of("descriptor", descriptor);
    if (rate != 0) refuse(CUDNN_STATUS_NOT_SUPPORTED, format("rate %g: the stand-in knows 0 alone", rate));
    dropout = {true, rate};
  });
}

// cuDNN's convolutions in all directions.
#include "convolution.h"

#include <cstring>

#include "../cublas/product.h"

namespace standin {

int outputExtent(int input, int kernel, int padding, int stride, int dilation) {
  return 1 + (input + 2 * padding - ((kernel - 1) * dilation + 1)) / stride;
}

Convolution convolution(cudnnTensorDescriptor_t xDescriptor, cudnnFilterDescriptor_t wDescriptor,
                        cudnnConvolutionDescriptor_t descriptor, cudnnTensorDescriptor_t yDescriptor) {
  const cudnnTensorStruct& x = tensor("x's descriptor", xDescriptor);
  const cudnnTensorStruct& y = tensor("y's descriptor", yDescriptor);
  const cudnnFilterStruct& w = filters().of("filter's descriptor", wDescriptor);
  const cudnnConvolutionStruct& how = convolutions().of("convolution's descriptor", descriptor);
  if (w.extents.empty() || how.stride.empty()) refuse(CUDNN_STATUS_BAD_PARAM, "a descriptor was not set");
  if (x.extents.size() != 4 || y.extents.size() != 4 || w.extents.size() != 4) {
    refuse(CUDNN_STATUS_NOT_SUPPORTED, "the stand-in convolves images only");
  }
  if (!isPacked(x) || !isPacked(y)) refuse(CUDNN_STATUS_NOT_SUPPORTED, "the stand-in convolves packed tensors only");
  Convolution c{};
  c.batch = x.extents[0], c.inChannels = x.extents[1], c.height = x.extents[2], c.width = x.extents[3];
  c.outChannels = w.extents[0], c.kernelHeight = w.extents[2], c.kernelWidth = w.extents[3];
  c.outHeight = y.extents[2], c.outWidth = y.extents[3];
  c.paddingHeight = how.padding[0], c.paddingWidth = how.padding[1];
  c.strideHeight = how.stride[0], c.strideWidth = how.stride[1];
  c.dilationHeight = how.dilation[0], c.dilationWidth = how.dilation[1];
  c.groups = how.groups;
  c.flipped = how.mode == CUDNN_CONVOLUTION;
  c.fractionBits = how.math == CUDNN_FMA_MATH ? FP32_BITS : TF32_BITS;
  std::vector<int> expected = {
      c.batch, c.outChannels,
      outputExtent(c.height, c.kernelHeight, c.paddingHeight, c.strideHeight, c.dilationHeight),
      outputExtent(c.width, c.kernelWidth, c.paddingWidth, c.strideWidth, c.dilationWidth)};
  if (c.inChannels % c.groups != 0 || c.outChannels % c.groups != 0 || w.extents[1] != c.inChannels / c.groups ||
      y.extents != expected) {
    refuse(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH,
           format("x %s, w %s and %d groups give y %s, not %s", text(x.extents).c_str(), text(w.extents).c_str(),
                  c.groups, text(expected).c_str(), text(y.extents).c_str()));
  }
  return c;
}

}  // namespace standin

namespace {

using namespace standin;

/** Contents after a call are not to be relied on; what lies there by mistake is lost. */
void spoil(void* workspace, std::size_t bytes) {
  if (bytes > 0) std::memset(workspace, 0xff, bytes);
}

/** An operand of a call. */
struct Operand {
  const char* name;
  const void* address;
  std::size_t bytes;
};

bool overlap(const Operand& a, const Operand& b) {
  auto from = static_cast<const char*>(a.address), other = static_cast<const char*>(b.address);
  return from < other + b.bytes && other < from + a.bytes;
}

/** Refuses operands outside of memory, or an output or workspace that covers another operand. */
void requireOperands(const std::vector<Operand>& inputs, const std::vector<Operand>& written) {
  for (const Operand& o : inputs) requireOperand(o.name, o.address, o.bytes);
  for (const Operand& o : written) {
    if (o.bytes == 0) continue;
    requireOperand(o.name, o.address, o.bytes);
    for (const Operand& i : inputs) {
      if (overlap(o, i)) refuse(CUDNN_STATUS_BAD_PARAM, format("%s and %s overlap", o.name, i.name));
    }
  }
}

void checkOperands(const std::vector<Operand>& inputs, const std::vector<Operand>& written) {
  for (const Operand& o : inputs) checkOperand(o.name, o.address, o.bytes);
  for (const Operand& o : written) {
    if (o.bytes > 0) checkOperand(o.name, o.address, o.bytes);
  }
}

/** out = alpha sums + beta out */
void blend(const std::vector<double>& sums, float alpha, float beta, float* out) {
  for (std::size_t i = 0; i < sums.size(); i++) {
    double value = alpha * sums[i];
    out[i] = static_cast<float>(beta == 0 ? value : value + static_cast<double>(beta) * out[i]);
  }
}

float scalar(const char* name, const void* value) {
  if (value == nullptr) refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, format("%s is null", name));
  return *static_cast<const float*>(value);
}

void requireWorkspace(std::size_t given, std::size_t needed) {
  if (given < needed) {
    refuse(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT, format("a workspace of %zu bytes, %zu needed", given, needed));
  }
}

using Compute = void (*)(const Convolution&, const float*, const float*, std::vector<double>&);

/** The common course of the three directions: out = alpha f(first, second) + beta out. */
void launch(const char* call, cudnnHandle_t handle, const Convolution& c, Direction direction, int algorithm,
            const void* alpha, const Operand& first, const Operand& second, const void* beta, const Operand& out,
            void* workspace, std::size_t workspaceGiven, Compute compute) {
  std::size_t needed = workspaceBytes(c, direction, algorithm);
  requireWorkspace(workspaceGiven, needed);
  std::vector<Operand> inputs = {first, second}, written = {out, {"the workspace", workspace, needed}};
  requireOperands(inputs, written);
  float a = scalar("alpha", alpha), b = scalar("beta", beta);
  submit(call, handle, [=] {
    checkOperands(inputs, written);
    std::vector<double> sums(out.bytes / sizeof(float));
    compute(c, static_cast<const float*>(first.address), static_cast<const float*>(second.address), sums);
    blend(sums, a, b, static_cast<float*>(const_cast<void*>(out.address)));
    spoil(workspace, needed);
  });
}

std::size_t bytes(std::size_t elements) { return elements * sizeof(float); }

/** The bias [1,K,1,1] of a convolution's output. */
void requireBias(cudnnTensorDescriptor_t descriptor, int channels) {
  const cudnnTensorStruct& bias = tensor("bias's descriptor", descriptor);
  if (bias.extents != std::vector<int>{1, channels, 1, 1}) {
    refuse(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, format("a bias %s for %d channels", text(bias.extents).c_str(), channels));
  }
}

}  // namespace

STANDIN_CALL cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void* alpha,
                                                   cudnnTensorDescriptor_t xDescriptor, const void* x,
                                                   cudnnFilterDescriptor_t wDescriptor, const void* w,
                                                   cudnnConvolutionDescriptor_t descriptor, int algorithm,
                                                   void* workspace, std::size_t workspaceBytes, const void* beta,
                                                   cudnnTensorDescriptor_t yDescriptor, void* y) {
  const char* call = "cudnnConvolutionForward";
  return guarded(call, [&] {
    requireHandle(call, handle);
    Convolution c = convolution(xDescriptor, wDescriptor, descriptor, yDescriptor);
    launch(call, handle, c, FORWARD, algorithm, alpha, {"x", x, bytes(c.inElements())},
           {"w", w, bytes(c.filterElements())}, beta, {"y", y, bytes(c.outElements())}, workspace, workspaceBytes,
           convolve);
  });
}

STANDIN_CALL cudnnStatus_t cudnnConvolutionBackwardData(cudnnHandle_t handle, const void* alpha,
                                                        cudnnFilterDescriptor_t wDescriptor, const void* w,
                                                        cudnnTensorDescriptor_t dyDescriptor, const void* dy,
                                                        cudnnConvolutionDescriptor_t descriptor, int algorithm,
                                                        void* workspace, std::size_t workspaceBytes,
                                                        const void* beta, cudnnTensorDescriptor_t dxDescriptor,
                                                        void* dx) {
  const char* call = "cudnnConvolutionBackwardData";
  return guarded(call, [&] {
    requireHandle(call, handle);
    Convolution c = convolution(dxDescriptor, wDescriptor, descriptor, dyDescriptor);
    launch(call, handle, c, BACKWARD_DATA, algorithm, alpha, {"w", w, bytes(c.filterElements())},
           {"dy", dy, bytes(c.outElements())}, beta, {"dx", dx, bytes(c.inElements())}, workspace, workspaceBytes,
           convolveBackData);
  });
}

STANDIN_CALL cudnnStatus_t cudnnConvolutionBackwardFilter(cudnnHandle_t handle, const void* alpha,
                                                          cudnnTensorDescriptor_t xDescriptor, const void* x,
                                                          cudnnTensorDescriptor_t dyDescriptor, const void* dy,
                                                          cudnnConvolutionDescriptor_t descriptor, int algorithm,
                                                          void* workspace, std::size_t workspaceBytes,
                                                          const void* beta, cudnnFilterDescriptor_t dwDescriptor,
                                                          void* dw) {
  const char* call = "cudnnConvolutionBackwardFilter";
  return guarded(call, [&] {
    requireHandle(call, handle);
    Convolution c = convolution(xDescriptor, dwDescriptor, descriptor, dyDescriptor);
    launch(call, handle, c, BACKWARD_FILTER, algorithm, alpha, {"x", x, bytes(c.inElements())},
           {"dy", dy, bytes(c.outElements())}, beta, {"dw", dw, bytes(c.filterElements())}, workspace,
           workspaceBytes, convolveBackFilter);
  });
}

STANDIN_CALL cudnnStatus_t cudnnConvolutionBackwardBias(cudnnHandle_t handle, const void* alpha,
                                                        cudnnTensorDescriptor_t dyDescriptor, const void* dy,
                                                        const void* beta, cudnnTensorDescriptor_t dbDescriptor,
                                                        void* db) {
  const char* call = "cudnnConvolutionBackwardBias";
  return guarded(call, [&] {
    requireHandle(call, handle);
    const cudnnTensorStruct& gradient = tensor("dy's descriptor", dyDescriptor);
    if (!isPacked(gradient) || gradient.extents.size() != 4) refuse(CUDNN_STATUS_NOT_SUPPORTED, "dy is not packed");
    int images = gradient.extents[0], channels = gradient.extents[1];
    std::size_t area = std::size_t{1} * gradient.extents[2] * gradient.extents[3];
    requireBias(dbDescriptor, channels);
    std::vector<Operand> inputs = {{"dy", dy, bytes(images * channels * area)}},
                         written = {{"db", db, bytes(channels)}};
    requireOperands(inputs, written);
    float a = scalar("alpha", alpha), b = scalar("beta", beta);
    submit(call, handle, [=] {
      checkOperands(inputs, written);
      std::vector<double> sums(channels);
      auto from = static_cast<const float*>(dy);
      for (int n = 0; n < images; n++) {
        for (int k = 0; k < channels; k++) {
          for (std::size_t i = 0; i < area; i++) sums[k] += *from++;
        }
      }
      blend(sums, a, b, static_cast<float*>(db));
    });
  });
}

/** y = activation(alpha1 conv(x) + alpha2 z + bias); z may be y itself. */
STANDIN_CALL cudnnStatus_t cudnnConvolutionBiasActivationForward(
    cudnnHandle_t handle, const void* alpha1, cudnnTensorDescriptor_t xDescriptor, const void* x,
    cudnnFilterDescriptor_t wDescriptor, const void* w, cudnnConvolutionDescriptor_t descriptor, int algorithm,
    void* workspace, std::size_t given, const void* alpha2, cudnnTensorDescriptor_t zDescriptor, const void* z,
    cudnnTensorDescriptor_t biasDescriptor, const void* bias, cudnnActivationDescriptor_t activationDescriptor,
    cudnnTensorDescriptor_t yDescriptor, void* y) {
  const char* call = "cudnnConvolutionBiasActivationForward";
  return guarded(call, [&] {
    requireHandle(call, handle);
    Convolution c = convolution(xDescriptor, wDescriptor, descriptor, yDescriptor);
    if (tensor("z's descriptor", zDescriptor).extents != tensor("y's descriptor", yDescriptor).extents) {
      refuse(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH, "z and y differ");
    }
    requireBias(biasDescriptor, c.outChannels);
    int mode = activations().of("activation's descriptor", activationDescriptor).mode;
    constexpr int PRECOMPUTED = 1;  // the one algorithm that the reference allows without an activation
    if (mode != CUDNN_ACTIVATION_RELU && !(mode == CUDNN_ACTIVATION_IDENTITY && algorithm == PRECOMPUTED)) {
      refuse(CUDNN_STATUS_NOT_SUPPORTED, format("activation %d with algorithm %d", mode, algorithm));
    }
    std::size_t needed = workspaceBytes(c, FORWARD, algorithm);
    requireWorkspace(given, needed);
    float a = scalar("alpha1", alpha1), b = scalar("alpha2", alpha2);
    std::vector<Operand> inputs = {{"x", x, bytes(c.inElements())},
                                   {"w", w, bytes(c.filterElements())},
                                   {"bias", bias, bytes(c.outChannels)}};
    std::vector<Operand> written = {{"y", y, bytes(c.outElements())}, {"the workspace", workspace, needed}};
    requireOperands(inputs, written);
    Operand added = {"z", z, bytes(c.outElements())};
    requireOperand(added.name, added.address, added.bytes);
    if (z != y && overlap(added, written[0])) refuse(CUDNN_STATUS_BAD_PARAM, "z and y overlap in part");
    submit(call, handle, [=] {
      checkOperands(inputs, written);
      checkOperand(added.name, added.address, added.bytes);
      std::vector<double> sums(c.outElements());
      convolve(c, static_cast<const float*>(x), static_cast<const float*>(w), sums);
      std::size_t area = std::size_t{1} * c.outHeight * c.outWidth;
      for (std::size_t i = 0; i < sums.size(); i++) {
        double value = a * sums[i] + static_cast<const float*>(bias)[i / area % c.outChannels];
        if (b != 0) value += static_cast<double>(b) * static_cast<const float*>(z)[i];
        static_cast<float*>(y)[i] = static_cast<float>(mode == CUDNN_ACTIVATION_RELU && value < 0 ? 0 : value);
      }
      spoil(workspace, needed);
    });
  });
}

package dev.tandem.engine.cuda.jcuda;

import dev.tandem.engine.Conv2dSpec;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;

/**
 * The convolution of some sizes, in all directions. Nothing is allocated by the calls. Scratch
 * memory begins at a multiple of {@link Cudnn#ALIGNMENT} and may be null where a direction needs
 * none.
 */
public final class CudnnConvolution {
  private final Cudnn cudnn;
  private final Conv2dSpec spec;
  private final cudnnTensorDescriptor x;
  private final cudnnFilterDescriptor w;
  private final cudnnTensorDescriptor y;
  private final cudnnTensorDescriptor bias;
  private final cudnnConvolutionDescriptor convolution;
  private final cudnnActivationDescriptor identity;
  private final CudnnAlgorithm forward;
  private final CudnnAlgorithm backwardData;
  private final CudnnAlgorithm backwardFilter;

  CudnnConvolution(Cudnn cudnn, Conv2dSpec spec) {
    this.cudnn = cudnn;
    this.spec = spec;
    CudnnDescriptors descriptors = cudnn.descriptors();
    x = descriptors.tensor(spec.input().toArray());
    w = descriptors.filter(spec.filter().toArray());
    y = descriptors.tensor(spec.output().toArray());
    bias = descriptors.tensor(1, spec.outChannels(), 1, 1);
    convolution =
        descriptors.convolution(
            new int[] {spec.paddingHeight(), spec.paddingWidth()},
            new int[] {spec.strideHeight(), spec.strideWidth()},
            new int[] {spec.dilationHeight(), spec.dilationWidth()},
            spec.groups(),
            cudnn.mathType());
    identity = descriptors.activation(cudnnActivationMode.CUDNN_ACTIVATION_IDENTITY);
    CudnnAlgorithms algorithms = new CudnnAlgorithms(cudnn, spec, x, w, y, convolution);
    forward = algorithms.forward();
    backwardData = algorithms.backwardData();
    backwardFilter = algorithms.backwardFilter();
  }

  /** Returns the bytes of scratch memory that every direction can do with. */
  public long workspaceBytes() {
    long backward = Math.max(backwardData.workspaceBytes(), backwardFilter.workspaceBytes());
    return Math.max(forward.workspaceBytes(), backward);
  }

  /** Returns what {@link #forward} does, in words. */
  public String forwardAlgorithm() {
    return words(forward);
  }

  /** Returns what {@link #backwardData} does, in words. */
  public String backwardDataAlgorithm() {
    return words(backwardData);
  }

  /** Returns what {@link #backwardFilter} does, in words. */
  public String backwardFilterAlgorithm() {
    return words(backwardFilter);
  }

  private String words(CudnnAlgorithm algorithm) {
    return "cuDNN %s, %s".formatted(algorithm.name(), cudnn.mathName());
  }

  /** Returns whether {@link #forwardWithBias} can be called: cuDNN has it for one algorithm. */
  public boolean addsBias() {
    return forward.number()
        == cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
  }

  /** {@code y = w * x}. */
  public void forward(
      DevicePointer input, DevicePointer filter, DevicePointer output, DevicePointer workspace) {
    Status.cudnn(
        JCudnn.cudnnConvolutionForward(
            cudnn.handle(),
            cudnn.one(),
            x,
            input.pointer(),
            w,
            filter.pointer(),
            convolution,
            forward.number(),
            DevicePointer.of(workspace),
            forward.workspaceBytes(),
            cudnn.zero(),
            y,
            output.pointer()),
        "cudnnConvolutionForward",
        spec);
  }

  /** {@code y = w * x + bias}. */
  public void forwardWithBias(
      DevicePointer input,
      DevicePointer filter,
      DevicePointer addend,
      DevicePointer output,
      DevicePointer workspace) {
    Status.cudnn(
        JCudnn.cudnnConvolutionBiasActivationForward(
            cudnn.handle(),
            cudnn.one(),
            x,
            input.pointer(),
            w,
            filter.pointer(),
            convolution,
            forward.number(),
            DevicePointer.of(workspace),
            forward.workspaceBytes(),
            cudnn.zero(),
            y,
            output.pointer(),
            bias,
            addend.pointer(),
            identity,
            y,
            output.pointer()),
        "cudnnConvolutionBiasActivationForward",
        spec);
  }

  /** {@code dx = w^T * dy}. */
  public void backwardData(
      DevicePointer outer, DevicePointer filter, DevicePointer inner, DevicePointer workspace) {
    Status.cudnn(
        JCudnn.cudnnConvolutionBackwardData(
            cudnn.handle(),
            cudnn.one(),
            w,
            filter.pointer(),
            y,
            outer.pointer(),
            convolution,
            backwardData.number(),
            DevicePointer.of(workspace),
            backwardData.workspaceBytes(),
            cudnn.zero(),
            x,
            inner.pointer()),
        "cudnnConvolutionBackwardData",
        spec);
  }

  /** {@code dw += x * dy}. */
  public void backwardFilter(
      DevicePointer input, DevicePointer outer, DevicePointer sums, DevicePointer workspace) {
    Status.cudnn(
        JCudnn.cudnnConvolutionBackwardFilter(
            cudnn.handle(),
            cudnn.one(),
            x,
            input.pointer(),
            y,
            outer.pointer(),
            convolution,
            backwardFilter.number(),
            DevicePointer.of(workspace),
            backwardFilter.workspaceBytes(),
            cudnn.one(),
            w,
            sums.pointer()),
        "cudnnConvolutionBackwardFilter",
        spec);
  }

  /** {@code db += } the sums of dy over pictures and their elements. */
  public void backwardBias(DevicePointer outer, DevicePointer sums) {
    Status.cudnn(
        JCudnn.cudnnConvolutionBackwardBias(
            cudnn.handle(), cudnn.one(), y, outer.pointer(), cudnn.one(), bias, sums.pointer()),
        "cudnnConvolutionBackwardBias",
        spec);
  }
}

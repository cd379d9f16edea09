package dev.tandem.engine.cuda.jcuda;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.ToIntFunction;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnNanPropagation;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import jcuda.jcudnn.cudnnRNNDataLayout;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/** Makes cuDNN's descriptors, all of FLOAT32 and without gaps, and frees them. */
final class CudnnDescriptors implements AutoCloseable {
  private static final int TYPE = cudnnDataType.CUDNN_DATA_FLOAT;

  private final Deque<Runnable> frees = new ArrayDeque<>();

  /** Makes a descriptor; {@code kind} is how its two calls end. */
  private <D> D made(D descriptor, String kind, ToIntFunction<D> create, ToIntFunction<D> destroy) {
    Status.cudnn(create.applyAsInt(descriptor), "cudnnCreate" + kind, "");
    frees.push(() -> Status.cudnn(destroy.applyAsInt(descriptor), "cudnnDestroy" + kind, ""));
    return descriptor;
  }

  /** Describes nothing yet: what a query writes its answer to. */
  cudnnTensorDescriptor tensor() {
    return made(
        new cudnnTensorDescriptor(),
        "TensorDescriptor",
        JCudnn::cudnnCreateTensorDescriptor,
        JCudnn::cudnnDestroyTensorDescriptor);
  }

  /** Describes a dense row-major tensor of at least three axes. */
  cudnnTensorDescriptor tensor(int... extents) {
    cudnnTensorDescriptor descriptor = tensor();
    int[] strides = new int[extents.length];
    int stride = 1;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride = Math.multiplyExact(stride, extents[axis]);
    }
    Status.cudnn(
        JCudnn.cudnnSetTensorNdDescriptor(descriptor, TYPE, extents.length, extents, strides),
        "cudnnSetTensorNdDescriptor",
        Arrays.toString(extents));
    return descriptor;
  }

  /** Describes filters {@code [K,C/groups,R,S]}. */
  cudnnFilterDescriptor filter(int... extents) {
    cudnnFilterDescriptor descriptor =
        made(
            new cudnnFilterDescriptor(),
            "FilterDescriptor",
            JCudnn::cudnnCreateFilterDescriptor,
            JCudnn::cudnnDestroyFilterDescriptor);
    Status.cudnn(
        JCudnn.cudnnSetFilterNdDescriptor(
            descriptor, TYPE, cudnnTensorFormat.CUDNN_TENSOR_NCHW, extents.length, extents),
        "cudnnSetFilterNdDescriptor",
        Arrays.toString(extents));
    return descriptor;
  }

  /** Describes a cross-correlation; each array is height, width. */
  cudnnConvolutionDescriptor convolution(
      int[] padding, int[] stride, int[] dilation, int groups, int mathType) {
    cudnnConvolutionDescriptor descriptor =
        made(
            new cudnnConvolutionDescriptor(),
            "ConvolutionDescriptor",
            JCudnn::cudnnCreateConvolutionDescriptor,
            JCudnn::cudnnDestroyConvolutionDescriptor);
    Status.cudnn(
        JCudnn.cudnnSetConvolutionNdDescriptor(
            descriptor,
            padding.length,
            padding,
            stride,
            dilation,
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            TYPE),
        "cudnnSetConvolutionNdDescriptor",
        "padding %s, stride %s, dilation %s"
            .formatted(
                Arrays.toString(padding), Arrays.toString(stride), Arrays.toString(dilation)));
    Status.cudnn(
        JCudnn.cudnnSetConvolutionGroupCount(descriptor, groups),
        "cudnnSetConvolutionGroupCount",
        groups);
    Status.cudnn(
        JCudnn.cudnnSetConvolutionMathType(descriptor, mathType),
        "cudnnSetConvolutionMathType",
        mathType);
    return descriptor;
  }

  /** Describes an activation function. */
  cudnnActivationDescriptor activation(int mode) {
    cudnnActivationDescriptor descriptor =
        made(
            new cudnnActivationDescriptor(),
            "ActivationDescriptor",
            JCudnn::cudnnCreateActivationDescriptor,
            JCudnn::cudnnDestroyActivationDescriptor);
    Status.cudnn(
        JCudnn.cudnnSetActivationDescriptor(
            descriptor, mode, cudnnNanPropagation.CUDNN_NOT_PROPAGATE_NAN, 0),
        "cudnnSetActivationDescriptor",
        mode);
    return descriptor;
  }

  /** Describes that nothing is dropped. */
  cudnnDropoutDescriptor noDropout(cudnnHandle handle) {
    cudnnDropoutDescriptor descriptor =
        made(
            new cudnnDropoutDescriptor(),
            "DropoutDescriptor",
            JCudnn::cudnnCreateDropoutDescriptor,
            JCudnn::cudnnDestroyDropoutDescriptor);
    Status.cudnn(
        JCudnn.cudnnSetDropoutDescriptor(descriptor, handle, 0, null, 0, 0),
        "cudnnSetDropoutDescriptor",
        "rate 0");
    return descriptor;
  }

  /** Describes recurrent layers of which nothing is known yet. */
  cudnnRNNDescriptor recurrent() {
    return made(
        new cudnnRNNDescriptor(),
        "RNNDescriptor",
        JCudnn::cudnnCreateRNNDescriptor,
        JCudnn::cudnnDestroyRNNDescriptor);
  }

  /** Describes sequences {@code [T,N,features]} that all have T steps. */
  cudnnRNNDataDescriptor sequences(int time, int batch, int features) {
    cudnnRNNDataDescriptor descriptor =
        made(
            new cudnnRNNDataDescriptor(),
            "RNNDataDescriptor",
            JCudnn::cudnnCreateRNNDataDescriptor,
            JCudnn::cudnnDestroyRNNDataDescriptor);
    int[] lengths = new int[batch];
    Arrays.fill(lengths, time);
    Status.cudnn(
        JCudnn.cudnnSetRNNDataDescriptor(
            descriptor,
            TYPE,
            cudnnRNNDataLayout.CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED,
            time,
            batch,
            features,
            lengths,
            Pointer.to(new float[] {0})),
        "cudnnSetRNNDataDescriptor",
        Arrays.toString(new int[] {time, batch, features}));
    return descriptor;
  }

  /** Frees all descriptors, the last one first. */
  @Override
  public void close() {
    while (!frees.isEmpty()) {
      frees.pop().run();
    }
  }
}

package dev.tandem.engine.cuda.jcuda;

import dev.tandem.engine.RecurrentSpec;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnForwardMode;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnWgradMode;

/**
 * Recurrent layers over sequences that all have T steps. Nothing is allocated by the calls.
 *
 * <p>cuDNN knows sequences of other lengths too, but since version 8.9.1 it reads the lengths on
 * the host, when it is called: a captured step would be replayed with the lengths of the batch with
 * which it was captured. Nor does it know dropout by the seam's random numbers.
 */
public final class CudnnRecurrent {
  /** Null for cuDNN; JCuda refuses its own null for workspace and reserve, even of no bytes. */
  private static final Pointer NOWHERE = new Pointer();

  private final Cudnn cudnn;
  private final RecurrentSpec spec;
  private final CudnnWeights weights;
  private final cudnnRNNDataDescriptor x;
  private final cudnnRNNDataDescriptor y;
  private final cudnnTensorDescriptor state;
  private final int mode;
  private final long workspaceBytes;
  private final long reserveBytes;

  CudnnRecurrent(Cudnn cudnn, RecurrentSpec spec, CudnnWeights weights) {
    this.cudnn = cudnn;
    this.spec = spec;
    this.weights = weights;
    CudnnDescriptors descriptors = cudnn.descriptors();
    int outputs = Math.multiplyExact(spec.hiddenSize(), spec.directions());
    x = descriptors.sequences(spec.time(), spec.batch(), spec.inputSize());
    y = descriptors.sequences(spec.time(), spec.batch(), outputs);
    state = descriptors.tensor(spec.layers() * spec.directions(), spec.batch(), spec.hiddenSize());
    mode =
        spec.training()
            ? cudnnForwardMode.CUDNN_FWD_MODE_TRAINING
            : cudnnForwardMode.CUDNN_FWD_MODE_INFERENCE;
    long[] work = new long[1];
    long[] reserve = new long[1];
    Status.cudnn(
        JCudnn.cudnnGetRNNTempSpaceSizes(
            cudnn.handle(), weights.descriptor(), mode, x, work, reserve),
        "cudnnGetRNNTempSpaceSizes",
        spec);
    workspaceBytes = work[0];
    reserveBytes = spec.training() ? reserve[0] : 0;
  }

  private static Pointer orNowhere(DevicePointer place) {
    return place == null ? NOWHERE : place.pointer();
  }

  /** Returns the bytes of scratch memory, which begins at a multiple of {@link Cudnn#ALIGNMENT}. */
  public long workspaceBytes() {
    return workspaceBytes;
  }

  /** Returns the bytes of the reserve, which begins at such a multiple; 0 unless training. */
  public long reserveBytes() {
    return reserveBytes;
  }

  /** Returns what is done, in words. */
  public String algorithm() {
    return "cuDNN %s, %s".formatted("RNN_ALGO_STANDARD", cudnn.mathName());
  }

  /** Returns whether T must lie on the device for each sequence, as {@code lengths}. */
  public boolean wantsDeviceLengths() {
    return cudnn.wantsDeviceLengths();
  }

  /** Sets {@code lengths}, N numbers, in the order of the compute stream. */
  public void fillLengths(DevicePointer lengths) {
    cudnn.fill(lengths, spec.time(), spec.batch());
  }

  /** Sets a gradient of y, as large as y, to 0 in the order of the compute stream. */
  public void zeroOutputs(DevicePointer dy) {
    cudnn.fill(dy, 0, (long) spec.time() * spec.batch() * spec.hiddenSize() * spec.directions());
  }

  /**
   * Runs all sequences through all layers.
   *
   * @param lengths null unless {@link #wantsDeviceLengths}
   * @param h0 null for 0; so is c0
   * @param hn null if not wanted; so is cn
   * @param reserve null unless training
   */
  public void forward(
      DevicePointer lengths,
      DevicePointer input,
      DevicePointer h0,
      DevicePointer c0,
      DevicePointer block,
      DevicePointer output,
      DevicePointer hn,
      DevicePointer cn,
      DevicePointer workspace,
      DevicePointer reserve) {
    Status.cudnn(
        JCudnn.cudnnRNNForward(
            cudnn.handle(),
            weights.descriptor(),
            mode,
            DevicePointer.of(lengths),
            x,
            input.pointer(),
            y,
            output.pointer(),
            state,
            DevicePointer.of(h0),
            DevicePointer.of(hn),
            state,
            DevicePointer.of(c0),
            DevicePointer.of(cn),
            weights.bytes(),
            block.pointer(),
            workspaceBytes,
            orNowhere(workspace),
            reserveBytes,
            orNowhere(reserve)),
        "cudnnRNNForward",
        spec);
  }

  /**
   * Computes the gradients of the input and of the initial states.
   *
   * @param dhn null for 0; so is dcn
   * @param dh0 null if not wanted; so is dc0
   */
  public void backwardData(
      DevicePointer lengths,
      DevicePointer output,
      DevicePointer dy,
      DevicePointer dx,
      DevicePointer h0,
      DevicePointer dhn,
      DevicePointer dh0,
      DevicePointer c0,
      DevicePointer dcn,
      DevicePointer dc0,
      DevicePointer block,
      DevicePointer workspace,
      DevicePointer reserve) {
    Status.cudnn(
        JCudnn.cudnnRNNBackwardData_v8(
            cudnn.handle(),
            weights.descriptor(),
            DevicePointer.of(lengths),
            y,
            output.pointer(),
            dy.pointer(),
            x,
            dx.pointer(),
            state,
            DevicePointer.of(h0),
            DevicePointer.of(dhn),
            DevicePointer.of(dh0),
            state,
            DevicePointer.of(c0),
            DevicePointer.of(dcn),
            DevicePointer.of(dc0),
            weights.bytes(),
            block.pointer(),
            workspaceBytes,
            orNowhere(workspace),
            reserveBytes,
            orNowhere(reserve)),
        "cudnnRNNBackwardData_v8",
        spec);
  }

  /** Adds the gradient of the weights to a block in their layout. */
  public void backwardWeights(
      DevicePointer lengths,
      DevicePointer input,
      DevicePointer h0,
      DevicePointer output,
      DevicePointer gradients,
      DevicePointer workspace,
      DevicePointer reserve) {
    Status.cudnn(
        JCudnn.cudnnRNNBackwardWeights_v8(
            cudnn.handle(),
            weights.descriptor(),
            cudnnWgradMode.CUDNN_WGRAD_MODE_ADD,
            DevicePointer.of(lengths),
            x,
            input.pointer(),
            state,
            DevicePointer.of(h0),
            y,
            output.pointer(),
            weights.bytes(),
            gradients.pointer(),
            workspaceBytes,
            orNowhere(workspace),
            reserveBytes,
            orNowhere(reserve)),
        "cudnnRNNBackwardWeights_v8",
        spec);
  }
}

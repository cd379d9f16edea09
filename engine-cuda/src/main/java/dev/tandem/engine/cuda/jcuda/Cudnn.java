package dev.tandem.engine.cuda.jcuda;

import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.RecurrentSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.runtime.cudaStream_t;

/**
 * cuDNN 8 or 9 on the compute stream of a context.
 *
 * <p>The library is opened when something is first planned: that takes longer than many a training
 * step, and a network of linear layers needs none of it. What was planned is kept for the same
 * sizes, so that planning again costs nothing, and is freed by {@link #close}.
 *
 * <p>Between the versions 8 and 9 the numbers of statuses changed, which is why no status but
 * success is ever compared with one of JCudnn's; and the legacy calls for recurrent networks went,
 * which is why there are none but those that version 8 brought.
 */
public final class Cudnn implements AutoCloseable {
  /** Scratch memory begins at multiples of so many bytes, as all that cuMemAlloc gives does. */
  public static final int ALIGNMENT = 256;

  /** From this version on the lengths of sequences are read on the host alone. */
  private static final int WITHOUT_DEVICE_LENGTHS = 8901;

  private final CudaContext context;
  private final MathMode math;
  private final CudnnDescriptors descriptors = new CudnnDescriptors();
  private final Map<Conv2dSpec, CudnnConvolution> convolutions = new HashMap<>();
  private final Map<CudnnWeights.Sizes, CudnnWeights> weights = new HashMap<>();
  private final Map<RecurrentSpec, CudnnRecurrent> recurrences = new HashMap<>();
  private final Pointer zero = factor(0);
  private final Pointer one = factor(1);
  private cudnnHandle handle;

  /** Prepares the library for an arithmetic of products. */
  public Cudnn(CudaContext context, MathMode math) {
    this.context = context;
    this.math = math;
  }

  private static Pointer factor(float value) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(Float.BYTES).order(ByteOrder.nativeOrder());
    return Pointer.to(buffer.putFloat(0, value));
  }

  /** Returns the convolution of some sizes. */
  public CudnnConvolution convolution(Conv2dSpec spec) {
    return convolutions.computeIfAbsent(spec, sizes -> new CudnnConvolution(this, sizes));
  }

  /** Returns where the weights of recurrent layers lie; time, batch and training do not matter. */
  public CudnnWeights weights(RecurrentSpec spec) {
    return weights.computeIfAbsent(
        CudnnWeights.Sizes.of(spec), sizes -> new CudnnWeights(this, sizes));
  }

  /** Returns recurrent layers of some sizes, all of whose sequences have T steps. */
  public CudnnRecurrent recurrent(RecurrentSpec spec) {
    return recurrences.computeIfAbsent(
        spec, sizes -> new CudnnRecurrent(this, sizes, weights(sizes)));
  }

  /** Returns the handle; the context is current. */
  cudnnHandle handle() {
    context.enter();
    if (handle == null) {
      cudnnHandle made = new cudnnHandle();
      Status.cudnn(JCudnn.cudnnCreate(made), "cudnnCreate", context.name());
      handle = made;
      Status.cudnn(
          JCudnn.cudnnSetStream(made, new cudaStream_t(context.compute())),
          "cudnnSetStream",
          "compute");
    }
    return handle;
  }

  /** Returns the owner of everything that is planned. */
  CudnnDescriptors descriptors() {
    return descriptors;
  }

  /**
   * Returns cuDNN's name for the arithmetic of products. It has none for products in bfloat16 of
   * FLOAT32 operands; those are computed in TensorFloat-32, which rounds less.
   */
  int mathType() {
    return math == MathMode.FP32 ? cudnnMathType.CUDNN_FMA_MATH : cudnnMathType.CUDNN_DEFAULT_MATH;
  }

  /** Returns the arithmetic of products in words. */
  String mathName() {
    return math == MathMode.FP32 ? "fp32" : "tf32";
  }

  /** Returns whether the lengths of sequences must lie on the device too. */
  boolean wantsDeviceLengths() {
    return JCudnn.cudnnGetVersion() < WITHOUT_DEVICE_LENGTHS;
  }

  /** Returns a pointer to the factor 0. */
  Pointer zero() {
    return zero;
  }

  /** Returns a pointer to the factor 1. */
  Pointer one() {
    return one;
  }

  /** Sets words of 32 bits on the device, in the order of the compute stream. */
  void fill(DevicePointer place, int word, long count) {
    context.enter();
    Status.driver(
        JCudaDriver.cuMemsetD32Async(place.pointer(), word, count, context.compute()),
        "cuMemsetD32Async",
        Integer.BYTES * count);
  }

  /** Takes device memory, to be given back within the same call. */
  DeviceBuffer allocate(long bytes) {
    return context.allocate("weights of recurrent layers", bytes);
  }

  /** Returns bytes rounded up to a multiple of {@link #ALIGNMENT}. */
  static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Waits for the device, frees everything planned and closes the library. */
  @Override
  public void close() {
    if (handle != null) {
      context.synchronize();
      descriptors.close();
      Status.cudnn(JCudnn.cudnnDestroy(handle), "cudnnDestroy", context.name());
      handle = null;
    }
  }
}

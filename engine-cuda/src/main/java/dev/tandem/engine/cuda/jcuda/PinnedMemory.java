package dev.tandem.engine.cuda.jcuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** Page-locked host memory, from and to which the device copies by itself. */
public final class PinnedMemory implements AutoCloseable {
  private final CudaContext context;
  private final Pointer pointer = new Pointer();
  private final FloatBuffer floats;
  private final IntBuffer ints;
  private final CUevent copied = new CUevent();
  private boolean closed;

  /**
   * Takes memory; what it holds is not defined.
   *
   * @throws CudaException if there is none
   */
  public PinnedMemory(CudaContext context, long length) {
    this.context = context;
    context.enter();
    // The driver refuses 0 bytes.
    long taken = Math.max(1, length);
    Status.driver(JCudaDriver.cuMemHostAlloc(pointer, taken, 0), "cuMemHostAlloc", taken);
    ByteBuffer bytes = pointer.getByteBuffer(0, length).order(ByteOrder.nativeOrder());
    floats = bytes.asFloatBuffer();
    ints = bytes.asIntBuffer();
    Status.driver(
        JCudaDriver.cuEventCreate(copied, CUevent_flags.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
  }

  /** Returns the memory as floats; it must not be touched after {@link #close}. */
  public FloatBuffer floats() {
    return floats;
  }

  /** Returns the same memory as integers; it must not be touched after {@link #close}. */
  public IntBuffer ints() {
    return ints;
  }

  /**
   * Lets the compute stream copy the memory's first bytes to the device. They may be changed after
   * {@link #awaitCopied}.
   */
  public void copyTo(DevicePointer target, long length) {
    copyTo(target, length, context.compute());
  }

  /** Lets a stream copy the memory's first bytes to the device. */
  void copyTo(DevicePointer target, long length, CUstream stream) {
    context.enter();
    Status.driver(
        JCudaDriver.cuMemcpyHtoDAsync(target.pointer(), pointer, length, stream),
        "cuMemcpyHtoDAsync",
        length);
    Status.driver(JCudaDriver.cuEventRecord(copied, stream), "cuEventRecord", "copied");
  }

  /** Lets a stream wait until the last copy to the device has arrived. */
  void letWait(CUstream stream) {
    Status.driver(JCudaDriver.cuStreamWaitEvent(stream, copied, 0), "cuStreamWaitEvent");
  }

  /** Waits until the last {@link #copyTo} has read the memory. */
  public void awaitCopied() {
    context.enter();
    Status.driver(JCudaDriver.cuEventSynchronize(copied), "cuEventSynchronize");
  }

  /** Copies from the device to the memory's first bytes and waits for it. */
  public void copyFrom(DevicePointer source, long length) {
    context.enter();
    Status.driver(
        JCudaDriver.cuMemcpyDtoHAsync(pointer, source.pointer(), length, context.compute()),
        "cuMemcpyDtoHAsync",
        length);
    Status.driver(JCudaDriver.cuStreamSynchronize(context.compute()), "cuStreamSynchronize");
  }

  /** Waits for copies and frees the memory. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.synchronize();
      Status.driver(JCudaDriver.cuEventDestroy(copied), "cuEventDestroy");
      Status.driver(JCudaDriver.cuMemFreeHost(pointer), "cuMemFreeHost");
    }
  }
}

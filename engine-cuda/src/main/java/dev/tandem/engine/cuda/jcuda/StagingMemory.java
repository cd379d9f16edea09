package dev.tandem.engine.cuda.jcuda;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * Page-locked host memory with as much memory on the device, to which the upload stream copies
 * while the compute stream works on what came before. The compute stream then only copies from
 * there to the tensor, at the speed of the device's memory.
 *
 * <p>{@link #prefetch} and {@link #awaitCopied} may be called by the thread that fills the memory,
 * which hands it over to the backend's thread by a lock of its own.
 */
public final class StagingMemory implements AutoCloseable {
  private final CudaContext context;
  private final PinnedMemory host;
  private final DeviceBuffer landing;
  private final CUevent forwarded = new CUevent();
  private long prefetched;
  private boolean closed;

  /**
   * Takes memory on both sides; what it holds is not defined.
   *
   * @throws dev.tandem.engine.MemoryShortageError if the device has not enough
   * @throws CudaException if the host has not
   */
  public StagingMemory(CudaContext context, long bytes) {
    this.context = context;
    host = new PinnedMemory(context, bytes);
    // The driver refuses 0 bytes.
    landing = context.allocate("batches under way", Math.max(1, bytes));
    Status.driver(
        JCudaDriver.cuEventCreate(forwarded, CUevent_flags.CU_EVENT_DISABLE_TIMING),
        "cuEventCreate");
  }

  /** Returns the host's memory as floats. */
  public FloatBuffer floats() {
    return host.floats();
  }

  /** Returns the same memory as integers. */
  public IntBuffer ints() {
    return host.ints();
  }

  /** Begins to copy the first bytes to the device, after the last of them have been used there. */
  public void prefetch(long bytes) {
    context.enter();
    Status.driver(
        JCudaDriver.cuStreamWaitEvent(context.upload(), forwarded, 0), "cuStreamWaitEvent");
    host.copyTo(landing.at(0), bytes, context.upload());
    prefetched = bytes;
  }

  /** Copies the first bytes to a place on the device, in the order of the compute stream. */
  public void copyTo(DevicePointer target, long bytes) {
    context.enter();
    if (prefetched < bytes) {
      host.copyTo(target, bytes);
    } else {
      host.letWait(context.compute());
      context.copy(landing.at(0), target, bytes);
      Status.driver(
          JCudaDriver.cuEventRecord(forwarded, context.compute()), "cuEventRecord", "forwarded");
    }
    prefetched = 0;
  }

  /** Waits until the host's memory may be changed. */
  public void awaitCopied() {
    host.awaitCopied();
  }

  /** Waits for copies and frees the memory. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      landing.close();
      host.close();
      Status.driver(JCudaDriver.cuEventDestroy(forwarded), "cuEventDestroy");
    }
  }
}

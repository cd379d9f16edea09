package dev.tandem.engine.cuda.jcuda;

import dev.tandem.engine.MemoryShortageError;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/**
 * One allocation of device memory. {@link #at} keeps the pointers that it makes, so that asking
 * again for a place allocates nothing.
 */
public final class DeviceBuffer implements AutoCloseable {
  /** JCuda's pointer, which tells its address to subclasses alone. */
  private static final class Base extends CUdeviceptr {
    long address() {
      return getNativePointer();
    }
  }

  /** The status of cuMemAlloc where there is not enough memory. */
  private static final int OUT_OF_MEMORY = 2;

  private final CudaContext context;
  private final Base base = new Base();
  private final long bytes;
  private final long address;
  private DevicePointer[] pointers = new DevicePointer[16];
  private int count;
  private boolean closed;

  /**
   * Takes memory.
   *
   * @param purpose what it is for, in the plural
   * @throws MemoryShortageError if there is not enough
   */
  DeviceBuffer(CudaContext context, String purpose, long bytes) {
    this.context = context;
    this.bytes = bytes;
    context.enter();
    int status = JCudaDriver.cuMemAlloc(base, bytes);
    if (status == OUT_OF_MEMORY) {
      throw shortage(purpose, Status.driverFailure(status, "cuMemAlloc", bytes + " bytes"));
    }
    Status.driver(status, "cuMemAlloc", bytes);
    address = base.address();
  }

  private MemoryShortageError shortage(String purpose, CudaException refusal) {
    long free = context.freeBytes();
    return new MemoryShortageError(
        "%s need %d MiB on %s, where %d MiB of %d MiB are free"
            .formatted(
                purpose,
                mebibytes(bytes),
                context.name(),
                free >> 20,
                mebibytes(context.totalBytes())),
        "use a smaller batch or model, or end other programs on the device",
        free,
        refusal);
  }

  private static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  /** Returns the address of the first byte. */
  public long address() {
    return address;
  }

  /** Returns the length. */
  public long bytes() {
    return bytes;
  }

  /** Returns the place some bytes after the first; the same object for the same place. */
  public DevicePointer at(long offset) {
    int slot = slot(pointers, address + offset);
    DevicePointer known = pointers[slot];
    return known != null ? known : keep(offset);
  }

  private DevicePointer keep(long offset) {
    if (2 * (count + 1) > pointers.length) {
      DevicePointer[] larger = new DevicePointer[2 * pointers.length];
      for (DevicePointer pointer : pointers) {
        if (pointer != null) {
          larger[slot(larger, pointer.address())] = pointer;
        }
      }
      pointers = larger;
    }
    DevicePointer made = new DevicePointer(base.withByteOffset(offset), address + offset);
    pointers[slot(pointers, made.address())] = made;
    count++;
    return made;
  }

  /** Returns where an address is or belongs in a table whose length is a power of two. */
  private static int slot(DevicePointer[] table, long wanted) {
    int slot = (int) (wanted * 0x9E3779B97F4A7C15L >>> 40) & table.length - 1;
    while (table[slot] != null && table[slot].address() != wanted) {
      slot = slot + 1 & table.length - 1;
    }
    return slot;
  }

  /** Sets all bytes to 0, in the order of the compute stream. */
  public void zero() {
    context.enter();
    Status.driver(
        JCudaDriver.cuMemsetD8Async(base, (byte) 0, bytes, context.compute()),
        "cuMemsetD8Async",
        bytes);
  }

  /** Waits for all work on the device and frees the memory. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.synchronize();
      Status.driver(JCudaDriver.cuMemFree(base), "cuMemFree", bytes);
    }
  }
}

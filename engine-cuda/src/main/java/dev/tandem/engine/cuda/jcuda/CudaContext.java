package dev.tandem.engine.cuda.jcuda;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * The primary context of a device with the two streams of a backend: one computes, one uploads.
 * Neither waits for the legacy default stream.
 */
public final class CudaContext implements AutoCloseable {
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final CUstream compute = new CUstream();
  private final CUstream upload = new CUstream();
  private final String name;
  private final int major;
  private final int minor;
  private final int multiprocessors;
  private final int driverVersion;
  private Thread entered;
  private boolean closed;

  /**
   * Opens the primary context of a device.
   *
   * @param ordinal the number of the device in the driver's order
   */
  public CudaContext(int ordinal) {
    Status.driver(JCudaDriver.cuInit(0), "cuInit");
    int[] version = new int[1];
    Status.driver(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
    driverVersion = version[0];
    Status.driver(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet", "device " + ordinal);
    byte[] text = new byte[256];
    Status.driver(JCudaDriver.cuDeviceGetName(text, text.length, device), "cuDeviceGetName");
    name = new String(text, StandardCharsets.UTF_8).replace("\0", "").trim();
    major = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    minor = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    multiprocessors = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    Status.driver(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain", name);
    enter();
    int nonBlocking = CUstream_flags.CU_STREAM_NON_BLOCKING;
    Status.driver(JCudaDriver.cuStreamCreate(compute, nonBlocking), "cuStreamCreate", "compute");
    Status.driver(JCudaDriver.cuStreamCreate(upload, nonBlocking), "cuStreamCreate", "upload");
  }

  private int attribute(int attribute) {
    int[] value = new int[1];
    Status.driver(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
        "cuDeviceGetAttribute",
        CUdevice_attribute.stringFor(attribute));
    return value[0];
  }

  /**
   * Makes the context current on the calling thread. Remembering the last thread spares the call to
   * the driver, because a backend belongs to one thread at a time. Threads that fill staging memory
   * come here too: that is no race, because a thread can find itself here only if it entered.
   */
  void enter() {
    Thread thread = Thread.currentThread();
    if (entered != thread) {
      Status.driver(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent", name);
      entered = thread;
    }
  }

  /** Returns the stream on which everything is computed. */
  CUstream compute() {
    return compute;
  }

  /** Returns the stream on which batches are uploaded. */
  CUstream upload() {
    return upload;
  }

  /**
   * Takes device memory; what it holds is not defined.
   *
   * @param purpose what it is for, in the plural, should there be too little
   */
  public DeviceBuffer allocate(String purpose, long bytes) {
    return new DeviceBuffer(this, purpose, bytes);
  }

  /** Copies bytes on the device, in the order of the compute stream. */
  public void copy(DevicePointer source, DevicePointer target, long bytes) {
    enter();
    Status.driver(
        JCudaDriver.cuMemcpyDtoDAsync(target.pointer(), source.pointer(), bytes, compute),
        "cuMemcpyDtoDAsync",
        bytes);
  }

  /** Sets words of 32 bits on the device, in the order of the compute stream. */
  public void fill(DevicePointer target, int word, long words) {
    enter();
    Status.driver(
        JCudaDriver.cuMemsetD32Async(target.pointer(), word, words, compute),
        "cuMemsetD32Async",
        words * Integer.BYTES);
  }

  /** Waits for everything given to both streams so far. */
  public void synchronize() {
    enter();
    Status.driver(JCudaDriver.cuStreamSynchronize(upload), "cuStreamSynchronize", "upload");
    Status.driver(JCudaDriver.cuStreamSynchronize(compute), "cuStreamSynchronize", "compute");
  }

  /** Returns the name of the device. */
  public String name() {
    return name;
  }

  /** Returns the compute capability, major times ten plus minor: 90 for sm_90. */
  public int architecture() {
    return 10 * major + minor;
  }

  /** Returns the number of streaming multiprocessors. */
  public int multiprocessors() {
    return multiprocessors;
  }

  /** Returns the version of CUDA that the driver knows: 12060 for 12.6. */
  public int driverVersion() {
    return driverVersion;
  }

  /** Returns the bytes of device memory that are free. */
  public long freeBytes() {
    return memory(true);
  }

  /** Returns the bytes of device memory that there are. */
  public long totalBytes() {
    return memory(false);
  }

  private long memory(boolean isFree) {
    enter();
    long[] free = new long[1];
    long[] total = new long[1];
    Status.driver(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo", name);
    return isFree ? free[0] : total[0];
  }

  /** Waits for the device and releases streams and context. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      synchronize();
      closed = true;
      Status.driver(JCudaDriver.cuStreamDestroy(upload), "cuStreamDestroy", "upload");
      Status.driver(JCudaDriver.cuStreamDestroy(compute), "cuStreamDestroy", "compute");
      Status.driver(
          JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease", name);
    }
  }
}

package dev.tandem.engine.cuda;

import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Cudnn;
import dev.tandem.engine.cuda.jcuda.DevicePointer;

/**
 * Scratch memory that begins where cuDNN wants it to, inside a tensor that may begin at any
 * element.
 */
final class CudaScratch {
  /** The elements between two beginnings. */
  private static final int ALIGNMENT = Cudnn.ALIGNMENT / Float.BYTES;

  private CudaScratch() {}

  /** Returns the elements of a tensor in which so many bytes find room; 0 for none. */
  static long elements(long bytes) {
    return bytes == 0 ? 0 : aligned((bytes + Float.BYTES - 1) / Float.BYTES) + ALIGNMENT - 1;
  }

  /** Returns the least multiple of the alignment that is not below a number of elements. */
  static long aligned(long elements) {
    return (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Returns the first element of a tensor at which scratch memory may begin. */
  static long first(Tensor scratch) {
    long address = CudaStorage.address(scratch);
    return (-address & Cudnn.ALIGNMENT - 1) / Float.BYTES;
  }

  /** Returns the beginning of the scratch memory in a tensor, null of null. */
  static DevicePointer start(Tensor scratch) {
    return scratch == null ? null : CudaStorage.pointer(scratch, first(scratch));
  }
}

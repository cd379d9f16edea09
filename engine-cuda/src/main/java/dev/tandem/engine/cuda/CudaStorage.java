package dev.tandem.engine.cuda;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Storage;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.DeviceBuffer;
import dev.tandem.engine.cuda.jcuda.DevicePointer;

/** The elements of one type in the device memory of one kind. */
final class CudaStorage extends Storage {
  private final CudaBackend backend;
  private final DeviceBuffer buffer;
  private final long start;

  /**
   * Describes a part of a buffer.
   *
   * @param start the bytes of the buffer before the first element
   */
  CudaStorage(CudaBackend backend, DataType type, long length, DeviceBuffer buffer, long start) {
    super(backend, type, length);
    this.backend = backend;
    this.buffer = buffer;
    this.start = start;
  }

  /** Returns the device address of a tensor's first element, 0 of null: what kernels are given. */
  static long address(Tensor tensor) {
    return tensor == null ? 0 : used(tensor).buffer.address() + bytesBefore(tensor);
  }

  /** Returns where a tensor's first element lies, null of null: what libraries are given. */
  static DevicePointer pointer(Tensor tensor) {
    return tensor == null ? null : pointer(tensor, 0);
  }

  /** Returns where an element of a tensor lies. */
  static DevicePointer pointer(Tensor tensor, long element) {
    CudaStorage storage = used(tensor);
    return storage.buffer.at(bytesBefore(tensor) + element * storage.type().bytes());
  }

  private static CudaStorage used(Tensor tensor) {
    CudaStorage storage = (CudaStorage) tensor.storage();
    storage.backend.captures().uses(storage);
    return storage;
  }

  private static long bytesBefore(Tensor tensor) {
    CudaStorage storage = (CudaStorage) tensor.storage();
    return storage.start + tensor.offset() * storage.type().bytes();
  }

  /** Returns the bytes that a tensor's elements fill. */
  static long bytes(Tensor tensor) {
    return tensor.elements() * tensor.type().bytes();
  }

  @Override
  protected void close() {
    super.close();
  }
}

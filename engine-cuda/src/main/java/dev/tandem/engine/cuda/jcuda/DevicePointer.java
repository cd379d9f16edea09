package dev.tandem.engine.cuda.jcuda;

import jcuda.driver.CUdeviceptr;

/** A place in device memory, for calls that take JCuda's pointers. */
public final class DevicePointer {
  private final CUdeviceptr pointer;
  private final long address;

  DevicePointer(CUdeviceptr pointer, long address) {
    this.pointer = pointer;
    this.address = address;
  }

  /** Returns JCuda's pointer. */
  CUdeviceptr pointer() {
    return pointer;
  }

  /** Returns the address. */
  public long address() {
    return address;
  }

  /** Returns JCuda's pointer, null of null: for operands that may be left out. */
  static CUdeviceptr of(DevicePointer place) {
    return place == null ? null : place.pointer;
  }

  @Override
  public String toString() {
    return "0x" + Long.toHexString(address);
  }
}

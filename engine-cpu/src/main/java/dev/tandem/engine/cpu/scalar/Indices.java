package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Tensor;
import dev.tandem.engine.cpu.HostStorage;

/** The elements of an INT32 tensor. */
final class Indices {
  private final int[] ints;
  private final int offset;
  private final int length;

  private Indices(Tensor tensor) {
    ints = HostStorage.ints(tensor);
    offset = HostStorage.offset(tensor);
    length = HostStorage.length(tensor);
  }

  static Indices of(Tensor tensor) {
    return new Indices(tensor);
  }

  int length() {
    return length;
  }

  int get(int index) {
    return ints[offset + index];
  }

  void set(int index, int value) {
    ints[offset + index] = value;
  }
}

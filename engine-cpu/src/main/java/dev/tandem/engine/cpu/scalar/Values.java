package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cpu.HostStorage;

/**
 * The elements of a floating-point tensor as doubles, so that FLOAT32 and FLOAT64 share one loop. A
 * FLOAT32 result is rounded once, when it is stored.
 */
final class Values {
  private final float[] floats;
  private final double[] doubles;
  private final int offset;
  private final int length;

  private Values(Tensor tensor) {
    boolean isFloat = tensor.type() == DataType.FLOAT32;
    floats = isFloat ? HostStorage.floats(tensor) : null;
    doubles = isFloat ? null : HostStorage.doubles(tensor);
    offset = HostStorage.offset(tensor);
    length = HostStorage.length(tensor);
  }

  /** Returns the elements of a tensor; null of null, for operands that may be left out. */
  static Values of(Tensor tensor) {
    return tensor == null ? null : new Values(tensor);
  }

  int length() {
    return length;
  }

  double get(int index) {
    return floats != null ? floats[offset + index] : doubles[offset + index];
  }

  void set(int index, double value) {
    if (floats != null) {
      floats[offset + index] = (float) value;
    } else {
      doubles[offset + index] = value;
    }
  }

  void add(int index, double value) {
    set(index, get(index) + value);
  }
}

package dev.tandem.models.weights;

import java.util.Arrays;

/** What the header says about one tensor; {@code begin} and {@code end} are bytes after it. */
record TensorEntry(String name, ElementType type, int[] shape, long begin, long end) {
  /** The element types that are read, by their names in the file. */
  enum ElementType {
    F64(8, true),
    F32(4, true),
    F16(2, true),
    BF16(2, true),
    I64(8, false),
    I32(4, false),
    U8(1, false),
    BOOL(1, false);

    final int bytes;
    final boolean floating;

    ElementType(int bytes, boolean floating) {
      this.bytes = bytes;
      this.floating = floating;
    }
  }

  int elements() {
    return Math.toIntExact((end - begin) / type.bytes);
  }

  /** Bytes of the array that will hold the tensor: float or long. */
  long arrayBytes() {
    return (long) elements() * (type.floating ? Float.BYTES : Long.BYTES);
  }

  static void requireFit(String name, int[] shape, int values) {
    long elements = 1;
    for (int extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException(
            name + " has the shape " + Arrays.toString(shape) + ": extents are 0 or more");
      }
      elements = Math.multiplyExact(elements, extent);
    }
    if (elements != values) {
      throw new IllegalArgumentException(
          name
              + " has "
              + values
              + " values, its shape "
              + Arrays.toString(shape)
              + " needs "
              + elements);
    }
  }
}

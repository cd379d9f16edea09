package dev.tandem.engine;

/** The element types of a tensor. */
public enum DataType {
  /** IEEE 754 binary32: what every backend computes in. */
  FLOAT32(4, true),
  /** IEEE 754 binary64: the scalar backend alone, for gradient checks. */
  FLOAT64(8, true),
  /** 32-bit signed integers: class ids, token ids and counts. */
  INT32(4, false);

  private final int bytes;
  private final boolean floating;

  DataType(int bytes, boolean floating) {
    this.bytes = bytes;
    this.floating = floating;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Returns whether the elements are floating-point numbers. */
  public boolean isFloating() {
    return floating;
  }
}

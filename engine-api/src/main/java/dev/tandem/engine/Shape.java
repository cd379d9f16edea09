package dev.tandem.engine;

import java.util.Arrays;
import java.util.StringJoiner;

/** The extents of a dense row-major tensor, outermost first: {@code [N,C,H,W]}. Immutable. */
public final class Shape {
  private final int[] dimensions;
  private final long elements;

  private Shape(int[] dimensions) {
    long product = 1;
    for (int dimension : dimensions) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "shape " + text(dimensions) + " has a negative extent (extents are 0 or more)");
      }
      product = Math.multiplyExact(product, dimension);
    }
    this.dimensions = dimensions;
    this.elements = product;
  }

  /** Returns the shape of the given extents; none at all is the shape of one scalar. */
  public static Shape of(int... dimensions) {
    return new Shape(dimensions.clone());
  }

  /** Returns the number of axes. */
  public int rank() {
    return dimensions.length;
  }

  /** Returns the extent of an axis; a negative axis counts from the end, -1 being the last. */
  public int dimension(int axis) {
    return dimensions[axis < 0 ? dimensions.length + axis : axis];
  }

  /** Returns the number of elements. */
  public long elements() {
    return elements;
  }

  /** Returns the extent of the last axis, 1 for a scalar. */
  public int columns() {
    return dimensions.length == 0 ? 1 : dimensions[dimensions.length - 1];
  }

  /** Returns the number of rows: the product of all extents but the last. */
  public int rows() {
    long rows = 1;
    for (int axis = 0; axis < dimensions.length - 1; axis++) {
      rows *= dimensions[axis];
    }
    return Math.toIntExact(rows);
  }

  /** Returns this shape with one more axis in front of it. */
  public Shape prepend(int extent) {
    int[] copy = new int[dimensions.length + 1];
    copy[0] = extent;
    System.arraycopy(dimensions, 0, copy, 1, dimensions.length);
    return new Shape(copy);
  }

  /** Returns the extents as a new array. */
  public int[] toArray() {
    return dimensions.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dimensions);
  }

  /** Returns the extents as {@code [2,3]}. */
  @Override
  public String toString() {
    return text(dimensions);
  }

  private static String text(int[] dimensions) {
    StringJoiner joiner = new StringJoiner(",", "[", "]");
    for (int dimension : dimensions) {
      joiner.add(Integer.toString(dimension));
    }
    return joiner.toString();
  }
}

package dev.tandem.datasets;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * An n-dimensional array of float32 or int32 on the Java heap, row-major. Axis 0 counts the
 * examples. Immutable by convention: the array that is given or handed out is not copied, and
 * nobody writes to it.
 */
public final class HostArray {
  private final float[] floats;
  private final int[] ints;
  private final int[] shape;
  private final int exampleLength;

  private HostArray(float[] floats, int[] ints, int[] shape) {
    this.floats = floats;
    this.ints = ints;
    this.shape = shape.clone();
    if (shape.length == 0) {
      throw new IllegalArgumentException("a host array has at least one axis");
    }
    int product = 1;
    for (int axis = 1; axis < shape.length; axis++) {
      product = Math.multiplyExact(product, shape[axis]);
    }
    this.exampleLength = product;
    int length = floats != null ? floats.length : ints.length;
    if (Arrays.stream(shape).anyMatch(n -> n < 0) || (long) shape[0] * product != length) {
      throw new IllegalArgumentException(length + " values do not fill shape " + describeShape());
    }
  }

  /**
   * A float32 array.
   *
   * @throws IllegalArgumentException if the values do not fill the shape
   */
  public static HostArray of(float[] values, int... shape) {
    return new HostArray(values, null, shape);
  }

  /**
   * An int32 array.
   *
   * @throws IllegalArgumentException if the values do not fill the shape
   */
  public static HostArray of(int[] values, int... shape) {
    return new HostArray(null, values, shape);
  }

  /** Whether the elements are float32; otherwise they are int32. */
  public boolean isFloat() {
    return floats != null;
  }

  /**
   * The elements of a float32 array.
   *
   * @throws IllegalStateException if the elements are int32
   */
  public float[] floats() {
    if (floats == null) {
      throw new IllegalStateException("the array holds int32, not float32");
    }
    return floats;
  }

  /**
   * The elements of an int32 array.
   *
   * @throws IllegalStateException if the elements are float32
   */
  public int[] ints() {
    if (ints == null) {
      throw new IllegalStateException("the array holds float32, not int32");
    }
    return ints;
  }

  public int[] shape() {
    return shape.clone();
  }

  /** The number of examples, the length of axis 0. */
  public int size() {
    return shape[0];
  }

  /** The number of elements of one example. */
  public int exampleLength() {
    return exampleLength;
  }

  /** The shape of one example, without axis 0. */
  public int[] exampleShape() {
    return Arrays.copyOfRange(shape, 1, shape.length);
  }

  /** A copy of the given rows of axis 0, in the given order. */
  public HostArray select(int[] rows) {
    int[] selected = shape.clone();
    selected[0] = rows.length;
    int length = Math.multiplyExact(rows.length, exampleLength);
    if (isFloat()) {
      FloatBuffer into = FloatBuffer.allocate(length);
      gather(rows, 0, rows.length, into);
      return of(into.array(), selected);
    }
    IntBuffer into = IntBuffer.allocate(length);
    gather(rows, 0, rows.length, into);
    return of(into.array(), selected);
  }

  /**
   * Copies the rows {@code order[from .. from + count)} of a float32 array to the beginning of a
   * buffer, whose position and limit stay as they are. Allocates nothing.
   *
   * @throws IllegalStateException if the elements are int32
   * @throws IndexOutOfBoundsException if the buffer's limit is too small or a row does not exist
   */
  public void gather(int[] order, int from, int count, FloatBuffer into) {
    float[] values = floats();
    for (int i = 0; i < count; i++) {
      into.put(i * exampleLength, values, order[from + i] * exampleLength, exampleLength);
    }
  }

  /**
   * Copies the rows {@code order[from .. from + count)} of an int32 array to the beginning of a
   * buffer, whose position and limit stay as they are. Allocates nothing.
   *
   * @throws IllegalStateException if the elements are float32
   * @throws IndexOutOfBoundsException if the buffer's limit is too small or a row does not exist
   */
  public void gather(int[] order, int from, int count, IntBuffer into) {
    int[] values = ints();
    for (int i = 0; i < count; i++) {
      into.put(i * exampleLength, values, order[from + i] * exampleLength, exampleLength);
    }
  }

  /** The shape as {@code [N,C,H,W]}. */
  public String describeShape() {
    return Arrays.stream(shape)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** The element type and the shape, {@code float32 [150,4]}. */
  @Override
  public String toString() {
    return (isFloat() ? "float32 " : "int32 ") + describeShape();
  }
}

package dev.tandem.datasets;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * An n-dimensional array on the Java heap, row-major. Axis 0 counts the examples. The elements are
 * float32, int32, or bytes that stand for float32 numbers, as the pixels of pictures do. Immutable
 * by convention: the array that is given or handed out is not copied, and nobody writes to it.
 *
 * <p>In a ragged array axis 1 is time, and each example has a number of steps of its own. Only the
 * real steps are stored; its shape says the longest or more, and {@link #gather} fills up with
 * padding.
 */
public final class HostArray {
  private static final int BYTE_VALUES = 256;

  private final float[] floats;
  private final int[] ints;
  private final byte[] bytes;
  private final float[][] decode;
  private final int[] shape;
  private final int exampleLength;
  private final int[] starts;
  private final int stepLength;
  private final int padding;

  private HostArray(
      float[] floats,
      int[] ints,
      byte[] bytes,
      float[][] decode,
      int[] shape,
      int[] starts,
      int padding) {
    this.floats = floats;
    this.ints = ints;
    this.bytes = bytes;
    this.decode = decode;
    this.shape = shape.clone();
    this.starts = starts;
    this.padding = padding;
    if (shape.length == 0) {
      throw new IllegalArgumentException("a host array has at least one axis");
    }
    exampleLength = product(shape, 1);
    stepLength = shape.length < 2 ? 1 : product(shape, 2);
    int length = floats != null ? floats.length : ints != null ? ints.length : bytes.length;
    long expected =
        starts != null ? (long) starts[shape[0]] * stepLength : (long) shape[0] * exampleLength;
    if (Arrays.stream(shape).anyMatch(n -> n < 0) || expected != length) {
      throw new IllegalArgumentException(length + " values do not fill shape " + describeShape());
    }
  }

  private static int product(int[] shape, int firstAxis) {
    int product = 1;
    for (int axis = firstAxis; axis < shape.length; axis++) {
      product = Math.multiplyExact(product, shape[axis]);
    }
    return product;
  }

  /**
   * A float32 array.
   *
   * @throws IllegalArgumentException if the values do not fill the shape
   */
  public static HostArray of(float[] values, int... shape) {
    return new HostArray(values, null, null, null, shape, null, 0);
  }

  /**
   * An int32 array.
   *
   * @throws IllegalArgumentException if the values do not fill the shape
   */
  public static HostArray of(int[] values, int... shape) {
    return new HostArray(null, values, null, null, shape, null, 0);
  }

  /**
   * Bytes that are read as float32, a quarter of the memory.
   *
   * @param values unsigned bytes
   * @param decode for each channel, the number that each of the 256 bytes stands for
   * @param shape {@code [N,C,H,W]}
   * @throws IllegalArgumentException if the values do not fill the shape, or decode is not {@code
   *     [C][256]}
   */
  public static HostArray pixels(byte[] values, float[][] decode, int... shape) {
    if (shape.length != 4
        || decode.length != shape[1]
        || Arrays.stream(decode).anyMatch(table -> table.length != BYTE_VALUES)) {
      throw new IllegalArgumentException(
          "pixels have shape [N,C,H,W] and a table of 256 numbers for each channel");
    }
    return new HostArray(null, null, values, decode, shape, null, 0);
  }

  /**
   * A ragged float32 array; padding is 0.
   *
   * @param values the steps of all examples, one after the other
   * @param starts the index of the first step of each example, and the number of all steps: N + 1
   *     numbers from 0 up
   * @param step the shape of one step; nothing for one number
   */
  public static HostArray ragged(float[] values, int[] starts, int... step) {
    return new HostArray(values, null, null, null, raggedShape(starts, step), starts, 0);
  }

  /**
   * A ragged int32 array {@code [N,T]}.
   *
   * @param values the numbers of all examples, one after the other
   * @param starts as for float32
   * @param padding what {@link #gather} fills up with
   */
  public static HostArray ragged(int[] values, int[] starts, int padding) {
    return new HostArray(null, values, null, null, raggedShape(starts), starts, padding);
  }

  /**
   * A ragged copy of an int32 array {@code [N,T]}, of the same shape, whose examples end after some
   * steps.
   *
   * @param steps of each example, 1 to T
   * @param padding what {@link #gather} fills up with
   */
  public HostArray endingAfter(int[] steps, int padding) {
    int[] ends = new int[shape[0] + 1];
    for (int example = 0; example < steps.length; example++) {
      ends[example + 1] = ends[example] + steps[example];
    }
    int[] kept = new int[ends[steps.length]];
    for (int example = 0; example < steps.length; example++) {
      System.arraycopy(ints(), example * exampleLength, kept, ends[example], steps[example]);
    }
    return new HostArray(null, kept, null, null, shape, ends, padding);
  }

  private static int[] raggedShape(int[] starts, int... step) {
    int longest = 0;
    for (int i = 0; i + 1 < starts.length; i++) {
      longest = Math.max(longest, starts[i + 1] - starts[i]);
    }
    int[] shape = new int[step.length + 2];
    shape[0] = starts.length - 1;
    shape[1] = longest;
    System.arraycopy(step, 0, shape, 2, step.length);
    return shape;
  }

  /** Whether the elements are read as float32; otherwise they are int32. */
  public boolean isFloat() {
    return ints == null;
  }

  /** Whether the elements are kept as bytes, which {@link #gather} decodes. */
  public boolean isPixels() {
    return bytes != null;
  }

  /** Whether examples differ in their number of steps. */
  public boolean isRagged() {
    return starts != null;
  }

  /** The number of steps of an example: the extent of axis 1 unless the array is ragged. */
  public int steps(int example) {
    if (starts != null) {
      return starts[example + 1] - starts[example];
    }
    return shape.length < 2 ? 1 : shape[1];
  }

  /**
   * The elements of a float32 array; those of pixels decoded into a new array, those of a ragged
   * array without padding.
   *
   * @throws IllegalStateException if the elements are int32
   */
  public float[] floats() {
    if (ints != null) {
      throw new IllegalStateException("the array holds int32, not float32");
    }
    if (floats != null) {
      return floats;
    }
    FloatBuffer into = FloatBuffer.allocate(bytes.length);
    for (int example = 0; example < shape[0]; example++) {
      decode(example, into, example * exampleLength);
    }
    return into.array();
  }

  /**
   * The elements of an int32 array, those of a ragged array without padding.
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

  /** The number of elements of one example; of the longest in a ragged array. */
  public int exampleLength() {
    return exampleLength;
  }

  /** The shape of one example, without axis 0; of the longest in a ragged array. */
  public int[] exampleShape() {
    return Arrays.copyOfRange(shape, 1, shape.length);
  }

  /** A copy of the given rows of axis 0, in the given order. */
  public HostArray select(int[] rows) {
    int[] selected = shape.clone();
    selected[0] = rows.length;
    int[] selectedStarts = null;
    int length;
    if (starts == null) {
      length = Math.multiplyExact(rows.length, exampleLength);
    } else {
      selectedStarts = new int[rows.length + 1];
      for (int i = 0; i < rows.length; i++) {
        selectedStarts[i + 1] = Math.addExact(selectedStarts[i], steps(rows[i]));
      }
      length = Math.multiplyExact(selectedStarts[rows.length], stepLength);
      selected[1] = raggedShape(selectedStarts)[1];
    }
    Object source = floats != null ? floats : ints != null ? ints : bytes;
    Object into =
        floats != null ? new float[length] : ints != null ? new int[length] : new byte[length];
    int at = 0;
    for (int row : rows) {
      int elements = elements(row);
      System.arraycopy(source, first(row), into, at, elements);
      at += elements;
    }
    return new HostArray(
        floats != null ? (float[]) into : null,
        ints != null ? (int[]) into : null,
        bytes != null ? (byte[]) into : null,
        decode,
        selected,
        selectedStarts,
        padding);
  }

  /** The index of an example's first element. */
  private int first(int example) {
    return starts != null ? starts[example] * stepLength : example * exampleLength;
  }

  /** The number of an example's elements that are stored. */
  private int elements(int example) {
    return starts != null ? steps(example) * stepLength : exampleLength;
  }

  /**
   * Copies the rows {@code order[from .. from + count)} of a float32 array to the beginning of a
   * buffer, whose position and limit stay as they are. Allocates nothing.
   *
   * @throws IllegalStateException if the elements are int32
   * @throws IndexOutOfBoundsException if the buffer's limit is too small or a row does not exist
   */
  public void gather(int[] order, int from, int count, FloatBuffer into) {
    gather(order, from, count, longest(), into);
  }

  /**
   * The same with a number of steps for every row: rows that are shorter are filled up with 0,
   * longer ones lose their last steps.
   */
  public void gather(int[] order, int from, int count, int steps, FloatBuffer into) {
    if (ints != null) {
      throw new IllegalStateException("the array holds int32, not float32");
    }
    int length = rowLength(steps);
    for (int i = 0; i < count; i++) {
      int example = order[from + i];
      if (bytes != null) {
        decode(example, into, i * length);
        continue;
      }
      int stored = Math.min(elements(example), length);
      into.put(i * length, floats, first(example), stored);
      for (int j = stored; j < length; j++) {
        into.put(i * length + j, 0);
      }
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
    gather(order, from, count, longest(), into);
  }

  /** The same with a number of steps for every row, filled up with the array's padding. */
  public void gather(int[] order, int from, int count, int steps, IntBuffer into) {
    int[] values = ints();
    int length = rowLength(steps);
    for (int i = 0; i < count; i++) {
      int example = order[from + i];
      int stored = Math.min(elements(example), length);
      into.put(i * length, values, first(example), stored);
      for (int j = stored; j < length; j++) {
        into.put(i * length + j, padding);
      }
    }
  }

  /**
   * Like {@link #gather(int[], int, int, int, FloatBuffer)}, but with time in front: {@code
   * [steps,count,...]}.
   */
  public void gatherSteps(int[] order, int from, int count, int steps, FloatBuffer into) {
    float[] values = floats();
    for (int i = 0; i < count; i++) {
      int first = first(order[from + i]);
      int stored = Math.min(steps(order[from + i]), steps);
      for (int t = 0; t < steps; t++) {
        int to = (t * count + i) * stepLength;
        for (int j = 0; j < stepLength; j++) {
          into.put(to + j, t < stored ? values[first + t * stepLength + j] : 0);
        }
      }
    }
  }

  /** The same for an int32 array. */
  public void gatherSteps(int[] order, int from, int count, int steps, IntBuffer into) {
    int[] values = ints();
    for (int i = 0; i < count; i++) {
      int first = first(order[from + i]);
      int stored = Math.min(steps(order[from + i]), steps);
      for (int t = 0; t < steps; t++) {
        int to = (t * count + i) * stepLength;
        for (int j = 0; j < stepLength; j++) {
          into.put(to + j, t < stored ? values[first + t * stepLength + j] : padding);
        }
      }
    }
  }

  private int longest() {
    return shape.length < 2 ? 1 : shape[1];
  }

  private int rowLength(int steps) {
    return starts != null ? steps * stepLength : exampleLength;
  }

  private void decode(int example, FloatBuffer into, int at) {
    int first = example * exampleLength;
    int pixels = exampleLength / decode.length;
    for (int channel = 0; channel < decode.length; channel++) {
      float[] table = decode[channel];
      int offset = channel * pixels;
      for (int i = 0; i < pixels; i++) {
        into.put(at + offset + i, table[bytes[first + offset + i] & 0xFF]);
      }
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

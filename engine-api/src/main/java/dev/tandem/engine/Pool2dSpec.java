package dev.tandem.engine;

/**
 * The sizes of a two-dimensional pooling. The output has {@code (in + 2 padding - kernel) / stride
 * + 1} rows and columns, rounded down as PyTorch does. Padding is at most half of the kernel, so
 * that every window holds an element of the picture.
 *
 * @param mode what becomes of a window
 * @param batch the pictures N
 * @param channels the channels C of a picture
 * @param inHeight the rows H of a picture
 * @param inWidth the columns W of a picture
 * @param kernelHeight the rows of a window
 * @param kernelWidth the columns of a window
 * @param strideHeight rows from one window to the next
 * @param strideWidth columns from one window to the next
 * @param paddingHeight rows above the picture, and as many below
 * @param paddingWidth columns to the left of the picture, and as many to the right
 * @param countIncludePad whether an average divides by all elements of the window, with 0 for those
 *     outside the picture, or by those inside alone; without meaning for the maximum
 */
public record Pool2dSpec(
    Mode mode,
    int batch,
    int channels,
    int inHeight,
    int inWidth,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth,
    boolean countIncludePad) {

  /** What becomes of a window. */
  public enum Mode {
    /** Its largest element; what lies outside the picture does not count. */
    MAX,
    /** Its mean. */
    AVERAGE
  }

  /** Checks the sizes. */
  public Pool2dSpec {
    atLeast("batch", batch, 1);
    atLeast("channels", channels, 1);
    atLeast("inHeight", inHeight, 1);
    atLeast("inWidth", inWidth, 1);
    atLeast("kernelHeight", kernelHeight, 1);
    atLeast("kernelWidth", kernelWidth, 1);
    atLeast("strideHeight", strideHeight, 1);
    atLeast("strideWidth", strideWidth, 1);
    atLeast("paddingHeight", paddingHeight, 0);
    atLeast("paddingWidth", paddingWidth, 0);
    fits("Height", kernelHeight, inHeight, paddingHeight);
    fits("Width", kernelWidth, inWidth, paddingWidth);
  }

  /** Returns a pooling with square windows, and the same stride and padding along both axes. */
  public static Pool2dSpec of(
      Mode mode,
      int batch,
      int channels,
      int inHeight,
      int inWidth,
      int kernel,
      int stride,
      int padding) {
    return new Pool2dSpec(
        mode, batch, channels, inHeight, inWidth, kernel, kernel, stride, stride, padding, padding,
        true);
  }

  /** Returns global average pooling: the mean of every channel of every picture. */
  public static Pool2dSpec globalAverage(int batch, int channels, int inHeight, int inWidth) {
    return new Pool2dSpec(
        Mode.AVERAGE, batch, channels, inHeight, inWidth, inHeight, inWidth, 1, 1, 0, 0, true);
  }

  /** Returns this pooling of another number of pictures. */
  public Pool2dSpec withBatch(int pictures) {
    return new Pool2dSpec(
        mode,
        pictures,
        channels,
        inHeight,
        inWidth,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        countIncludePad);
  }

  /** Returns the rows P of the output. */
  public int outHeight() {
    return (int) ((inHeight + 2L * paddingHeight - kernelHeight) / strideHeight + 1);
  }

  /** Returns the columns Q of the output. */
  public int outWidth() {
    return (int) ((inWidth + 2L * paddingWidth - kernelWidth) / strideWidth + 1);
  }

  /** Returns the input's shape {@code [N,C,H,W]}. */
  public Shape input() {
    return Shape.of(batch, channels, inHeight, inWidth);
  }

  /** Returns the output's shape {@code [N,C,P,Q]}. */
  public Shape output() {
    return Shape.of(batch, channels, outHeight(), outWidth());
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "pool2d: %s=%d (give %d or more)".formatted(name, value, least));
    }
  }

  private static void fits(String axis, int kernel, int in, int padding) {
    if (padding > kernel / 2) {
      throw new IllegalArgumentException(
          "pool2d: padding%s=%d is more than half of kernel%s=%d (give at most %d)"
              .formatted(axis, padding, axis, kernel, kernel / 2));
    }
    if (kernel > in + 2L * padding) {
      throw new IllegalArgumentException(
          "pool2d: kernel%s=%d is more than in%s=%d with padding%s=%d on either side (use a smaller kernel)"
              .formatted(axis, kernel, axis, in, axis, padding));
    }
  }
}

package dev.tandem.engine;

/**
 * The sizes of a two-dimensional convolution. The picture is surrounded by zeros, as many on either
 * side of an axis (cuDNN has no other). With {@code extent = dilation (kernel - 1) + 1} the output
 * has {@code (in + 2 padding - extent) / stride + 1} rows and columns, rounded down as PyTorch
 * does.
 *
 * @param batch the pictures N
 * @param inChannels the channels C of a picture
 * @param inHeight the rows H of a picture
 * @param inWidth the columns W of a picture
 * @param outChannels the filters K, each of which gives one channel of the output
 * @param kernelHeight the rows R of a filter
 * @param kernelWidth the columns S of a filter
 * @param strideHeight rows from one position of a filter to the next
 * @param strideWidth columns from one position of a filter to the next
 * @param paddingHeight rows of zeros above the picture, and as many below
 * @param paddingWidth columns of zeros to the left of the picture, and as many to the right
 * @param dilationHeight rows of the picture from one row of a filter to the next; 1 leaves no gap
 * @param dilationWidth columns of the picture from one column of a filter to the next
 * @param groups the parts into which both kinds of channels are cut: filters of a part see the
 *     channels of that part alone
 */
public record Conv2dSpec(
    int batch,
    int inChannels,
    int inHeight,
    int inWidth,
    int outChannels,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth,
    int dilationHeight,
    int dilationWidth,
    int groups) {

  /** Checks the sizes. */
  public Conv2dSpec {
    atLeast("batch", batch, 1);
    atLeast("inChannels", inChannels, 1);
    atLeast("inHeight", inHeight, 1);
    atLeast("inWidth", inWidth, 1);
    atLeast("outChannels", outChannels, 1);
    atLeast("kernelHeight", kernelHeight, 1);
    atLeast("kernelWidth", kernelWidth, 1);
    atLeast("strideHeight", strideHeight, 1);
    atLeast("strideWidth", strideWidth, 1);
    atLeast("paddingHeight", paddingHeight, 0);
    atLeast("paddingWidth", paddingWidth, 0);
    atLeast("dilationHeight", dilationHeight, 1);
    atLeast("dilationWidth", dilationWidth, 1);
    atLeast("groups", groups, 1);
    if (inChannels % groups != 0 || outChannels % groups != 0) {
      throw new IllegalArgumentException(
          "conv2d: inChannels=%d and outChannels=%d are not multiples of groups=%d (choose channels that groups divides)"
              .formatted(inChannels, outChannels, groups));
    }
    fits("Height", kernelHeight, dilationHeight, inHeight, paddingHeight);
    fits("Width", kernelWidth, dilationWidth, inWidth, paddingWidth);
  }

  /**
   * Returns a convolution with square filters, the same stride and padding along both axes, no
   * dilation and one group.
   */
  public static Conv2dSpec of(
      int batch,
      int inChannels,
      int inHeight,
      int inWidth,
      int outChannels,
      int kernel,
      int stride,
      int padding) {
    return new Conv2dSpec(
        batch,
        inChannels,
        inHeight,
        inWidth,
        outChannels,
        kernel,
        kernel,
        stride,
        stride,
        padding,
        padding,
        1,
        1,
        1);
  }

  /** Returns this convolution of another number of pictures. */
  public Conv2dSpec withBatch(int pictures) {
    return with(pictures, dilationHeight, dilationWidth, groups);
  }

  /** Returns this convolution with gaps between the rows and columns of a filter. */
  public Conv2dSpec withDilation(int height, int width) {
    return with(batch, height, width, groups);
  }

  /** Returns this convolution with its channels in groups. */
  public Conv2dSpec withGroups(int parts) {
    return with(batch, dilationHeight, dilationWidth, parts);
  }

  private Conv2dSpec with(int pictures, int height, int width, int parts) {
    return new Conv2dSpec(
        pictures,
        inChannels,
        inHeight,
        inWidth,
        outChannels,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        height,
        width,
        parts);
  }

  /** Returns the rows P of the output. */
  public int outHeight() {
    return (int)
        ((inHeight + 2L * paddingHeight - extent(kernelHeight, dilationHeight)) / strideHeight + 1);
  }

  /** Returns the columns Q of the output. */
  public int outWidth() {
    return (int)
        ((inWidth + 2L * paddingWidth - extent(kernelWidth, dilationWidth)) / strideWidth + 1);
  }

  /** Returns the input's shape {@code [N,C,H,W]}. */
  public Shape input() {
    return Shape.of(batch, inChannels, inHeight, inWidth);
  }

  /** Returns the filters' shape {@code [K,C/groups,R,S]}. */
  public Shape filter() {
    return Shape.of(outChannels, inChannels / groups, kernelHeight, kernelWidth);
  }

  /** Returns the output's shape {@code [N,K,P,Q]}. */
  public Shape output() {
    return Shape.of(batch, outChannels, outHeight(), outWidth());
  }

  /**
   * Returns the multiplications and additions of the forward pass, {@code 2 N K P Q (C/groups) R
   * S}: those with zeros of the padding are counted as well. Either gradient takes as many.
   */
  public long flops() {
    return 2L
        * batch
        * outChannels
        * outHeight()
        * outWidth()
        * (inChannels / groups)
        * kernelHeight
        * kernelWidth;
  }

  private static long extent(int kernel, int dilation) {
    return dilation * (kernel - 1L) + 1;
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "conv2d: %s=%d (give %d or more)".formatted(name, value, least));
    }
  }

  private static void fits(String axis, int kernel, int dilation, int in, int padding) {
    if (extent(kernel, dilation) > in + 2L * padding) {
      throw new IllegalArgumentException(
          "conv2d: kernel%s=%d with dilation%s=%d covers %d, more than in%s=%d with padding%s=%d on either side (use a smaller kernel or more padding)"
              .formatted(
                  axis, kernel, axis, dilation, extent(kernel, dilation), axis, in, axis, padding));
    }
  }
}

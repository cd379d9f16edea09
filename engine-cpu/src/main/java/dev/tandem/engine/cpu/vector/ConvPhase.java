package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.Conv2dSpec;
import java.util.stream.IntStream;

/**
 * A convolution with stride 1 or more as a matrix product for each picture and group: {@code [rows,
 * p] [p, pixels]} with the filters' elements p and the patches of a {@link ConvLowering}. The
 * forward pass is one; the gradient of the input is one for each remainder of its rows and columns
 * by the stride, because inputs with the same remainders are seen through the same elements of a
 * filter.
 *
 * @param lowering of the picture that is read
 * @param rows the channels of the result in a group
 * @param rowOffsets where a row of the filters' matrix begins
 * @param filterRows the rows of the filter that take part
 * @param filterColumns the columns that take part
 * @param filters where the filters' matrix begins in the workspace; 0 if they are read in place
 * @param start the result's first element in its channel
 * @param rowStride elements from one row of the result to the next
 * @param columnStride elements from one column of the result to the next
 * @param parts the parts into which the rows are cut, so that threads have something to share
 */
record ConvPhase(
    ConvLowering lowering,
    int rows,
    int[] rowOffsets,
    int[] filterRows,
    int[] filterColumns,
    int filters,
    int start,
    int rowStride,
    int columnStride,
    int parts) {

  /** The fewest chunks into which a large product is cut. */
  private static final int SHARED_CHUNKS = 16;

  /** Parts of the rows are not smaller than this, so that the copy of the picture pays. */
  private static final int FEWEST_ROWS = 4 * GemmKernels.ROWS;

  /** Returns the forward pass, which reads the filters as they are. */
  static ConvPhase forward(Conv2dSpec spec) {
    int[] rowShifts =
        IntStream.range(0, spec.kernelHeight())
            .map(r -> r * spec.dilationHeight() - spec.paddingHeight())
            .toArray();
    int[] columnShifts =
        IntStream.range(0, spec.kernelWidth())
            .map(t -> t * spec.dilationWidth() - spec.paddingWidth())
            .toArray();
    ConvLowering lowering =
        new ConvLowering(
            spec.inChannels() / spec.groups(),
            spec.inHeight(),
            spec.inWidth(),
            spec.outHeight(),
            spec.outWidth(),
            spec.strideHeight(),
            spec.strideWidth(),
            rowShifts,
            columnShifts,
            mostPixels(spec, spec.outHeight() * spec.outWidth()));
    return of(spec, lowering, spec.outChannels(), null, null, 0, 0, spec.outWidth(), 1);
  }

  /** Returns the gradient of the input's rows and columns with given remainders; null if none. */
  static ConvPhase backward(Conv2dSpec spec, int remainderRow, int remainderColumn, int filters) {
    int height = ceiling(spec.inHeight() - remainderRow, spec.strideHeight());
    int width = ceiling(spec.inWidth() - remainderColumn, spec.strideWidth());
    if (height <= 0 || width <= 0) {
      return null;
    }
    // Row h sees row i of dy through row r of the filter if i stride = h + padding - r dilation.
    int atRow = remainderRow + spec.paddingHeight();
    int atColumn = remainderColumn + spec.paddingWidth();
    int[] filterRows =
        through(spec.kernelHeight(), spec.dilationHeight(), spec.strideHeight(), atRow);
    int[] filterColumns =
        through(spec.kernelWidth(), spec.dilationWidth(), spec.strideWidth(), atColumn);
    ConvLowering lowering =
        new ConvLowering(
            spec.outChannels() / spec.groups(),
            spec.outHeight(),
            spec.outWidth(),
            height,
            width,
            1,
            1,
            IntStream.of(filterRows)
                .map(r -> (atRow - r * spec.dilationHeight()) / spec.strideHeight())
                .toArray(),
            IntStream.of(filterColumns)
                .map(t -> (atColumn - t * spec.dilationWidth()) / spec.strideWidth())
                .toArray(),
            mostPixels(spec, height * width));
    return of(
        spec,
        lowering,
        spec.inChannels(),
        filterRows,
        filterColumns,
        filters,
        remainderRow * spec.inWidth() + remainderColumn,
        spec.strideHeight() * spec.inWidth(),
        spec.strideWidth());
  }

  private static int[] through(int kernel, int dilation, int stride, int at) {
    return IntStream.range(0, kernel).filter(r -> (at - r * dilation) % stride == 0).toArray();
  }

  private static ConvPhase of(
      Conv2dSpec spec,
      ConvLowering lowering,
      int channels,
      int[] filterRows,
      int[] filterColumns,
      int filters,
      int start,
      int rowStride,
      int columnStride) {
    int rows = channels / spec.groups();
    int length = lowering.offsets().length;
    int[] rowOffsets = IntStream.range(0, rows).map(row -> row * length).toArray();
    long chunks = (long) spec.batch() * spec.groups() * lowering.bands();
    int wanted = (int) Math.max(1, SHARED_CHUNKS / chunks);
    int parts = Math.min(wanted, ceiling(rows, FEWEST_ROWS));
    return new ConvPhase(
        lowering,
        rows,
        rowOffsets,
        filterRows,
        filterColumns,
        filters,
        start,
        rowStride,
        columnStride,
        parts);
  }

  /** Returns the most elements of a band, fewer where there are few pictures to share. */
  private static int mostPixels(Conv2dSpec spec, int pixels) {
    long pictures = (long) spec.batch() * spec.groups();
    int wanted = (int) Math.max(1, SHARED_CHUNKS / pictures);
    return Math.max(ceiling(pixels, wanted), 2 * GemmKernels.COLUMNS);
  }

  private static int ceiling(int dividend, int divisor) {
    return -Math.floorDiv(-dividend, divisor);
  }

  /** Returns the elements of the matrix of a group's filters. */
  int filterElements() {
    return rows * lowering.offsets().length;
  }

  /** Returns the first row of a part, at a multiple of the rows of a tile. */
  int partStart(int part) {
    int tiles = ceiling(rows, GemmKernels.ROWS);
    return Math.min(rows, (int) ((long) tiles * part / parts) * GemmKernels.ROWS);
  }
}

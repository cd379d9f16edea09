package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * A picture laid out so that what one element of a filter sees, at all positions of the filter,
 * lies side by side: a matrix product can then read it as it lies.
 *
 * <p>Element (i, j) of the result sees, through row r and column t of the filter, the picture's
 * element {@code (i stride + rowShifts[r], j stride + columnShifts[t])}, or 0 outside. So for each
 * column of the filter there is one copy of the picture, shifted, with the columns that are needed
 * and no others: then the rows of a copy are as long as those of the result, and the next row of
 * the result sees the next row of the copy. (All patches in full, im2col, would be as many copies
 * as a filter has elements.) With a stride along the height, rows with the same remainder lie
 * together.
 *
 * <p>Large pictures are laid out in bands of some rows of the result.
 */
final class ConvLowering {
  /** The most elements of a band: 512 KiB, half of a second-level cache. */
  private static final int MOST_ELEMENTS = 1 << 17;

  /** A cache line in elements. */
  private static final int LINE = 16;

  private final int channels;
  private final int inHeight;
  private final int inWidth;
  private final int rows;
  private final int columns;
  private final int strideHeight;
  private final int strideWidth;
  private final int[] columnShifts;
  private final int filterRows;
  private final int bandRows;

  /** The remainders of row shifts that occur, and the range of quotients with each. */
  private final int[] remainders;

  private final int[] lowest;
  private final int[] highest;

  /** Where the rows with each remainder begin in a channel. */
  private final int[] starts;

  private final int channelStride;
  private final int copyStride;
  private final int[] offsets;

  /**
   * Works out where everything will lie.
   *
   * @param channels the channels that a filter sees
   * @param inHeight the rows of the picture
   * @param inWidth the columns of the picture
   * @param rows the rows of the result
   * @param columns the columns of the result
   * @param strideHeight rows of the picture from one row of the result to the next
   * @param strideWidth the same for columns
   * @param rowShifts for each row of the filter
   * @param columnShifts for each column of the filter
   * @param mostPixels the most elements of a band's result
   */
  ConvLowering(
      int channels,
      int inHeight,
      int inWidth,
      int rows,
      int columns,
      int strideHeight,
      int strideWidth,
      int[] rowShifts,
      int[] columnShifts,
      int mostPixels) {
    this.channels = channels;
    this.inHeight = inHeight;
    this.inWidth = inWidth;
    this.rows = rows;
    this.columns = columns;
    this.strideHeight = strideHeight;
    this.strideWidth = strideWidth;
    this.columnShifts = columnShifts;
    filterRows = rowShifts.length;
    remainders =
        Arrays.stream(rowShifts)
            .map(u -> Math.floorMod(u, strideHeight))
            .distinct()
            .sorted()
            .toArray();
    lowest = new int[remainders.length];
    highest = new int[remainders.length];
    starts = new int[remainders.length];
    int extra = 0;
    for (int f = 0; f < remainders.length; f++) {
      int remainder = remainders[f];
      int[] quotients =
          Arrays.stream(rowShifts)
              .filter(u -> Math.floorMod(u, strideHeight) == remainder)
              .map(u -> Math.floorDiv(u, strideHeight))
              .sorted()
              .toArray();
      lowest[f] = quotients[0];
      highest[f] = quotients[quotients.length - 1];
      extra += highest[f] - lowest[f];
    }
    bandRows = bandRows(extra, mostPixels);
    int at = 0;
    for (int f = 0; f < remainders.length; f++) {
      starts[f] = at;
      at += (bandRows + highest[f] - lowest[f]) * columns;
    }
    // An odd number of cache lines, so that channels do not meet in the same sets of the cache.
    channelStride = ((at + LINE - 1) / LINE | 1) * LINE;
    copyStride = channels * channelStride;
    offsets = offsets(rowShifts);
  }

  private int bandRows(int extra, int mostPixels) {
    long rowElements = (long) columnShifts.length * channels * columns;
    long fitting =
        (MOST_ELEMENTS / Math.max(1, rowElements) - extra) / Math.max(1, remainders.length);
    long allowed = Math.min(fitting, mostPixels / columns);
    int bands = (int) ((rows + Math.max(1, allowed) - 1) / Math.max(1, allowed));
    return (rows + bands - 1) / bands;
  }

  private int[] offsets(int[] rowShifts) {
    int[] table = new int[channels * filterRows * columnShifts.length];
    int p = 0;
    for (int c = 0; c < channels; c++) {
      for (int u : rowShifts) {
        int f = Arrays.binarySearch(remainders, Math.floorMod(u, strideHeight));
        int row = Math.floorDiv(u, strideHeight) - lowest[f];
        for (int t = 0; t < columnShifts.length; t++) {
          table[p++] = t * copyStride + c * channelStride + starts[f] + row * columns;
        }
      }
    }
    return table;
  }

  /**
   * Returns where the first element lies that element (c, r, t) of a filter sees, in the order in
   * which filters are stored.
   */
  int[] offsets() {
    return offsets;
  }

  /** Returns the columns of the result. */
  int columns() {
    return columns;
  }

  /** Returns the rows of the result. */
  int rows() {
    return rows;
  }

  /** Returns the number of bands of a picture. */
  int bands() {
    return (rows + bandRows - 1) / bandRows;
  }

  /** Returns the first row of a band; that of the band after the last is the number of rows. */
  int bandStart(int band) {
    return Math.min(rows, band * bandRows);
  }

  /** Returns the most elements of a band's result. */
  int bandPixels() {
    return bandRows * columns;
  }

  /** Returns the elements of scratch memory; kernels may read a tile past the last row. */
  int scratch() {
    return columnShifts.length * copyStride + 2 * GemmKernels.COLUMNS;
  }

  /**
   * Lays out the part of a picture that a band sees.
   *
   * @param x the picture, whose channels begin at {@code at}
   * @param band the number of the band
   * @param scratch overwritten
   */
  void copy(float[] x, int at, int band, float[] scratch) {
    int first = bandStart(band);
    int count = bandStart(band + 1) - first;
    for (int t = 0; t < columnShifts.length; t++) {
      int shift = columnShifts[t];
      int low = Math.min(columns, Math.max(0, ceiling(-shift, strideWidth)));
      int high = Math.max(low, Math.min(columns, ceiling(inWidth - shift, strideWidth)));
      // From the last vector of a row to the first, because each is stored whole.
      for (int j = (columns - 1) / LENGTH * LENGTH; j >= 0; j -= LENGTH) {
        for (int c = 0; c < channels; c++) {
          int from = at + c * inHeight * inWidth;
          int to = t * copyStride + c * channelStride + j;
          for (int f = 0; f < remainders.length; f++) {
            copyRows(
                x,
                from + shift + j * strideWidth,
                low - j,
                high - j,
                first + lowest[f],
                count + highest[f] - lowest[f],
                remainders[f],
                scratch,
                to + starts[f]);
          }
        }
      }
    }
  }

  private static int ceiling(int dividend, int divisor) {
    return -Math.floorDiv(-dividend, divisor);
  }

  /** Copies one vector of each of some rows: lanes from low to below high, 0 into the others. */
  private void copyRows(
      float[] x,
      int from,
      int low,
      int high,
      int firstQuotient,
      int count,
      int remainder,
      float[] scratch,
      int to) {
    int inside = Math.max(0, ceiling(-remainder, strideHeight) - firstQuotient);
    int begin = Math.min(count, inside);
    int end =
        Math.max(
            begin, Math.min(count, ceiling(inHeight - remainder, strideHeight) - firstQuotient));
    zeros(scratch, to, begin);
    int row = from + (firstQuotient * strideHeight + remainder) * inWidth;
    if (strideWidth == 1) {
      copyRows(
          x,
          row + begin * strideHeight * inWidth,
          low,
          high,
          end - begin,
          scratch,
          to + begin * columns);
    } else if (strideWidth == 2) {
      copyPairs(
          x,
          row + begin * strideHeight * inWidth,
          low,
          high,
          end - begin,
          scratch,
          to + begin * columns);
    } else {
      gatherRows(
          x,
          row + begin * strideHeight * inWidth,
          low,
          high,
          end - begin,
          scratch,
          to + begin * columns);
    }
    zeros(scratch, to + end * columns, count - end);
  }

  private void zeros(float[] scratch, int to, int count) {
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i++) {
      zero.intoArray(scratch, to + i * columns);
    }
  }

  private void copyRows(
      float[] x, int from, int low, int high, int count, float[] scratch, int to) {
    int next = strideHeight * inWidth;
    if (low <= 0 && high >= LENGTH) {
      for (int i = 0; i < count; i++) {
        FloatVector.fromArray(FLOATS, x, from + i * next).intoArray(scratch, to + i * columns);
      }
    } else if (from >= 0 && from + (count - 1) * next + LENGTH <= x.length) {
      // Faster than masked loads, which also have to look out for the end of the array.
      VectorMask<Float> outside =
          FLOATS.indexInRange(0, high).not().or(FLOATS.indexInRange(0, low));
      for (int i = 0; i < count; i++) {
        FloatVector.fromArray(FLOATS, x, from + i * next)
            .blend(0f, outside)
            .intoArray(scratch, to + i * columns);
      }
    } else {
      // At an end of the array a masked load makes objects.
      int first = Math.max(0, low);
      int length = Math.max(0, Math.min(LENGTH, high) - first);
      zeros(scratch, to, count);
      for (int i = 0; i < count; i++) {
        System.arraycopy(x, from + i * next + first, scratch, to + i * columns + first, length);
      }
    }
  }

  /** Copies every other element of rows. */
  private void copyPairs(
      float[] x, int from, int low, int high, int count, float[] scratch, int to) {
    int next = strideHeight * inWidth;
    int end = 2 * high - 1;
    VectorMask<Float> first = FLOATS.indexInRange(0, end).andNot(FLOATS.indexInRange(0, 2 * low));
    VectorMask<Float> second =
        FLOATS.indexInRange(0, end - LENGTH).andNot(FLOATS.indexInRange(0, 2 * low - LENGTH));
    for (int i = 0; i < count; i++) {
      int row = from + i * next;
      FloatVector left = FloatVector.fromArray(FLOATS, x, row, first);
      FloatVector right = FloatVector.fromArray(FLOATS, x, row + LENGTH, second);
      Pairs.even(left, right).intoArray(scratch, to + i * columns);
    }
  }

  private void gatherRows(
      float[] x, int from, int low, int high, int count, float[] scratch, int to) {
    int first = Math.max(0, low);
    int last = Math.min(LENGTH, high);
    for (int i = 0; i < count; i++) {
      int row = from + i * strideHeight * inWidth;
      int at = to + i * columns;
      for (int j = 0; j < first; j++) {
        scratch[at + j] = 0;
      }
      for (int j = first; j < last; j++) {
        scratch[at + j] = x[row + j * strideWidth];
      }
      for (int j = Math.max(first, last); j < LENGTH; j++) {
        scratch[at + j] = 0;
      }
    }
  }
}

package dev.tandem.engine.conformance;

import dev.tandem.engine.Conv2dSpec;

/**
 * The convolutions that {@link Conv2dConformance} checks: batch, inChannels, inHeight, inWidth,
 * outChannels, then height and width of kernel, stride, padding and dilation, then groups.
 */
final class Conv2dSizes {
  /** Every kind of sizes. */
  static final int[][] ALL_KINDS = {
    // pictures of one pixel, filters as large as the picture
    {2, 3, 1, 1, 4, 1, 1, 1, 1, 0, 0, 1, 1, 1},
    {1, 2, 1, 1, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {2, 3, 5, 4, 6, 5, 4, 1, 1, 0, 0, 1, 1, 1},
    {1, 1, 1, 1, 1, 1, 1, 3, 3, 0, 0, 1, 1, 1},
    // primes, filters that are not square, more padding than the filter reaches
    {3, 5, 7, 11, 13, 3, 2, 1, 1, 1, 0, 1, 1, 1},
    {1, 2, 4, 5, 3, 2, 2, 1, 1, 2, 2, 1, 1, 1},
    {1, 7, 1, 23, 11, 1, 5, 1, 1, 0, 2, 1, 1, 1},
    {1, 7, 23, 1, 5, 5, 1, 1, 1, 2, 0, 1, 1, 1},
    // strides, also longer than the filter, and rows of the input that no filter sees
    {2, 3, 9, 8, 5, 3, 3, 2, 2, 1, 1, 1, 1, 1},
    {1, 2, 13, 11, 3, 2, 3, 3, 1, 0, 2, 1, 1, 1},
    {2, 3, 7, 8, 4, 1, 1, 2, 3, 0, 0, 1, 1, 1},
    {1, 2, 8, 10, 3, 3, 3, 3, 3, 2, 2, 1, 1, 1},
    {1, 4, 6, 37, 9, 3, 3, 2, 2, 1, 1, 1, 1, 1},
    // dilations, with strides too
    {1, 3, 9, 10, 4, 3, 3, 1, 1, 2, 2, 2, 2, 1},
    {2, 2, 11, 9, 3, 3, 2, 2, 1, 1, 1, 2, 1, 1},
    {1, 2, 11, 12, 3, 3, 3, 2, 2, 2, 2, 2, 2, 1},
    // groups: two, one channel each, several filters for a channel
    {2, 4, 6, 7, 6, 3, 3, 1, 1, 1, 1, 1, 1, 2},
    {2, 5, 7, 9, 5, 3, 3, 1, 1, 1, 1, 1, 1, 5},
    {1, 3, 8, 6, 9, 3, 3, 2, 2, 1, 1, 1, 1, 3},
    {1, 2, 5, 37, 2, 3, 3, 1, 1, 1, 1, 1, 1, 2},
    {1, 4, 6, 131, 4, 5, 5, 1, 1, 2, 2, 1, 1, 4},
    // one filter element, and the first layers of grey and of coloured pictures
    {2, 19, 5, 5, 33, 1, 1, 1, 1, 0, 0, 1, 1, 1},
    {2, 1, 9, 12, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {1, 3, 10, 10, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    // nine elements for each filter: odd numbers of filters, few pixels, several channels, strides
    {3, 1, 28, 28, 7, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {2, 1, 5, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {2, 1, 33, 37, 5, 3, 3, 2, 2, 1, 1, 1, 1, 1},
    {5, 3, 8, 6, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {2, 9, 5, 7, 8, 1, 1, 1, 1, 0, 0, 1, 1, 1},
    {1, 6, 9, 7, 9, 3, 3, 1, 1, 1, 1, 2, 1, 3}
  };

  /**
   * Filters of 3 x 3 and stride 1 with many channels, which may be computed on transformed tiles
   * (Lavin and Gray 2016): pictures smaller than a tile, a little smaller and larger than some
   * tiles, with every padding; channels at and beside multiples of lanes; blocks of tiles that end
   * within a picture or go over several.
   */
  static final int[][] TILED = {
    {1, 16, 1, 1, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {2, 17, 1, 2, 18, 3, 3, 1, 1, 2, 2, 1, 1, 1},
    {1, 16, 2, 3, 19, 3, 3, 1, 1, 1, 2, 1, 1, 1},
    {2, 20, 3, 3, 16, 3, 3, 1, 1, 0, 0, 1, 1, 1},
    {1, 18, 3, 4, 17, 3, 3, 1, 1, 0, 1, 1, 1, 1},
    {3, 16, 4, 4, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {1, 33, 4, 5, 16, 3, 3, 1, 1, 2, 1, 1, 1, 1},
    {2, 24, 5, 5, 20, 3, 3, 1, 1, 0, 0, 1, 1, 1},
    {1, 31, 5, 4, 32, 3, 3, 1, 1, 1, 0, 1, 1, 1},
    {1, 16, 5, 5, 47, 3, 3, 1, 1, 2, 2, 1, 1, 1},
    {2, 16, 6, 6, 16, 3, 3, 1, 1, 0, 0, 1, 1, 1},
    {1, 17, 8, 7, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {1, 19, 11, 23, 21, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {7, 16, 9, 12, 18, 3, 3, 1, 1, 2, 0, 1, 1, 1},
    {1, 16, 3, 41, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1}
  };

  /** Enough for several threads, for bands of a picture and for parts of the channels. */
  static final int[][] LARGE = {
    {4, 8, 10, 9, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {2, 4, 23, 19, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {1, 67, 9, 9, 101, 1, 1, 1, 1, 0, 0, 1, 1, 1},
    {17, 10, 9, 9, 20, 3, 3, 2, 2, 1, 1, 1, 1, 1},
    {5, 8, 33, 17, 8, 5, 5, 1, 1, 2, 2, 1, 1, 8}
  };

  private Conv2dSizes() {}

  /** Returns the sizes as a specification. */
  static Conv2dSpec spec(int... s) {
    return new Conv2dSpec(
        s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13]);
  }
}

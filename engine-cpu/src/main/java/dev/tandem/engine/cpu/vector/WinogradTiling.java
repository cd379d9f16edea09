package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Conv2dSpec;

/**
 * How one direction of a convolution is cut into tiles for Winograd's method, and where everything
 * lies.
 *
 * <p>The result is cut into tiles of {@link #TILE} rows and columns; a tile sees a patch of {@link
 * #PATCH} rows and columns of the picture, at an offset that is minus the padding. Rows of tiles
 * are numbered through all pictures of the batch. A block is some of them: as many as fill the
 * kernels and leave the transformed patches in the second-level cache.
 *
 * <p>Three kinds of transformed matrices, one each for the {@link #POINTS} points:
 *
 * <pre>{@code
 * patches  [tile][channel]             channels filled up to whole vectors
 * filters  [panel][channel][column]    a panel is as many filters as a tile of the kernels is wide
 * products [panel][tile][column]
 * }</pre>
 *
 * <p>From one point to the next is an odd number of cache lines, so that the 36 elements of a tile,
 * which are read and written together, do not meet in the same set of the first-level cache.
 *
 * @param batch the pictures
 * @param inChannels the channels of the picture that is read
 * @param inHeight its rows
 * @param inWidth its columns
 * @param outChannels the channels of the result
 * @param outHeight its rows
 * @param outWidth its columns
 * @param paddingHeight rows of zeros above the picture
 * @param paddingWidth columns of zeros to the left
 * @param blockRows the rows of tiles in a block
 */
record WinogradTiling(
    int batch,
    int inChannels,
    int inHeight,
    int inWidth,
    int outChannels,
    int outHeight,
    int outWidth,
    int paddingHeight,
    int paddingWidth,
    int blockRows) {

  /** The rows and the columns of the result's tiles. */
  static final int TILE = 4;

  /** The rows and columns of the filters. */
  static final int KERNEL = 3;

  /** The rows and columns that a tile sees. */
  static final int PATCH = TILE + KERNEL - 1;

  /** The products of an element of a filter and an element of a patch, both transformed. */
  static final int POINTS = PATCH * PATCH;

  /** The fewest channels on either side for which fewer products pay for the transforms. */
  private static final int FEWEST_CHANNELS = 16;

  /**
   * The fewest products in the sums of a filter's gradient: with 16 the error of a tile exceeded
   * what so short a sum is allowed, with 36 it was 0.4 of it.
   */
  private static final int FEWEST_TERMS = 64;

  /** The least ratio of products, direct to transformed, that pays for the transforms. */
  private static final int LEAST_GAIN = 2;

  /** The most elements of a block's transformed patches and products: half of 1 MiB. */
  private static final int BLOCK_ELEMENTS = 1 << 17;

  /** Blocks have about so many tiles at least, each of which uses the filters once. */
  private static final int FEWEST_TILES = 32;

  private static final int MOST_TILES = 96;

  /** Blocks are cut smaller, to this many tiles, where there is too little for all threads. */
  private static final int SHARED_TILES = 16;

  /** The fewest blocks into which a batch is cut if that leaves enough tiles in each. */
  private static final int SHARED_BLOCKS = 8;

  /** A cache line in elements. */
  private static final int LINE = 16;

  /** Returns the tiling of the forward pass; null if the method does not suit it. */
  static WinogradTiling forward(Conv2dSpec spec) {
    return suits(spec) ? accurate(plain(spec)) : null;
  }

  /** Returns that of the input's gradient, where dY meets the filters turned round; or null. */
  static WinogradTiling backward(Conv2dSpec spec) {
    if (!suits(spec)) {
      return null;
    }
    return accurate(
        of(
            spec.batch(),
            spec.outChannels(),
            spec.outHeight(),
            spec.outWidth(),
            spec.inChannels(),
            spec.inHeight(),
            spec.inWidth(),
            KERNEL - 1 - spec.paddingHeight(),
            KERNEL - 1 - spec.paddingWidth()));
  }

  /** Returns that of the filters' gradient, on the tiles of the forward pass; or null. */
  static WinogradTiling filter(Conv2dSpec spec) {
    if (!suits(spec)) {
      return null;
    }
    // The fewest positions at which an element of a filter, one in a corner, meets a picture.
    long terms =
        (long) spec.batch()
            * (spec.inHeight() + spec.paddingHeight() + 1 - KERNEL)
            * (spec.inWidth() + spec.paddingWidth() + 1 - KERNEL);
    WinogradTiling tiling = plain(spec);
    return terms >= FEWEST_TERMS && tiling.pays() ? tiling : null;
  }

  private static WinogradTiling plain(Conv2dSpec spec) {
    return of(
        spec.batch(),
        spec.inChannels(),
        spec.inHeight(),
        spec.inWidth(),
        spec.outChannels(),
        spec.outHeight(),
        spec.outWidth(),
        spec.paddingHeight(),
        spec.paddingWidth());
  }

  private static boolean suits(Conv2dSpec spec) {
    return spec.kernelHeight() == KERNEL
        && spec.kernelWidth() == KERNEL
        && spec.strideHeight() == 1
        && spec.strideWidth() == 1
        && spec.dilationHeight() == 1
        && spec.dilationWidth() == 1
        && spec.groups() == 1
        && spec.paddingHeight() < KERNEL
        && spec.paddingWidth() < KERNEL
        && spec.inChannels() >= FEWEST_CHANNELS
        && spec.outChannels() >= FEWEST_CHANNELS;
  }

  /**
   * Returns a tiling that pays and whose corners are sums of enough products, otherwise null. A
   * corner that sees one element of each channel has the error of its whole tile, 6 times what the
   * sum of so few products is allowed; with two by two elements it is 0.4 of that at most.
   */
  private static WinogradTiling accurate(WinogradTiling tiling) {
    int rows = Math.min(KERNEL - tiling.paddingHeight, tiling.inHeight);
    int columns = Math.min(KERNEL - tiling.paddingWidth, tiling.inWidth);
    return rows >= 2 && columns >= 2 && tiling.pays() ? tiling : null;
  }

  /** Tiles that reach over the edges of a small result are work for nothing. */
  private boolean pays() {
    long products = (long) POINTS * tileRows() * tileColumns();
    long direct = (long) KERNEL * KERNEL * outHeight * outWidth;
    return LEAST_GAIN * products <= direct;
  }

  private static WinogradTiling of(
      int batch,
      int inChannels,
      int inHeight,
      int inWidth,
      int outChannels,
      int outHeight,
      int outWidth,
      int paddingHeight,
      int paddingWidth) {
    int rows = batch * ceiling(outHeight, TILE);
    int columns = ceiling(outWidth, TILE);
    return new WinogradTiling(
        batch,
        inChannels,
        inHeight,
        inWidth,
        outChannels,
        outHeight,
        outWidth,
        paddingHeight,
        paddingWidth,
        blockRows(rows, columns, inChannels + outChannels));
  }

  private static int blockRows(int rows, int columns, int channels) {
    int tiles = Math.clamp(BLOCK_ELEMENTS / ((long) POINTS * channels), FEWEST_TILES, MOST_TILES);
    int rowsOfKernel = GemmKernels.ROWS / gcd(GemmKernels.ROWS, columns);
    int wanted = tiles / columns / rowsOfKernel * rowsOfKernel;
    int shared = Math.max(ceiling(rows, SHARED_BLOCKS), ceiling(SHARED_TILES, columns));
    return Math.min(rows, Math.min(wanted == 0 ? ceiling(tiles, columns) : wanted, shared));
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  static int ceiling(int dividend, int divisor) {
    return -Math.floorDiv(-dividend, divisor);
  }

  /** Returns the rows of tiles of a picture. */
  int tileRows() {
    return ceiling(outHeight, TILE);
  }

  /** Returns the tiles of a row. */
  int tileColumns() {
    return ceiling(outWidth, TILE);
  }

  /** Returns the rows of tiles of all pictures. */
  int allRows() {
    return batch * tileRows();
  }

  int blocks() {
    return ceiling(allRows(), blockRows);
  }

  /** Returns the first row of tiles of a block; that of the block after the last is the end. */
  int blockStart(int block) {
    return Math.min(allRows(), block * blockRows);
  }

  /** Returns the first row of tiles of the next picture, or the end of the block. */
  int nextPicture(int row, int last) {
    return Math.min(last, (row / tileRows() + 1) * tileRows());
  }

  /** Returns the most tiles of a block. */
  int blockTiles() {
    return blockRows * tileColumns();
  }

  /** Returns the most rows of tiles of a block that are of the same picture. */
  int pictureRows() {
    return Math.min(blockRows, tileRows());
  }

  /** Returns the elements from one tile's channels to the next. */
  int patchWidth() {
    return ceiling(inChannels, LENGTH) * LENGTH;
  }

  /** Returns the panels of filters. */
  int panels() {
    return ceiling(outChannels, GemmKernels.COLUMNS);
  }

  /** Returns the elements from one point of the patches to the next. */
  int patchStride() {
    return odd(blockTiles() * patchWidth());
  }

  /** Returns the elements from one point of the filters to the next. */
  int filterStride() {
    return odd(panels() * inChannels * GemmKernels.COLUMNS);
  }

  /** Returns the elements from one point of the products to the next. */
  int productStride() {
    return odd(panels() * blockTiles() * GemmKernels.COLUMNS);
  }

  /** Returns the elements of the transformed filters. */
  long filters() {
    return (long) POINTS * filterStride();
  }

  private static int odd(int elements) {
    return (ceiling(elements, LINE) | 1) * LINE;
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;
import static dev.tandem.engine.cpu.vector.WinogradTiling.KERNEL;
import static dev.tandem.engine.cpu.vector.WinogradTiling.PATCH;
import static dev.tandem.engine.cpu.vector.WinogradTiling.POINTS;
import static dev.tandem.engine.cpu.vector.WinogradTiling.TILE;

import java.util.Arrays;

/**
 * The gradient of filters by Winograd's method: what {@link WinogradProductJob} computes is linear
 * in the transformed filters U, so {@code dU = sum over tiles of (B^T d B) . (A dY A^T)} and {@code
 * dW = G^T dU G}. For each of the 36 points the sum is a product of matrices {@code [channel,tile]
 * [tile,filter]}.
 *
 * <p>A chunk is a share of the blocks of tiles. Its dU stays with its thread; its dW goes to the
 * workspace, in the order of {@link ConvSharesJob}, which adds all shares in order. How many there
 * are is decided by the sizes.
 */
final class WinogradFilterJob implements Workers.Task {
  /** The most shares: each begins with clearing and ends with transforming a dU. */
  private static final int MOST_SHARES = 8;

  /** The most elements of all sums: 8 MiB. */
  private static final int MOST_SUMS = 1 << 21;

  private final WinogradScratch[] scratch;
  private WinogradTiling tiling;
  private float[] x;
  private int atX;
  private float[] dy;
  private int atDy;
  private float[] sums;
  private int atSums;

  WinogradFilterJob(WinogradScratch[] scratch) {
    this.scratch = scratch;
  }

  /** Sets the operands; the tiling is that of the forward pass. */
  void set(
      WinogradTiling theTiling,
      float[] theX,
      int theAtX,
      float[] theDy,
      int theAtDy,
      float[] theSums,
      int theAtSums) {
    tiling = theTiling;
    x = theX;
    atX = theAtX;
    dy = theDy;
    atDy = theAtDy;
    sums = theSums;
    atSums = theAtSums;
  }

  /** Returns the number of shares. */
  static int shares(WinogradTiling tiling) {
    int fitting = Math.clamp(MOST_SUMS / shareSums(tiling), 1, MOST_SHARES);
    return Math.min(tiling.blocks(), fitting);
  }

  /** Returns the elements from an element of a filter to the next in the sums of a share. */
  static int sumsWidth(WinogradTiling tiling) {
    return WinogradTiling.ceiling(tiling.outChannels(), LENGTH) * LENGTH;
  }

  /** Returns the elements of the sums of all shares. */
  static long workspace(WinogradTiling tiling) {
    return shares(tiling) * shareSums(tiling);
  }

  private static long shareSums(WinogradTiling tiling) {
    return (long) tiling.inChannels() * KERNEL * KERNEL * sumsWidth(tiling);
  }

  @Override
  public void run(int chunk, int worker) {
    int shares = shares(tiling);
    WinogradScratch memory = scratch[worker];
    int filters = (int) tiling.filters();
    Arrays.fill(memory.floats, memory.atSums, memory.atSums + filters, 0);
    int end = (int) ((long) tiling.blocks() * (chunk + 1) / shares);
    for (int block = (int) ((long) tiling.blocks() * chunk / shares); block < end; block++) {
      int first = tiling.blockStart(block);
      int last = tiling.blockStart(block + 1);
      for (int row = first; row < last; row = tiling.nextPicture(row, last)) {
        int rows = tiling.nextPicture(row, last) - row;
        WinogradPatches.transform(tiling, x, atX, row, rows, row - first, memory);
        gradients(row, rows, row - first, memory);
      }
      multiply((last - first) * tiling.tileColumns(), memory);
    }
    results(atSums + chunk * (int) shareSums(tiling), memory);
  }

  /** Transforms dY of some rows of tiles of a picture, {@code A dY A^T}. */
  private void gradients(int row, int rows, int blockRow, WinogradScratch memory) {
    int picture = row / tiling.tileRows();
    int top = row % tiling.tileRows() * TILE;
    int plane = tiling.outHeight() * tiling.outWidth();
    int width = tiling.tileColumns() * TILE;
    WinogradBand.clear(memory, width, 0, tiling.outWidth());
    for (int k = 0; k < tiling.outChannels(); k += LENGTH) {
      WinogradBand.load(
          dy,
          atDy + (picture * tiling.outChannels() + k) * plane,
          plane,
          Math.min(LENGTH, tiling.outChannels() - k),
          tiling.outHeight(),
          tiling.outWidth(),
          top,
          rows * TILE,
          memory);
      int to =
          k / GemmKernels.COLUMNS * tiling.blockTiles() * GemmKernels.COLUMNS
              + k % GemmKernels.COLUMNS;
      for (int i = 0; i < rows; i++) {
        int tile = (blockRow + i) * tiling.tileColumns();
        gradientTiles(i, to + tile * GemmKernels.COLUMNS, width, memory);
      }
    }
  }

  private void gradientTiles(int row, int to, int width, WinogradScratch memory) {
    WinogradTransforms.gradient(
        memory.floats,
        memory.atBand + row * TILE * tiling.outWidth() * LENGTH,
        tiling.outWidth() * LENGTH,
        LENGTH,
        tiling.outWidth(),
        memory.floats,
        memory.atColumns,
        width * LENGTH,
        LENGTH);
    int stride = tiling.productStride();
    for (int column = 0; column < tiling.tileColumns(); column++) {
      WinogradTransforms.gradient(
          memory.floats,
          memory.atColumns + column * TILE * LENGTH,
          LENGTH,
          width * LENGTH,
          PATCH,
          memory.floats,
          memory.atProducts + to + column * GemmKernels.COLUMNS,
          stride,
          PATCH * stride);
    }
  }

  private void multiply(int tiles, WinogradScratch memory) {
    int channels = tiling.inChannels();
    for (int point = 0; point < POINTS; point++) {
      for (int panel = 0; panel < tiling.panels(); panel++) {
        int from =
            point * tiling.productStride() + panel * tiling.blockTiles() * GemmKernels.COLUMNS;
        int to = point * tiling.filterStride() + panel * channels * GemmKernels.COLUMNS;
        int c = 0;
        while (c < channels) {
          int place = to + c * GemmKernels.COLUMNS;
          c +=
              GemmKernels.tile(
                  channels - c,
                  tiles,
                  memory.floats,
                  memory.atPatches + point * tiling.patchStride() + c,
                  1,
                  tiling.patchWidth(),
                  memory.floats,
                  memory.atProducts + from,
                  GemmKernels.COLUMNS,
                  memory.floats,
                  memory.atSums + place,
                  GemmKernels.COLUMNS,
                  memory.floats,
                  memory.atSums + place,
                  GemmKernels.COLUMNS);
        }
      }
    }
  }

  /** Transforms the share's dU. */
  private void results(int to, WinogradScratch memory) {
    int width = sumsWidth(tiling);
    int stride = tiling.filterStride();
    for (int k = 0; k < tiling.outChannels(); k += LENGTH) {
      int panel = k / GemmKernels.COLUMNS * tiling.inChannels() * GemmKernels.COLUMNS;
      for (int c = 0; c < tiling.inChannels(); c++) {
        int from = panel + c * GemmKernels.COLUMNS + k % GemmKernels.COLUMNS;
        WinogradTransforms.filterGradient(
            memory.floats,
            memory.atSums + from,
            PATCH * stride,
            stride,
            PATCH,
            memory.floats,
            memory.atTiles,
            PATCH * LENGTH,
            LENGTH);
        WinogradTransforms.filterGradient(
            memory.floats,
            memory.atTiles,
            LENGTH,
            PATCH * LENGTH,
            KERNEL,
            memory.floats,
            memory.atBand,
            LENGTH,
            KERNEL * LENGTH);
        WinogradTransforms.ninths(
            memory.floats, memory.atBand, sums, to + c * KERNEL * KERNEL * width + k, width);
      }
    }
  }
}

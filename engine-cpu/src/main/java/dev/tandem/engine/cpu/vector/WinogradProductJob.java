package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;
import static dev.tandem.engine.cpu.vector.WinogradTiling.PATCH;
import static dev.tandem.engine.cpu.vector.WinogradTiling.POINTS;
import static dev.tandem.engine.cpu.vector.WinogradTiling.TILE;

import dev.tandem.engine.Activation;

/**
 * Convolutions by Winograd's method, {@code Y = A^T [(G g G^T) . (B^T d B)] A} summed over the
 * channels (Lavin and Gray 2016, equation 11): a chunk is a block of tiles. It transforms the
 * patches d that the tiles see, multiplies them with the transformed filters, a product of matrices
 * {@code [tile,channel] [channel,filter]} for each of 36 points, and transforms the products back.
 */
final class WinogradProductJob implements Workers.Task {
  private final WinogradScratch[] scratch;
  private WinogradTiling tiling;
  private float[] in;
  private int atIn;
  private float[] filters;
  private int atFilters;
  private float[] bias;
  private int atBias;
  private Activation activation;
  private float[] out;
  private int atOut;

  WinogradProductJob(WinogradScratch[] scratch) {
    this.scratch = scratch;
  }

  /**
   * Sets the operands.
   *
   * @param theFilters as {@link WinogradFilters} transforms them
   * @param theBias null for none
   */
  void set(
      WinogradTiling theTiling,
      float[] theIn,
      int theAtIn,
      float[] theFilters,
      int theAtFilters,
      float[] theBias,
      int theAtBias,
      Activation theActivation,
      float[] theOut,
      int theAtOut) {
    tiling = theTiling;
    in = theIn;
    atIn = theAtIn;
    filters = theFilters;
    atFilters = theAtFilters;
    bias = theBias;
    atBias = theAtBias;
    activation = theActivation;
    out = theOut;
    atOut = theAtOut;
  }

  @Override
  public void run(int chunk, int worker) {
    int first = tiling.blockStart(chunk);
    int last = tiling.blockStart(chunk + 1);
    WinogradScratch memory = scratch[worker];
    for (int row = first; row < last; row = tiling.nextPicture(row, last)) {
      WinogradPatches.transform(
          tiling, in, atIn, row, tiling.nextPicture(row, last) - row, row - first, memory);
    }
    multiply((last - first) * tiling.tileColumns(), memory);
    for (int row = first; row < last; row = tiling.nextPicture(row, last)) {
      results(row, tiling.nextPicture(row, last) - row, row - first, memory);
    }
  }

  private void multiply(int tiles, WinogradScratch memory) {
    int channels = tiling.inChannels();
    int panelOfFilters = channels * GemmKernels.COLUMNS;
    int panelOfProducts = tiling.blockTiles() * GemmKernels.COLUMNS;
    for (int point = 0; point < POINTS; point++) {
      for (int panel = 0; panel < tiling.panels(); panel++) {
        int from = atFilters + point * tiling.filterStride() + panel * panelOfFilters;
        int to = point * tiling.productStride() + panel * panelOfProducts;
        int tile = 0;
        while (tile < tiles) {
          tile +=
              GemmKernels.tile(
                  tiles - tile,
                  channels,
                  memory.floats,
                  memory.atPatches + point * tiling.patchStride() + tile * tiling.patchWidth(),
                  tiling.patchWidth(),
                  1,
                  filters,
                  from,
                  GemmKernels.COLUMNS,
                  GemmKernels.ZEROS,
                  0,
                  0,
                  memory.floats,
                  memory.atProducts + to + tile * GemmKernels.COLUMNS,
                  GemmKernels.COLUMNS);
        }
      }
    }
  }

  /**
   * Transforms the products of some rows of tiles of a picture, the first at a row of the block.
   */
  private void results(int row, int rows, int blockRow, WinogradScratch memory) {
    int picture = row / tiling.tileRows();
    int top = row % tiling.tileRows() * TILE;
    int count = Math.min(rows * TILE, tiling.outHeight() - top) * tiling.outWidth();
    int plane = tiling.outHeight() * tiling.outWidth();
    for (int k = 0; k < tiling.outChannels(); k += LENGTH) {
      int from =
          k / GemmKernels.COLUMNS * tiling.blockTiles() * GemmKernels.COLUMNS
              + k % GemmKernels.COLUMNS
              + blockRow * tiling.tileColumns() * GemmKernels.COLUMNS;
      int channels = Math.min(LENGTH, tiling.outChannels() - k);
      loadBias(k, channels, memory);
      tiles(rows, from, memory);
      float least = activation == Activation.RELU ? 0 : Float.NEGATIVE_INFINITY;
      WinogradTransforms.finish(memory.floats, memory.atBand, count, memory.atColumns, least);
      if (activation != Activation.IDENTITY && activation != Activation.RELU) {
        int band = memory.atBand;
        float[] floats = memory.floats;
        VectorActivations.forwardRange(activation, floats, band, floats, band, count * LENGTH);
      }
      int to = atOut + (picture * tiling.outChannels() + k) * plane + top * tiling.outWidth();
      WinogradBand.store(memory, count, channels, out, to, plane);
    }
  }

  private void loadBias(int k, int channels, WinogradScratch memory) {
    for (int lane = 0; lane < LENGTH; lane++) {
      memory.floats[memory.atColumns + lane] =
          bias == null || lane >= channels ? 0 : bias[atBias + k + lane];
    }
  }

  /**
   * Transforms rows of tiles into a band as wide as the result. What the last tile of a row has too
   * much falls on the next row's first elements: tiles go from right to left, so that those are
   * written later.
   */
  private void tiles(int rows, int from, WinogradScratch memory) {
    int width = tiling.outWidth();
    int stride = tiling.productStride();
    int columns = tiling.tileColumns();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        WinogradTransforms.product(
            memory.floats,
            memory.atProducts + from + (row * columns + column) * GemmKernels.COLUMNS,
            PATCH * stride,
            stride,
            PATCH,
            memory.floats,
            memory.atTiles + column * TILE * PATCH * LENGTH,
            PATCH * LENGTH,
            LENGTH);
      }
      for (int column = columns - 1; column >= 0; column--) {
        WinogradTransforms.product(
            memory.floats,
            memory.atTiles + column * TILE * PATCH * LENGTH,
            LENGTH,
            PATCH * LENGTH,
            TILE,
            memory.floats,
            memory.atBand + (row * TILE * width + column * TILE) * LENGTH,
            LENGTH,
            width * LENGTH);
      }
    }
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;
import static dev.tandem.engine.cpu.vector.WinogradTiling.KERNEL;
import static dev.tandem.engine.cpu.vector.WinogradTiling.PATCH;
import static dev.tandem.engine.cpu.vector.WinogradTiling.TILE;

/** Transforms the patches that tiles see, {@code V = B^T d B}. */
final class WinogradPatches {
  private WinogradPatches() {}

  /**
   * Transforms the patches of some rows of tiles of one picture.
   *
   * @param row the first row of tiles, among all pictures
   * @param rows how many
   * @param blockRow the row of the block where they go
   * @param memory whose patches are overwritten
   */
  static void transform(
      WinogradTiling tiling,
      float[] x,
      int at,
      int row,
      int rows,
      int blockRow,
      WinogradScratch memory) {
    int picture = row / tiling.tileRows();
    int top = row % tiling.tileRows() * TILE - tiling.paddingHeight();
    int plane = tiling.inHeight() * tiling.inWidth();
    int width = tiling.tileColumns() * TILE + KERNEL - 1;
    int left = tiling.paddingWidth();
    WinogradBand.clear(memory, width, left, left + tiling.inWidth());
    for (int c = 0; c < tiling.inChannels(); c += LENGTH) {
      WinogradBand.load(
          x,
          at + (picture * tiling.inChannels() + c) * plane,
          plane,
          Math.min(LENGTH, tiling.inChannels() - c),
          tiling.inHeight(),
          tiling.inWidth(),
          top,
          rows * TILE + KERNEL - 1,
          memory);
      for (int i = 0; i < rows; i++) {
        tiles(tiling, i, (blockRow + i) * tiling.tileColumns(), width, c, memory);
      }
    }
  }

  private static void tiles(
      WinogradTiling tiling, int row, int tile, int width, int c, WinogradScratch memory) {
    WinogradTransforms.patch(
        memory.floats,
        memory.atBand + row * TILE * tiling.inWidth() * LENGTH,
        tiling.inWidth() * LENGTH,
        LENGTH,
        tiling.inWidth(),
        memory.floats,
        memory.atColumns + tiling.paddingWidth() * LENGTH,
        width * LENGTH,
        LENGTH);
    int stride = tiling.patchStride();
    for (int column = 0; column < tiling.tileColumns(); column++) {
      WinogradTransforms.patch(
          memory.floats,
          memory.atColumns + column * TILE * LENGTH,
          LENGTH,
          width * LENGTH,
          PATCH,
          memory.floats,
          memory.atPatches + (tile + column) * tiling.patchWidth() + c,
          stride,
          PATCH * stride);
    }
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

/** Scratch memory of one thread for Winograd convolutions, as much as the largest plan needs. */
final class WinogradScratch {
  /** What lies between the two transforms of a tile. */
  final float[] tile = new float[WinogradTiling.POINTS * LENGTH];

  final float[] square = new float[Squares.SCRATCH];

  /** Bands of pictures, with the channels side by side. */
  float[] band = {};

  /** A row of tiles after the transform of its columns. */
  float[] columns = {};

  /** The transformed patches of a block. */
  float[] patches = {};

  /** The products of a block, or its transformed dY. */
  float[] products = {};

  /** The transformed filters' gradient. */
  float[] sums = {};

  private WinogradScratch() {}

  static WinogradScratch[] of(int threads) {
    WinogradScratch[] all = new WinogradScratch[threads];
    for (int i = 0; i < threads; i++) {
      all[i] = new WinogradScratch();
    }
    return all;
  }

  /**
   * Makes room; called when a plan is made and never within a step.
   *
   * @param tiling null for none
   * @param summing whether for the gradient of filters
   */
  void reserve(WinogradTiling tiling, boolean summing) {
    if (tiling == null) {
      return;
    }
    int width = tiling.tileColumns() * WinogradTiling.TILE;
    int patchWidth = width + WinogradTiling.KERNEL - 1;
    int rows = tiling.pictureRows() * WinogradTiling.TILE;
    int patchRows = rows + WinogradTiling.KERNEL - 1;
    // A result's rows are written whole tile by whole tile, beyond the last by less than a tile.
    band = atLeast(band, patchRows * patchWidth * LENGTH);
    columns = atLeast(columns, WinogradTiling.PATCH * patchWidth * LENGTH);
    patches = atLeast(patches, WinogradTiling.POINTS * tiling.patchStride());
    products = atLeast(products, WinogradTiling.POINTS * tiling.productStride());
    if (summing) {
      sums = atLeast(sums, (int) tiling.filters());
    }
  }

  private static float[] atLeast(float[] array, int elements) {
    return array.length < elements ? new float[elements] : array;
  }
}

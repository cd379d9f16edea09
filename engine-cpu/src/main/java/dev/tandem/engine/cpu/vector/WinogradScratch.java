package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

/**
 * Scratch memory of one thread for Winograd convolutions, as much as the largest plan needs. It is
 * one array, large enough for most heaps to begin it at a cache line, and its parts begin at lines
 * too: a vector that lies across two is read and written twice.
 */
final class WinogradScratch {
  /** A cache line in elements, and what is left of one behind an array's header of 16 bytes. */
  private static final int LINE = 16;

  private static final int BEHIND_HEADER = LINE - 4;

  float[] floats = {};

  /** Where bands of pictures begin, with the channels side by side. */
  int atBand;

  /** What lies between the two steps in which a band is turned. */
  int atSquares;

  /** A row of tiles after the transform of its columns. */
  int atColumns;

  /** What lies between the two transforms of a row of tiles' products. */
  int atTiles;

  /** The transformed patches of a block. */
  int atPatches;

  /** The products of a block, or its transformed dY. */
  int atProducts;

  /** The transformed filters' gradient. */
  int atSums;

  private int band;
  private int columns;
  private int tiles;
  private int patches;
  private int products;
  private int sums;

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
    // A result's rows are written whole tile by whole tile, beyond the last by less than a tile,
    // and
    // squares beyond the last pixel.
    band = Math.max(band, patchRows * patchWidth * LENGTH + Squares.SCRATCH);
    columns = Math.max(columns, WinogradTiling.PATCH * patchWidth * LENGTH);
    tiles = Math.max(tiles, tiling.tileColumns() * WinogradTiling.POINTS * LENGTH);
    patches = Math.max(patches, WinogradTiling.POINTS * tiling.patchStride());
    products = Math.max(products, WinogradTiling.POINTS * tiling.productStride());
    if (summing) {
      sums = Math.max(sums, (int) tiling.filters());
    }
    place();
  }

  private void place() {
    atBand = BEHIND_HEADER;
    atSquares = after(atBand, band);
    atColumns = after(atSquares, band);
    atTiles = after(atColumns, columns);
    atPatches = after(atTiles, tiles);
    atProducts = after(atPatches, patches);
    atSums = after(atProducts, products);
    int end = after(atSums, sums);
    if (floats.length < end) {
      floats = new float[end];
    }
  }

  private static int after(int at, int elements) {
    return at + WinogradTiling.ceiling(elements, LINE) * LINE;
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;
import static dev.tandem.engine.cpu.vector.WinogradTiling.KERNEL;
import static dev.tandem.engine.cpu.vector.WinogradTiling.PATCH;

/**
 * Transforms filters, {@code U = G' g G'^T}: of w for the forward pass, and of w turned round and
 * with its channels exchanged for the gradient of the input. A chunk is as many of the result's
 * channels as a vector has lanes.
 */
final class WinogradFilters implements Workers.Task {
  private final WinogradScratch[] scratch;
  private WinogradTiling tiling;
  private boolean turned;
  private float[] w;
  private int atW;
  private float[] filters;
  private int atFilters;

  WinogradFilters(WinogradScratch[] scratch) {
    this.scratch = scratch;
  }

  void set(
      WinogradTiling theTiling,
      boolean isTurned,
      float[] theW,
      int theAtW,
      float[] theFilters,
      int theAtFilters) {
    tiling = theTiling;
    turned = isTurned;
    w = theW;
    atW = theAtW;
    filters = theFilters;
    atFilters = theAtFilters;
  }

  int chunks() {
    return tiling.panels() * (GemmKernels.COLUMNS / LENGTH);
  }

  @Override
  public void run(int chunk, int worker) {
    WinogradScratch memory = scratch[worker];
    float[] floats = memory.floats;
    int first = chunk * LENGTH;
    int lanes = Math.clamp(tiling.outChannels() - first, 0, LENGTH);
    int panel = first / GemmKernels.COLUMNS;
    int to =
        atFilters + panel * tiling.inChannels() * GemmKernels.COLUMNS + first % GemmKernels.COLUMNS;
    int stride = tiling.filterStride();
    for (int c = 0; c < tiling.inChannels(); c++) {
      gather(first, lanes, c, floats, memory.atBand);
      WinogradTransforms.filter(
          floats,
          memory.atBand,
          KERNEL * LENGTH,
          LENGTH,
          KERNEL,
          floats,
          memory.atTiles,
          KERNEL * LENGTH,
          LENGTH);
      WinogradTransforms.filter(
          floats,
          memory.atTiles,
          LENGTH,
          KERNEL * LENGTH,
          PATCH,
          filters,
          to + c * GemmKernels.COLUMNS,
          stride,
          PATCH * stride);
    }
  }

  /** Puts the 9 elements of some filters for one channel side by side, 0 where there are none. */
  private void gather(int first, int lanes, int c, float[] taps, int at) {
    int elements = KERNEL * KERNEL;
    int step = elements * (turned ? 1 : tiling.inChannels());
    int from = atW + first * step + c * elements * (turned ? tiling.outChannels() : 1);
    for (int e = 0; e < elements; e++) {
      int place = at + (turned ? elements - 1 - e : e) * LENGTH;
      for (int lane = 0; lane < lanes; lane++) {
        taps[place + lane] = w[from + lane * step + e];
      }
      for (int lane = lanes; lane < LENGTH; lane++) {
        taps[place + lane] = 0;
      }
    }
  }
}

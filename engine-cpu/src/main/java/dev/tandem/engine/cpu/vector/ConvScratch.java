package dev.tandem.engine.cpu.vector;

/** Scratch memory of every thread for convolutions, as much as the largest plan needs. */
final class ConvScratch {
  private final float[][] pictures;
  private final float[][] panels;
  private final float[][] tiles;

  ConvScratch(int threads) {
    pictures = new float[threads][0];
    panels = new float[threads][0];
    tiles = new float[threads][Math.max(GemmKernels.ROWS * GemmKernels.COLUMNS, GemmDots.SCRATCH)];
  }

  /** Makes room; called when a plan is made and never within a step. */
  void reserve(int picture, int panel) {
    for (int i = 0; i < tiles.length; i++) {
      if (pictures[i].length < picture) {
        pictures[i] = new float[picture];
      }
      if (panels[i].length < panel) {
        panels[i] = new float[panel];
      }
    }
  }

  /** Returns the memory for a picture that is laid out by a {@link ConvLowering}. */
  float[] picture(int worker) {
    return pictures[worker];
  }

  /** Returns the memory for a copy of some rows of a matrix. */
  float[] panel(int worker) {
    return panels[worker];
  }

  /** Returns the memory for a tile of a product. */
  float[] tile(int worker) {
    return tiles[worker];
  }
}

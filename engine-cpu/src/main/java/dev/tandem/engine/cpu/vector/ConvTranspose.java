package dev.tandem.engine.cpu.vector;

/** Copies of matrices with rows and columns exchanged. */
final class ConvTranspose {
  private ConvTranspose() {}

  /**
   * {@code out[j,i] = x[i,j]} for rows i at a distance; elements of out up to its width that have
   * no row are 0.
   */
  static void copy(float[] x, int at, int row, int rows, int columns, float[] out, int width) {
    for (int j = 0; j < columns; j++) {
      int from = at + j;
      int to = j * width;
      for (int i = 0; i < rows; i++) {
        out[to + i] = x[from + i * row];
      }
      for (int i = rows; i < width; i++) {
        out[to + i] = 0;
      }
    }
  }
}

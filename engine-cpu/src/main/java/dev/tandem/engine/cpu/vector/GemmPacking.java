package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;

/**
 * Copies of blocks of B in which each row is as wide as a tile, so that the kernels read memory
 * from one end to the other.
 */
final class GemmPacking {
  private GemmPacking() {}

  /**
   * Copies some rows and columns of B; columns that are missing in the width of the tile are 0.
   *
   * @param row elements from one row of op(B) to the next
   * @param column elements from one column of op(B) to the next
   */
  static void copy(
      float[] b, int from, int row, int column, int rows, int columns, float[] block, int width) {
    if (column == 1 && columns == width) {
      whole(b, from, row, rows, block, width);
      return;
    }
    for (int k = 0; k < rows; k++) {
      for (int j = 0; j < width; j++) {
        block[k * width + j] = j < columns ? b[from + k * row + j * column] : 0;
      }
    }
  }

  private static void whole(float[] b, int from, int row, int rows, float[] block, int width) {
    for (int k = 0; k < rows; k++) {
      for (int j = 0; j < width; j += LENGTH) {
        FloatVector.fromArray(FLOATS, b, from + k * row + j).intoArray(block, k * width + j);
      }
    }
  }
}

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
   * Copies some rows and columns of B. Columns that are missing in the width of the tile are filled
   * with numbers of no meaning.
   *
   * @param row elements from one row of B to the next
   */
  static void copy(float[] b, int from, int row, int rows, int columns, float[] block, int width) {
    if (columns == width) {
      whole(b, from, row, rows, block, width);
      return;
    }
    for (int k = 0; k < rows; k++) {
      for (int j = 0; j < columns; j++) {
        block[k * width + j] = b[from + k * row + j];
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

  /**
   * The same for a transposed B.
   *
   * @param column elements from one column to the next
   * @param block room for {@code rows}, rounded up to a multiple of the vector length
   * @param square {@link Squares#SCRATCH} elements
   */
  static void copyTransposed(
      float[] b,
      int from,
      int column,
      int rows,
      int columns,
      float[] block,
      int width,
      float[] square) {
    for (int j = 0; j < columns; j += LENGTH) {
      int last = Math.min(LENGTH, columns - j) - 1;
      int at = from + j * column;
      for (int k = 0; k < rows; k += LENGTH) {
        Squares.read(b, at + k, column, last, rows - k, square, 0);
        Squares.write(square, 0, block, k * width + j, width);
      }
    }
  }
}

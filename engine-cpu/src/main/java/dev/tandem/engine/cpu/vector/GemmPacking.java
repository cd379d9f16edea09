package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;

/**
 * Copies of blocks of B, in which row k holds {@link GemmKernels#COLUMNS} elements side by side, so
 * that the kernels read memory from one end to the other.
 */
final class GemmPacking {
  private GemmPacking() {}

  /** Copies columns of a row-major B; columns that are missing are left as they are. */
  static void straight(float[] b, int from, int ldb, int rows, int columns, float[] block) {
    if (columns < GemmKernels.COLUMNS) {
      for (int k = 0; k < rows; k++) {
        System.arraycopy(b, from + k * ldb, block, k * GemmKernels.COLUMNS, columns);
      }
      return;
    }
    int at = from;
    int to = 0;
    for (int k = 0; k < rows; k++) {
      FloatVector.fromArray(FLOATS, b, at).intoArray(block, to);
      FloatVector.fromArray(FLOATS, b, at + LENGTH).intoArray(block, to + LENGTH);
      at += ldb;
      to += GemmKernels.COLUMNS;
    }
  }

  /** Copies columns of B from where they are rows; missing ones are left as they are. */
  static void transposed(float[] b, int from, int ldb, int rows, int columns, float[] block) {
    int j = 0;
    for (; j + 8 <= columns; j += 8) {
      transposeEight(b, from + j * ldb, ldb, rows, block, j);
    }
    for (; j < columns; j++) {
      for (int k = 0; k < rows; k++) {
        block[k * GemmKernels.COLUMNS + j] = b[from + j * ldb + k];
      }
    }
  }

  /** Eight at a time, so that a cache line of the block is written while it is near. */
  private static void transposeEight(
      float[] b, int at, int ldb, int rows, float[] block, int column) {
    int b1 = at + ldb;
    int b2 = b1 + ldb;
    int b3 = b2 + ldb;
    int b4 = b3 + ldb;
    int b5 = b4 + ldb;
    int b6 = b5 + ldb;
    int b7 = b6 + ldb;
    for (int k = 0, to = column; k < rows; k++, to += GemmKernels.COLUMNS) {
      block[to] = b[at + k];
      block[to + 1] = b[b1 + k];
      block[to + 2] = b[b2 + k];
      block[to + 3] = b[b3 + k];
      block[to + 4] = b[b4 + k];
      block[to + 5] = b[b5 + k];
      block[to + 6] = b[b6 + k];
      block[to + 7] = b[b7 + k];
    }
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import java.util.Arrays;

/**
 * Some rows of a picture, of as many channels as a vector has lanes, with the channels side by
 * side: {@code [row][column][lane]}. In tensors the columns are side by side.
 */
final class WinogradBand {
  private WinogradBand() {}

  /**
   * Copies rows of a picture into a band; rows outside the picture are 0. The rows of a picture lie
   * one behind the other, and so are turned as if they were one.
   *
   * @param at the first channel's first element
   * @param plane elements from one channel to the next
   * @param channels how many there are, up to the lanes; the last stands for those missing
   * @param top the row of the picture that the band's first row is, negative above the picture
   * @param rows the rows of the band
   */
  static void load(
      float[] x,
      int at,
      int plane,
      int channels,
      int height,
      int width,
      int top,
      int rows,
      WinogradScratch memory) {
    float[] floats = memory.floats;
    int first = Math.clamp(-top, 0, rows);
    int last = Math.clamp(height - top, first, rows);
    int from = at + (top + first) * width;
    int to = memory.atBand + first * width * LENGTH;
    int count = (last - first) * width;
    Arrays.fill(floats, memory.atBand, to, 0);
    // All squares are read before one is written: what was just stored cannot be loaded at once.
    for (int i = 0; i < count; i += LENGTH) {
      int pixels = Math.min(LENGTH, count - i);
      int square = memory.atSquares + i * LENGTH;
      Squares.read(x, from + i, plane, channels - 1, pixels, floats, square);
    }
    for (int i = 0; i < count; i += LENGTH) {
      Squares.write(floats, memory.atSquares + i * LENGTH, floats, to + i * LENGTH, LENGTH);
    }
    Arrays.fill(floats, to + count * LENGTH, memory.atBand + rows * width * LENGTH, 0);
  }

  /** Puts zeros beside the columns of a picture, in the rows of a transformed row of tiles. */
  static void clear(WinogradScratch memory, int columns, int begin, int end) {
    for (int row = 0; row < WinogradTiling.PATCH; row++) {
      int start = memory.atColumns + row * columns * LENGTH;
      Arrays.fill(memory.floats, start, start + begin * LENGTH, 0);
      Arrays.fill(memory.floats, start + end * LENGTH, start + columns * LENGTH, 0);
    }
  }

  /**
   * Copies elements of a band into a picture.
   *
   * @param count the elements of each channel, side by side
   * @param channels how many there are, up to the lanes
   * @param at where the first channel's first element goes
   */
  static void store(WinogradScratch memory, int count, int channels, float[] y, int at, int plane) {
    float[] floats = memory.floats;
    for (int i = 0; i < count; i += LENGTH) {
      int pixels = Math.min(LENGTH, count - i);
      int from = memory.atBand + i * LENGTH;
      Squares.read(floats, from, LENGTH, pixels - 1, LENGTH, floats, memory.atSquares + i * LENGTH);
    }
    for (int i = 0; i < count; i += LENGTH) {
      int pixels = Math.min(LENGTH, count - i);
      int square = memory.atSquares + i * LENGTH;
      if (pixels == LENGTH && channels == LENGTH) {
        Squares.write(floats, square, y, at + i, plane);
      } else {
        Squares.writeSome(floats, square, channels, pixels, y, at + i, plane);
      }
    }
  }
}

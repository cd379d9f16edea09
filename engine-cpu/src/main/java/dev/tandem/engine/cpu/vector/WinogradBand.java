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
   * Copies rows of a picture into a band; what lies outside the picture is 0.
   *
   * @param at the first channel's first element
   * @param plane elements from one channel to the next
   * @param channels how many there are, up to the lanes; the last stands for those missing
   * @param top the row of the picture that the band's first row is, negative above the picture
   * @param left the columns of zeros to the left of the picture
   * @param rows the rows of the band
   * @param columns the columns of the band
   * @param square scratch of {@link Squares}
   */
  static void load(
      float[] x,
      int at,
      int plane,
      int channels,
      int height,
      int width,
      int top,
      int left,
      int rows,
      int columns,
      float[] band,
      float[] square) {
    int right = Math.min(width, columns - left);
    for (int row = 0; row < rows; row++) {
      int to = row * columns * LENGTH;
      int end = to + columns * LENGTH;
      if (top + row < 0 || top + row >= height) {
        Arrays.fill(band, to, end, 0);
      } else {
        int inside = to + left * LENGTH;
        int after = inside + right * LENGTH;
        Arrays.fill(band, to, inside, 0);
        int from = at + (top + row) * width;
        for (int j = 0; j < right; j += LENGTH) {
          int pixels = Math.min(LENGTH, right - j);
          Squares.read(x, from + j, plane, channels - 1, pixels, square);
          int place = inside + j * LENGTH;
          if (pixels == LENGTH) {
            Squares.write(square, band, place, LENGTH);
          } else {
            Squares.writeSome(square, pixels, LENGTH, band, place, LENGTH);
          }
        }
        Arrays.fill(band, after, end, 0);
      }
    }
  }

  /**
   * Copies elements of a band into a picture.
   *
   * @param count the elements of each channel, side by side
   * @param channels how many there are, up to the lanes
   * @param at where the first channel's first element goes
   */
  static void store(
      float[] band, float[] square, int count, int channels, float[] y, int at, int plane) {
    for (int i = 0; i < count; i += LENGTH) {
      int pixels = Math.min(LENGTH, count - i);
      Squares.read(band, i * LENGTH, LENGTH, pixels - 1, LENGTH, square);
      if (pixels == LENGTH && channels == LENGTH) {
        Squares.write(square, y, at + i, plane);
      } else {
        Squares.writeSome(square, channels, pixels, y, at + i, plane);
      }
    }
  }
}

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
   * @param channels how many there are, up to the lanes; the other lanes are 0
   * @param top the row of the picture that the band's first row is, negative above the picture
   * @param left the columns of zeros to the left of the picture
   * @param rows the rows of the band
   * @param columns the columns of the band
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
      float[] band) {
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
        if (channels == LENGTH) {
          turn(x, from, plane, right, band, inside);
        } else {
          turnSome(x, from, plane, channels, right, band, inside);
        }
        Arrays.fill(band, after, end, 0);
      }
    }
  }

  private static void turn(float[] x, int from, int plane, int count, float[] band, int to) {
    for (int i = 0; i < count; i++) {
      for (int lane = 0; lane < LENGTH; lane++) {
        band[to + i * LENGTH + lane] = x[from + lane * plane + i];
      }
    }
  }

  private static void turnSome(
      float[] x, int from, int plane, int channels, int count, float[] band, int to) {
    for (int i = 0; i < count; i++) {
      int place = to + i * LENGTH;
      for (int lane = 0; lane < channels; lane++) {
        band[place + lane] = x[from + lane * plane + i];
      }
      for (int lane = channels; lane < LENGTH; lane++) {
        band[place + lane] = 0;
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
  static void store(float[] band, int count, int channels, float[] y, int at, int plane) {
    for (int lane = 0; lane < channels; lane++) {
      int to = at + lane * plane;
      for (int i = 0; i < count; i++) {
        y[to + i] = band[i * LENGTH + lane];
      }
    }
  }
}

package dev.tandem.datasets;

import java.util.Locale;
import java.util.Set;

/**
 * A picture on the heap.
 *
 * @param channels 1 or 3
 * @param pixels unsigned {@code [channels,height,width]}
 */
public record Picture(int channels, int height, int width, byte[] pixels) {
  private static final int RGB = 3;

  /** ITU-R BT.601 luma, as PIL and the JPEG format have it. */
  private static final double[] LUMA = {0.299, 0.587, 0.114};

  private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp");

  /** Whether a file is called a picture: {@code .png}, {@code .jpg} and the like. */
  public static boolean isNamed(String file) {
    return ENDINGS.contains(file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  /** The same in grey or in colour. */
  public Picture withChannels(int wanted) {
    if (wanted == channels) {
      return this;
    }
    int plane = height * width;
    byte[] changed = new byte[wanted * plane];
    if (wanted == RGB) {
      for (int channel = 0; channel < RGB; channel++) {
        System.arraycopy(pixels, 0, changed, channel * plane, plane);
      }
    } else {
      for (int i = 0; i < plane; i++) {
        double luma = 0;
        for (int channel = 0; channel < RGB; channel++) {
          luma += LUMA[channel] * (pixels[channel * plane + i] & 0xff);
        }
        changed[i] = (byte) Math.round(luma);
      }
    }
    return new Picture(wanted, height, width, changed);
  }

  /**
   * The whole picture within another size: scaled without distortion and centred; what is left over
   * at two sides repeats the edge.
   */
  Picture fitted(int toHeight, int toWidth) {
    double scale = Math.min((double) toHeight / height, (double) toWidth / width);
    Picture scaled =
        scaled(
            Math.clamp(Math.round(height * scale), 1, toHeight),
            Math.clamp(Math.round(width * scale), 1, toWidth));
    if (scaled.height == toHeight && scaled.width == toWidth) {
      return scaled;
    }
    byte[] fitted = new byte[channels * toHeight * toWidth];
    int top = (toHeight - scaled.height) / 2;
    int left = (toWidth - scaled.width) / 2;
    for (int channel = 0; channel < channels; channel++) {
      for (int y = 0; y < toHeight; y++) {
        int row = channel * scaled.height + Math.clamp(y - top, 0, scaled.height - 1);
        for (int x = 0; x < toWidth; x++) {
          int column = Math.clamp(x - left, 0, scaled.width - 1);
          fitted[(channel * toHeight + y) * toWidth + x] =
              scaled.pixels[row * scaled.width + column];
        }
      }
    }
    return new Picture(channels, toHeight, toWidth, fitted);
  }

  /** The picture in another size: by area averaging where it shrinks, bilinear where it grows. */
  public Picture scaled(int toHeight, int toWidth) {
    if (toHeight == height && toWidth == width) {
      return this;
    }
    Taps columns = Taps.of(width, toWidth);
    Taps rows = Taps.of(height, toHeight);
    byte[] scaled = new byte[channels * toHeight * toWidth];
    float[] narrowed = new float[height * toWidth];
    for (int channel = 0; channel < channels; channel++) {
      for (int y = 0; y < height; y++) {
        int from = (channel * height + y) * width;
        for (int x = 0; x < toWidth; x++) {
          float sum = 0;
          for (int tap = 0; tap < columns.weights[x].length; tap++) {
            sum += columns.weights[x][tap] * (pixels[from + columns.first[x] + tap] & 0xff);
          }
          narrowed[y * toWidth + x] = sum;
        }
      }
      for (int y = 0; y < toHeight; y++) {
        for (int x = 0; x < toWidth; x++) {
          float sum = 0;
          for (int tap = 0; tap < rows.weights[y].length; tap++) {
            sum += rows.weights[y][tap] * narrowed[(rows.first[y] + tap) * toWidth + x];
          }
          scaled[(channel * toHeight + y) * toWidth + x] = (byte) Math.round(sum);
        }
      }
    }
    return new Picture(channels, toHeight, toWidth, scaled);
  }

  /**
   * What the places of a scaled axis are made of; the weights of a place sum to 1.
   *
   * @param first the first place of the original axis, for each of the scaled one
   * @param weights of that and the following places
   */
  private record Taps(int[] first, float[][] weights) {
    static Taps of(int from, int to) {
      int[] first = new int[to];
      float[][] weights = new float[to][];
      double step = (double) from / to;
      for (int i = 0; i < to; i++) {
        if (step > 1) {
          double start = i * step;
          double end = Math.min(from, start + step);
          first[i] = (int) start;
          weights[i] = new float[(int) Math.ceil(end) - first[i]];
          for (int tap = 0; tap < weights[i].length; tap++) {
            int place = first[i] + tap;
            double covered = Math.min(end, place + 1) - Math.max(start, place);
            weights[i][tap] = (float) (covered / (end - start));
          }
        } else {
          // Pixels are areas: their centres lie at one half.
          double centre = Math.clamp((i + 0.5) * step - 0.5, 0, from - 1);
          first[i] = Math.min((int) centre, Math.max(0, from - 2));
          float second = (float) (centre - first[i]);
          weights[i] = from == 1 ? new float[] {1} : new float[] {1 - second, second};
        }
      }
      return new Taps(first, weights);
    }
  }
}

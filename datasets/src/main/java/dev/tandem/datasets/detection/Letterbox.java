package dev.tandem.datasets.detection;

import dev.tandem.datasets.Picture;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/**
 * Where a picture stands in a square: shrunk or enlarged until its longer side fills it, centred,
 * with grey bars beside it, so that things keep their proportions.
 *
 * @param width of the picture, in pixels
 * @param height of the picture
 * @param side of the square
 */
public record Letterbox(int width, int height, int side) {
  private static final byte BARS = (byte) 128;

  static Letterbox of(int width, int height, int side) {
    return new Letterbox(width, height, side);
  }

  private double scale() {
    return (double) side / Math.max(width, height);
  }

  /** The width in the square; a picture far wider than high is a pixel high all the same. */
  private int wide() {
    return (int) Math.max(1, Math.round(width * scale()));
  }

  private int high() {
    return (int) Math.max(1, Math.round(height * scale()));
  }

  private int left() {
    return (side - wide()) / 2;
  }

  private int top() {
    return (side - high()) / 2;
  }

  /** A box of the picture in the square. */
  public BoundingBox toSquare(BoundingBox box) {
    double x = (double) wide() / width;
    double y = (double) high() / height;
    return new BoundingBox(
        box.classId(),
        left() + box.left() * x,
        top() + box.top() * y,
        box.width() * x,
        box.height() * y);
  }

  /** A box of the square in the picture. */
  public BoundingBox toPicture(BoundingBox box) {
    double x = (double) width / wide();
    double y = (double) height / high();
    return new BoundingBox(
        box.classId(),
        (box.left() - left()) * x,
        (box.top() - top()) * y,
        box.width() * x,
        box.height() * y);
  }

  /** The square with the picture and the bars, in colour. Transparent pixels lie on white. */
  Picture draw(BufferedImage picture) {
    int[] rgb = new int[width];
    float[] rows = new float[3 * height * wide()];
    Filter across = Filter.of(width, wide());
    float[] line = new float[width];
    for (int y = 0; y < height; y++) {
      picture.getRGB(0, y, width, 1, rgb, 0, width);
      for (int channel = 0; channel < 3; channel++) {
        for (int x = 0; x < width; x++) {
          line[x] = onWhite(rgb[x], 16 - 8 * channel);
        }
        across.apply(line, 0, 1, rows, (channel * height + y) * wide());
      }
    }
    byte[] pixels = new byte[3 * side * side];
    Arrays.fill(pixels, BARS);
    Filter down = Filter.of(height, high());
    float[] column = new float[high()];
    for (int i = 0; i < 3 * wide(); i++) {
      int channel = i / wide();
      int x = i % wide();
      down.apply(rows, channel * height * wide() + x, wide(), column, 0);
      for (int y = 0; y < high(); y++) {
        int to = (channel * side + top() + y) * side + left() + x;
        pixels[to] = (byte) Math.round(column[y]);
      }
    }
    return new Picture(3, side, side, pixels);
  }

  private static float onWhite(int argb, int shift) {
    int alpha = argb >>> 24;
    return ((argb >> shift & 0xFF) * alpha + 255 * (255 - alpha)) / 255f;
  }

  /**
   * A triangle as wide as two pixels of the coarser side: linear interpolation when it enlarges, a
   * weighted mean of all pixels when it shrinks, so that fine patterns do not turn into others.
   */
  private record Filter(int[] first, float[][] weights) {
    static Filter of(int from, int to) {
      double ratio = (double) from / to;
      double reach = Math.max(1, ratio);
      int[] first = new int[to];
      float[][] weights = new float[to][];
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * ratio - 0.5;
        first[i] = Math.max(0, (int) Math.ceil(centre - reach));
        int last = Math.min(from - 1, (int) Math.floor(centre + reach));
        weights[i] = new float[last - first[i] + 1];
        double sum = 0;
        for (int k = 0; k < weights[i].length; k++) {
          weights[i][k] = (float) (1 - Math.abs(first[i] + k - centre) / reach);
          sum += weights[i][k];
        }
        for (int k = 0; k < weights[i].length; k++) {
          weights[i][k] /= (float) sum;
        }
      }
      return new Filter(first, weights);
    }

    void apply(float[] in, int from, int stride, float[] out, int to) {
      for (int i = 0; i < first.length; i++) {
        float sum = 0;
        for (int k = 0; k < weights[i].length; k++) {
          sum += weights[i][k] * in[from + (first[i] + k) * stride];
        }
        out[to + i] = sum;
      }
    }
  }
}

package dev.tandem.datasets.detection;

import dev.tandem.datasets.Picture;
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
  private static final int CHANNELS = 3;

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

  /** The square with the picture and the bars, in colour. */
  Picture draw(Picture picture) {
    Picture scaled = picture.withChannels(CHANNELS).scaled(high(), wide());
    byte[] pixels = new byte[CHANNELS * side * side];
    Arrays.fill(pixels, BARS);
    for (int row = 0; row < CHANNELS * high(); row++) {
      int to = row / high() * side + top() + row % high();
      System.arraycopy(scaled.pixels(), row * wide(), pixels, to * side + left(), wide());
    }
    return new Picture(CHANNELS, side, side, pixels);
  }
}

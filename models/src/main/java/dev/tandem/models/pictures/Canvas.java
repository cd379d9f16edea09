package dev.tandem.models.pictures;

import java.util.Arrays;

/**
 * Pixels to draw on, {@code 0xRRGGBB}, from the top left. What lies outside is not drawn, so that
 * boxes and texts may stick out.
 */
public final class Canvas {
  /** Beyond this a picture is no longer looked at; it bounds the memory of hostile sizes. */
  private static final int MOST_PIXELS = 1 << 28;

  private final int width;
  private final int height;
  private final int[] pixels;

  /**
   * A canvas of one colour.
   *
   * @throws IllegalArgumentException if a side is below 1 or the canvas has over 2^28 pixels
   */
  public Canvas(int width, int height, int rgb) {
    if (width < 1 || height < 1 || (long) width * height > MOST_PIXELS) {
      throw new IllegalArgumentException(
          "a canvas of %d x %d pixels is not possible (give sides of 1 or more, at most 2^28 pixels)"
              .formatted(width, height));
    }
    this.width = width;
    this.height = height;
    pixels = new int[width * height];
    Arrays.fill(pixels, rgb);
  }

  /**
   * A picture of numbers: one plane in the colours of a map.
   *
   * @param values holds the plane {@code [height,width]} from {@code at} on
   * @param low the number that gets the first colour
   * @param high the number that gets the last; if not above {@code low}, all get the first
   */
  static Canvas ofPlane(
      float[] values, int at, int height, int width, ColorMap map, double low, double high) {
    Canvas canvas = new Canvas(width, height, 0);
    for (int i = 0; i < canvas.pixels.length; i++) {
      double value = values[at + i];
      double share = high > low ? (value - low) / (high - low) : 0 * value;
      canvas.pixels[i] = map.rgb(share);
    }
    return canvas;
  }

  /**
   * A picture {@code [channels,height,width]}: of three channels as red, green and blue, of another
   * number the first in grey. The darkest number becomes black, the brightest white, so that
   * standardised pixels can be seen as well as those from 0 to 1.
   *
   * @throws IllegalArgumentException if the pixels do not fill the shape
   */
  public static Canvas ofPicture(float[] picture, int channels, int height, int width) {
    if (picture.length != (long) channels * height * width) {
      throw new IllegalArgumentException(
          "%d pixels do not fill a picture [%d,%d,%d]"
              .formatted(picture.length, channels, height, width));
    }
    Span span = Span.of(picture);
    // What is within 0 to 1 is left as it is: a dark picture stays dark.
    boolean unit = span.low() >= 0 && span.high() <= 1;
    double low = unit ? 0 : span.low();
    double high = unit ? 1 : span.high();
    int plane = height * width;
    if (channels != 3) {
      return ofPlane(picture, 0, height, width, ColorMap.GREY, low, high);
    }
    Canvas canvas = new Canvas(width, height, 0);
    for (int i = 0; i < plane; i++) {
      int rgb = 0;
      for (int channel = 0; channel < channels; channel++) {
        double share = (picture[channel * plane + i] - low) / (high - low);
        rgb = rgb << 8 | (int) Math.round(Math.clamp(share, 0, 1) * 255);
      }
      canvas.pixels[i] = rgb;
    }
    return canvas;
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** The colour of a pixel, which must be inside. */
  public int pixel(int x, int y) {
    return pixels[y * width + x];
  }

  /** Draws one pixel. */
  public void set(int x, int y, int rgb) {
    if (x >= 0 && x < width && y >= 0 && y < height) {
      pixels[y * width + x] = rgb;
    }
  }

  /** Draws a full rectangle. */
  public void fill(int left, int top, int wide, int high, int rgb) {
    int from = Math.max(left, 0);
    int to = Math.min(left + wide, width);
    for (int y = Math.max(top, 0); y < Math.min(top + high, height) && from < to; y++) {
      Arrays.fill(pixels, y * width + from, y * width + to, rgb);
    }
  }

  /** Draws the outline of a rectangle, inside its sides. */
  public void frame(int left, int top, int wide, int high, int thickness, int rgb) {
    int thick = Math.min(thickness, Math.max(1, Math.min(wide, high) / 2));
    fill(left, top, wide, thick, rgb);
    fill(left, top + high - thick, wide, thick, rgb);
    fill(left, top, thick, high, rgb);
    fill(left + wide - thick, top, thick, high, rgb);
  }

  /** Draws the outline of a rectangle in dashes of two colours, so that it shows on any ground. */
  public void dashedFrame(int left, int top, int wide, int high, int dash, int rgb, int between) {
    for (int i = 0; i < wide; i++) {
      int colour = i / dash % 2 == 0 ? rgb : between;
      set(left + i, top, colour);
      set(left + i, top + high - 1, colour);
    }
    for (int i = 0; i < high; i++) {
      int colour = i / dash % 2 == 0 ? rgb : between;
      set(left, top + i, colour);
      set(left + wide - 1, top + i, colour);
    }
  }

  /** Draws another canvas. */
  public void draw(Canvas other, int left, int top) {
    for (int y = 0; y < other.height; y++) {
      for (int x = 0; x < other.width; x++) {
        set(left + x, top + y, other.pixel(x, y));
      }
    }
  }

  /** Draws a text whose first letter has its top left corner at a place, see {@link Lettering}. */
  public void text(String text, int left, int top, int size, int rgb) {
    Lettering.draw(text, size, (x, y) -> set(left + x, top + y, rgb));
  }

  /** Draws a text that runs upwards; its first letter has its bottom left corner at a place. */
  public void textUpwards(String text, int left, int bottom, int size, int rgb) {
    Lettering.draw(text, size, (x, y) -> set(left + y, bottom - x, rgb));
  }

  /** The canvas with every pixel as a square of pixels. */
  public Canvas zoomed(int factor) {
    Canvas zoomed = new Canvas(width * factor, height * factor, 0);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        zoomed.fill(x * factor, y * factor, factor, factor, pixel(x, y));
      }
    }
    return zoomed;
  }

  /** The colour at a share of the way from one to another. */
  static int mix(int from, int to, double share) {
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int a = from >> shift & 0xFF;
      int b = to >> shift & 0xFF;
      rgb |= (int) Math.round(a + share * (b - a)) << shift;
    }
    return rgb;
  }
}

package dev.tandem.models.pictures;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What a convolution has learned, and what it makes of a picture. */
public final class LayerPictures {
  private static final int MOST_FILTERS = 64;
  private static final int MOST_CHANNELS = 32;
  private static final int MOST_MAPS = 64;

  /** The side that a small filter or map is enlarged to, in pixels, as far as it stays below. */
  private static final int FILTER_SIDE = 56;

  private static final int PART_SIDE = 24;
  private static final int PART_GAP = 5;
  private static final int MAP_SIDE = 112;

  private LayerPictures() {}

  /**
   * The filters of a convolution. Of three channels they are shown in their colours, each on its
   * own scale; of others the weights of every channel, blue below 0, red above, all on one scale.
   * With several channels a row is a filter and a column a channel. No more than 64 filters are
   * shown, of several channels no more than 32 by 32; the title says how many there are.
   *
   * @param w {@code [K,C,R,S]}: filters, channels, rows, columns
   * @throws IllegalArgumentException if the weights do not fill the shape
   */
  public static Canvas filters(
      String layer, float[] w, int filters, int channels, int rows, int columns) {
    require(w, "filters", filters, channels, rows, columns);
    int shown = Math.min(filters, MOST_FILTERS);
    String title = layer + ": " + count(shown, filters, "filter");
    if (channels == 3) {
      int zoom = Math.max(1, FILTER_SIDE / Math.max(rows, columns));
      List<Montage.Tile> tiles =
          IntStream.range(0, shown)
              .mapToObj(k -> tile(colours(w, k, rows, columns).zoomed(zoom), k))
              .toList();
      return Montage.of(title, tiles, squarish(shown), 1, null);
    }
    Span span = Span.of(w).symmetric();
    Canvas scale = Montage.scale(ColorMap.DIVERGING, span);
    if (channels == 1) {
      int zoom = Math.max(1, FILTER_SIDE / Math.max(rows, columns));
      List<Montage.Tile> tiles =
          IntStream.range(0, shown)
              .mapToObj(k -> tile(weights(w, k, rows, columns, span).zoomed(zoom), k))
              .toList();
      return Montage.of(title, tiles, squarish(shown), 1, scale);
    }
    return matrix(layer, w, filters, channels, rows, columns, span, scale);
  }

  private static Canvas matrix(
      String layer,
      float[] w,
      int filters,
      int channels,
      int rows,
      int columns,
      Span span,
      Canvas scale) {
    int down = Math.min(filters, MOST_CHANNELS);
    int across = Math.min(channels, MOST_CHANNELS);
    int zoom = Math.max(1, PART_SIDE / Math.max(rows, columns));
    int wide = columns * zoom + PART_GAP;
    int high = rows * zoom + PART_GAP;
    Canvas matrix = new Canvas(across * wide - PART_GAP, down * high - PART_GAP, Montage.PAGE);
    for (int k = 0; k < down; k++) {
      for (int c = 0; c < across; c++) {
        Canvas part = weights(w, k * channels + c, rows, columns, span).zoomed(zoom);
        matrix.draw(part, c * wide, k * high);
      }
    }
    return Montage.of(
        "%s: %s (rows) by %s"
            .formatted(layer, count(down, filters, "filter"), count(across, channels, "channel")),
        List.of(new Montage.Tile(matrix, List.of(), Montage.TEXT)),
        1,
        1,
        scale);
  }

  private static Canvas weights(float[] w, int at, int rows, int columns, Span span) {
    return Canvas.ofPlane(
        w, at * rows * columns, rows, columns, ColorMap.DIVERGING, span.low(), span.high());
  }

  /** One filter of three channels with 0 in middle grey. */
  private static Canvas colours(float[] w, int filter, int rows, int columns) {
    float[] shares = new float[3 * rows * columns];
    System.arraycopy(w, filter * shares.length, shares, 0, shares.length);
    Span span = Span.of(shares).symmetric();
    for (int i = 0; i < shares.length; i++) {
      double share = span.high() > 0 ? (shares[i] - span.low()) / (2 * span.high()) : 0.5;
      shares[i] = (float) share;
    }
    return Canvas.ofPicture(shares, 3, rows, columns);
  }

  /**
   * The channels of a layer's output for one picture, all on one scale, so that a channel that is
   * silent looks so. No more than 64 are shown; the title says how many there are.
   *
   * @param y {@code [C,H,W]}
   * @throws IllegalArgumentException if the numbers do not fill the shape
   */
  public static Canvas featureMaps(String layer, float[] y, int channels, int height, int width) {
    require(y, "feature maps", channels, height, width);
    Span span = Span.of(y);
    int shown = Math.min(channels, MOST_MAPS);
    int zoom = Math.max(1, MAP_SIDE / Math.max(height, width));
    List<Montage.Tile> tiles = new ArrayList<>();
    for (int c = 0; c < shown; c++) {
      Canvas map =
          Canvas.ofPlane(
              y, c * height * width, height, width, ColorMap.VIRIDIS, span.low(), span.high());
      tiles.add(tile(map.zoomed(zoom), c));
    }
    String title =
        "%s: %s of %d x %d".formatted(layer, count(shown, channels, "channel"), height, width);
    Canvas scale = Montage.scale(ColorMap.VIRIDIS, span);
    return Montage.of(title, tiles, squarish(shown), 1, scale);
  }

  private static Montage.Tile tile(Canvas picture, int number) {
    return new Montage.Tile(picture, List.of(Integer.toString(number)), Montage.SOFT);
  }

  /** The columns of a montage that is a little wider than high. */
  private static int squarish(int tiles) {
    return (int) Math.ceil(Math.sqrt(tiles * 1.4));
  }

  private static String count(int shown, int all, String what) {
    String plural = all == 1 ? what : what + "s";
    return shown == all ? all + " " + plural : "the first " + shown + " of " + all + " " + plural;
  }

  private static void require(float[] values, String what, int... shape) {
    long product = 1;
    for (int length : shape) {
      product *= length;
    }
    if (values.length != product || product == 0) {
      throw new IllegalArgumentException(
          "%d numbers are no %s %s (give the layer's own, at least one)"
              .formatted(values.length, what, Arrays.toString(shape)));
    }
  }
}

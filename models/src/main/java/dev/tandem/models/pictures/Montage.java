package dev.tandem.models.pictures;

import java.util.List;

/** Pictures side by side under a title, each with lines of caption below it. */
final class Montage {
  static final int PAGE = 0xFFFFFF;
  static final int TEXT = 0x1C2126;
  static final int SOFT = 0x5B6570;
  static final int MARGIN = 16;
  static final int TITLE_SIZE = 2;

  private static final int GAP = 14;
  private static final int LEAD = 3;

  /**
   * A picture of a montage.
   *
   * @param caption lines, none or more; one that is wider than the picture is cut
   * @param rgb the colour of the caption
   */
  record Tile(Canvas picture, List<String> caption, int rgb) {}

  private Montage() {}

  /**
   * Lays pictures out in rows.
   *
   * @param tiles at least one
   * @param size of the captions' letters
   * @param footer a picture below all, or null
   */
  static Canvas of(String title, List<Tile> tiles, int columns, int size, Canvas footer) {
    int wide = tiles.stream().mapToInt(tile -> tile.picture().width()).max().orElseThrow();
    int tall = tiles.stream().mapToInt(tile -> tile.picture().height()).max().orElseThrow();
    int lines = tiles.stream().mapToInt(tile -> tile.caption().size()).max().orElseThrow();
    int line = Lettering.LINE * size + LEAD;
    int cellHeight = tall + GAP + (lines > 0 ? lines * line + LEAD : 0);
    int rows = (tiles.size() + columns - 1) / columns;
    int across = Math.min(columns, tiles.size());
    int width = across * (wide + GAP) - GAP;
    width = Math.max(width, Lettering.width(title, TITLE_SIZE));
    width = Math.max(width, footer == null ? 0 : footer.width());
    int top = titleHeight();
    int bottom = top + rows * cellHeight - GAP;
    int height = bottom + MARGIN + (footer == null ? 0 : footer.height() + GAP);
    Canvas page = page(title, width + 2 * MARGIN, height);
    for (int i = 0; i < tiles.size(); i++) {
      Tile tile = tiles.get(i);
      int left = MARGIN + i % columns * (wide + GAP);
      int y = top + i / columns * cellHeight;
      page.draw(tile.picture(), left, y);
      for (int k = 0; k < tile.caption().size(); k++) {
        String text = Lettering.fitting(tile.caption().get(k), size, wide);
        page.text(text, left, y + tall + 2 * LEAD + k * line, size, tile.rgb());
      }
    }
    if (footer != null) {
      page.draw(footer, MARGIN, bottom + GAP);
    }
    return page;
  }

  /** The room that a title takes at the top of a page, with the margin above it. */
  static int titleHeight() {
    return MARGIN + Lettering.LINE * TITLE_SIZE + GAP;
  }

  /** An empty page with its title. */
  static Canvas page(String title, int width, int height) {
    Canvas page = new Canvas(width, height, PAGE);
    page.text(title, MARGIN, MARGIN, TITLE_SIZE, TEXT);
    return page;
  }

  /** A bar of all colours of a map between the numbers of its ends. */
  static Canvas scale(ColorMap map, Span span) {
    String low = Span.text(span.low());
    String high = Span.text(span.high());
    int letters = Lettering.LINE * TITLE_SIZE;
    int bar = 160;
    int from = Lettering.width(low, TITLE_SIZE) + GAP;
    int width = from + bar + GAP + Lettering.width(high, TITLE_SIZE);
    Canvas scale = new Canvas(width, letters, PAGE);
    scale.text(low, 0, 0, TITLE_SIZE, SOFT);
    for (int x = 0; x < bar; x++) {
      scale.fill(from + x, 0, 1, letters - 2, map.rgb((double) x / (bar - 1)));
    }
    scale.text(high, from + bar + GAP, 0, TITLE_SIZE, SOFT);
    return scale;
  }
}

package dev.tandem.models.pictures;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Numbers over counts as lines. */
public final class LinePictures {
  private static final int PLOT_WIDTH = 760;
  private static final int PLOT_HEIGHT = 420;
  private static final int LETTERS = 2;
  private static final int GAP = 10;
  private static final int THICK = 3;
  private static final int LEGEND_LINE = 36;
  private static final int GRID = 0xE3E7EB;
  private static final int TICKS = 7;

  /** Okabe and Ito's colours: people who confuse red and green tell them apart. */
  private static final int[] COLOURS = {
    0x0072B2, 0xE69F00, 0x009E73, 0xD55E00, 0xCC79A7, 0x56B4E9, 0x8F6BD6, 0x000000
  };

  /**
   * A line.
   *
   * @param y the numbers at 1, 2, 3 and so on; what is not positive and finite leaves a gap
   */
  public record Line(String name, double[] y) {}

  /** The decades that the vertical axis goes over, and every how many one is labelled. */
  private record Decades(int low, int high, int every) {
    static Decades of(List<Line> lines) {
      double[] drawn =
          lines.stream()
              .flatMapToDouble(line -> DoubleStream.of(line.y()))
              .filter(LinePictures::isDrawn)
              .map(Math::log10)
              .toArray();
      int low = (int) Math.floor(DoubleStream.of(drawn).min().orElse(0));
      int high = (int) Math.ceil(DoubleStream.of(drawn).max().orElse(1));
      high = Math.max(high, low + 1);
      return new Decades(low, high, Math.max(1, (high - low + TICKS - 1) / TICKS));
    }

    double position(double value) {
      return (Math.log10(value) - low) / (high - low);
    }
  }

  private LinePictures() {}

  private static boolean isDrawn(double value) {
    return value > 0 && value <= Double.MAX_VALUE;
  }

  /**
   * Lines over counts on a vertical axis on which equal ratios have equal distances, with a legend
   * below.
   *
   * @param lines at least one
   */
  public static Canvas logarithmic(String title, String xLabel, List<Line> lines) {
    Decades decades = Decades.of(lines);
    int most = Math.max(2, lines.stream().mapToInt(line -> line.y().length).max().orElse(2));
    int letters = Lettering.LINE * LETTERS;
    int left = Montage.MARGIN + Lettering.width("1e-100", LETTERS) + GAP;
    int top = Montage.titleHeight();
    int legend = top + PLOT_HEIGHT + 3 * GAP + 2 * letters;
    int width = left + PLOT_WIDTH + 2 * Montage.MARGIN;
    width = Math.max(width, Lettering.width(title, Montage.TITLE_SIZE) + 2 * Montage.MARGIN);
    int height = legend + lines.size() * (letters + GAP) + Montage.MARGIN;
    Canvas page = Montage.page(title, width, height);
    for (int decade = decades.low(); decade <= decades.high(); decade += decades.every()) {
      int y = top + (int) Math.round(PLOT_HEIGHT * (1 - share(decade, decades)));
      page.fill(left, y, PLOT_WIDTH, 1, GRID);
      String label = decade == 0 ? "1" : String.format(Locale.ROOT, "1e%d", decade);
      int x = left - GAP - Lettering.width(label, LETTERS);
      page.text(label, x, y - letters / 2 + 1, LETTERS, Montage.SOFT);
    }
    page.fill(left, top + PLOT_HEIGHT, PLOT_WIDTH, 1, Montage.SOFT);
    countTicks(page, left, top + PLOT_HEIGHT, most);
    int middle = left + (PLOT_WIDTH - Lettering.width(xLabel, LETTERS)) / 2;
    page.text(xLabel, middle, top + PLOT_HEIGHT + 2 * GAP + letters, LETTERS, Montage.TEXT);
    for (int i = 0; i < lines.size(); i++) {
      int rgb = COLOURS[i % COLOURS.length];
      draw(page, lines.get(i).y(), decades, most, left, top, rgb);
      int y = legend + GAP + i * (letters + GAP);
      page.fill(left, y + letters / 2 - 2, LEGEND_LINE, THICK, rgb);
      page.text(lines.get(i).name(), left + LEGEND_LINE + GAP, y, LETTERS, Montage.TEXT);
    }
    return page;
  }

  private static double share(int decade, Decades decades) {
    return (double) (decade - decades.low()) / (decades.high() - decades.low());
  }

  private static void countTicks(Canvas page, int left, int floor, int most) {
    int step = 1;
    // 1, 2, 5, 10, 20, ... until the ticks are few enough.
    for (int i = 0; (most - 1) / step >= TICKS + 3; i++) {
      step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    }
    for (int count = step; count <= most; count += step) {
      int x = x(left, count, most);
      String label = Integer.toString(count);
      page.fill(x, floor, 1, 5, Montage.SOFT);
      page.text(label, x - Lettering.width(label, LETTERS) / 2, floor + GAP, LETTERS, Montage.SOFT);
    }
  }

  private static int x(int left, int count, int most) {
    return left + (int) Math.round((double) (count - 1) * (PLOT_WIDTH - 1) / (most - 1));
  }

  private static void draw(
      Canvas page, double[] y, Decades decades, int most, int left, int top, int rgb) {
    for (int i = 0; i < y.length; i++) {
      if (!isDrawn(y[i])) {
        continue;
      }
      int fromX = x(left, i + 1, most);
      int fromY = y(top, y[i], decades);
      boolean goesOn = i + 1 < y.length && isDrawn(y[i + 1]);
      int toX = goesOn ? x(left, i + 2, most) : fromX;
      int toY = goesOn ? y(top, y[i + 1], decades) : fromY;
      int dots = Math.max(1, Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY)));
      for (int dot = 0; dot <= dots; dot++) {
        int x = fromX + (int) Math.round((double) dot * (toX - fromX) / dots);
        int at = fromY + (int) Math.round((double) dot * (toY - fromY) / dots);
        page.fill(x - THICK / 2, at - THICK / 2, THICK, THICK, rgb);
      }
    }
  }

  private static int y(int top, double value, Decades decades) {
    return top + (int) Math.round(PLOT_HEIGHT * (1 - decades.position(value)));
  }
}

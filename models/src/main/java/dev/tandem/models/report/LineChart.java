package dev.tandem.models.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Series over a common horizontal axis of counts, such as epochs, drawn as SVG with a legend. The
 * vertical axis is logarithmic if all values are positive and span more than two decades. Values
 * that are not finite in float32 leave a gap, and the caption says how many there are.
 */
public final class LineChart {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 280;
  private static final int LEFT = 58;
  private static final int RIGHT = 12;
  private static final int TOP = 12;
  private static final int BOTTOM = 42;

  /** Up to here points are marked and tell their value; beyond, marks would cover the line. */
  private static final int MOST_MARKS = 40;

  private record Series(String name, double[] x, double[] y) {
    boolean drawn(int index) {
      return drawable(x[index]) && drawable(y[index]);
    }

    private static boolean drawable(double value) {
      return Math.abs(value) <= Float.MAX_VALUE;
    }

    IntStream drawn() {
      return IntStream.range(0, x.length).filter(this::drawn);
    }
  }

  private final String title;
  private final String xLabel;
  private final List<Series> series = new ArrayList<>();

  /**
   * Starts without series.
   *
   * @param title what is shown, for example the metric
   * @param xLabel what is counted on the horizontal axis
   */
  public LineChart(String title, String xLabel) {
    this.title = title;
    this.xLabel = xLabel;
  }

  /**
   * Adds a line.
   *
   * @param name for the legend
   * @param x positions, ascending
   * @param y values, as many; may be empty, and not finite where there is none
   * @return this chart
   */
  public LineChart series(String name, double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "series " + name + " has " + x.length + " positions and " + y.length + " values");
    }
    series.add(new Series(name, x.clone(), y.clone()));
    return this;
  }

  /** The figure: caption, SVG, legend. */
  String html() {
    return "<figure>\n<figcaption>"
        + Html.escape(title)
        + "</figcaption>\n"
        + drawing()
        + legend()
        + "</figure>\n";
  }

  private String drawing() {
    double[] x = all(Series::x);
    double[] y = all(Series::y);
    if (x.length == 0) {
      return "<p class=\"none\">no values to draw</p>\n";
    }
    Axis horizontal = Axis.ofCounts(min(x), max(x));
    Axis vertical = Axis.ofValues(min(y), max(y));
    StringBuilder svg = new StringBuilder();
    svg.append(
        text(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH, HEIGHT, Html.escape(title + " over " + xLabel)));
    for (double tick : vertical.ticks()) {
      double at = screenY(vertical, tick);
      svg.append(
          text(
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
              LEFT, WIDTH - RIGHT, at, at));
      svg.append(
          text(
              "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
              LEFT - 7, at + 4, Html.number(tick)));
    }
    int floor = HEIGHT - BOTTOM;
    for (double tick : horizontal.ticks()) {
      double at = screenX(horizontal, tick);
      svg.append(
          text(
              "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
              at, at, floor, floor + 4));
      svg.append(
          text(
              "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
              at, floor + 17, Html.number(tick)));
    }
    svg.append(
        text(
            "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n",
            LEFT, WIDTH - RIGHT, floor, floor));
    svg.append(
        text(
            "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, Html.escape(xLabel)));
    for (int index = 0; index < series.size(); index++) {
      svg.append(line(series.get(index), "s" + index % Stylesheet.SERIES, horizontal, vertical));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String line(Series series, String style, Axis horizontal, Axis vertical) {
    StringBuilder path = new StringBuilder();
    StringBuilder marks = new StringBuilder();
    boolean marked = series.drawn().count() <= MOST_MARKS;
    for (int index = 0; index < series.x().length; index++) {
      if (series.drawn(index)) {
        double x = screenX(horizontal, series.x()[index]);
        double y = screenY(vertical, series.y()[index]);
        boolean begins = index == 0 || !series.drawn(index - 1);
        boolean ends = index == series.x().length - 1 || !series.drawn(index + 1);
        path.append(text("%s%.1f %.1f", begins ? "M" : "L", x, y));
        // A point between two gaps has no line that could show it.
        if (marked || (begins && ends)) {
          marks.append(
              text(
                  "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"><title>%s</title></circle>\n",
                  style,
                  x,
                  y,
                  Html.escape(
                      series.name()
                          + " at "
                          + Html.number(series.x()[index])
                          + ": "
                          + Html.number(series.y()[index]))));
        }
      }
    }
    return path.isEmpty() ? "" : text("<path class=\"%s\" d=\"%s\"/>\n%s", style, path, marks);
  }

  private String legend() {
    StringBuilder html = new StringBuilder("<ul class=\"legend\">\n");
    for (int index = 0; index < series.size(); index++) {
      Series line = series.get(index);
      long missing = line.x().length - line.drawn().count();
      html.append(
          text(
              "<li><svg viewBox=\"0 0 24 8\" aria-hidden=\"true\"><path class=\"s%d\" d=\"M0 4H24\"/></svg>%s%s</li>\n",
              index % Stylesheet.SERIES,
              Html.escape(line.name()),
              missing == 0 ? "" : " (" + missing + " not finite)"));
    }
    return html.append("</ul>\n").toString();
  }

  private double[] all(Function<Series, double[]> coordinate) {
    return series.stream()
        .flatMapToDouble(line -> line.drawn().mapToDouble(index -> coordinate.apply(line)[index]))
        .toArray();
  }

  private static double screenX(Axis axis, double value) {
    return LEFT + axis.position(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double screenY(Axis axis, double value) {
    return HEIGHT - BOTTOM - axis.position(value) * (HEIGHT - TOP - BOTTOM);
  }

  private static double min(double[] values) {
    return DoubleStream.of(values).min().orElseThrow();
  }

  private static double max(double[] values) {
    return DoubleStream.of(values).max().orElseThrow();
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

package dev.tandem.benchmarks.roofline;

import dev.tandem.benchmarks.cases.Work;
import dev.tandem.models.report.Html;
import dev.tandem.models.report.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The roofline as a picture: operations for each byte from left to right, operations in a second
 * from below, both logarithmic. Slopes are bandwidths, the ceiling is the peak of arithmetic; a
 * point is a case, and its height below the roof is what is left to gain.
 */
public final class RooflineChart implements Section {
  private static final int WIDTH = 960;
  private static final int HEIGHT = 600;
  private static final int LEFT = 70;
  private static final int RIGHT = 24;
  private static final int TOP = 64;
  private static final int BOTTOM = 78;
  private static final double DECADE = 10;

  /** Room around what is shown, as a factor. */
  private static final double MARGIN = 3;

  /** Labels: characters and lines of their size, in units of the picture. */
  private static final double CHARACTER = 6.1;

  private static final double LINE = 13;
  private static final double GAP = 9;
  private static final double GIGA = 1e9;

  /** Roofs that are closer than this would cover each other. */
  private static final double DISTINCT = 1.25;

  private static final String STYLE =
      """
      .rf { --rf-page: #fff; --rf-text: #1c2126; --rf-soft: #5b6570; --rf-line: #e4e8ec;
        --rf-compute: #0072b2; --rf-memory: #009e73; --rf-overhead: #d55e00; }
      @media (prefers-color-scheme: dark) { .rf { --rf-page: #14181d; --rf-text: #e6e9ec; --rf-soft: #9aa5b1;
        --rf-line: #2b323a; --rf-compute: #56b4e9; --rf-memory: #2fc79b; --rf-overhead: #f0803c; } }
      .rf text { font: 11px system-ui, sans-serif; fill: var(--rf-soft); paint-order: stroke; stroke: var(--rf-page);
        stroke-width: 3px; }
      .rf .rf-title { font: 600 18px system-ui, sans-serif; fill: var(--rf-text); }
      .rf .rf-name { fill: var(--rf-text); }
      .rf .rf-back { fill: var(--rf-page); }
      .rf .rf-grid { stroke: var(--rf-line); }
      .rf .rf-roof { stroke: var(--rf-text); stroke-width: 2; fill: none; }
      .rf .rf-slope { stroke: var(--rf-soft); stroke-width: 1.5; fill: none; }
      .rf .rf-drop { stroke-width: 1; stroke-dasharray: 2 3; opacity: .55; }
      .rf .rf-compute { fill: var(--rf-compute); stroke: var(--rf-compute); }
      .rf .rf-memory { fill: var(--rf-memory); stroke: var(--rf-memory); }
      .rf .rf-overhead { fill: var(--rf-overhead); stroke: var(--rf-overhead); }
      """;

  private record Point(String name, Work work, double seconds, Placement placement) {
    double intensity() {
      return work.flopsPerByte();
    }

    double rate() {
      return work.flops() / seconds;
    }

    /** The rate at the limit. */
    double roof() {
      return rate() * 100 / placement.percentOfLimit();
    }
  }

  private record Box(double left, double top, double right, double bottom) {
    boolean overlaps(Box other) {
      return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }
  }

  private final String title;
  private final String subtitle;
  private final Machine machine;
  private final List<Point> points = new ArrayList<>();

  /**
   * Starts without points.
   *
   * @param title heading
   * @param subtitle what was measured on
   * @param machine the roofs
   */
  public RooflineChart(String title, String subtitle, Machine machine) {
    this.title = title;
    this.subtitle = subtitle;
    this.machine = machine;
  }

  /**
   * Adds a case.
   *
   * @param name its label
   * @param work of a run, with arithmetic
   * @param seconds of a run
   * @param placement under the roof
   */
  public void point(String name, Work work, double seconds, Placement placement) {
    points.add(new Point(name, work, seconds, placement));
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public String html() {
    return "<figure>\n" + svg() + "</figure>\n";
  }

  /** Returns the picture, which stands alone: it brings its style and follows light and dark. */
  public String svg() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        text(
            "<svg class=\"rf\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH, HEIGHT, Html.escape(title + ": " + subtitle)));
    svg.append("<style>\n").append(STYLE).append("</style>\n");
    svg.append(text("<rect class=\"rf-back\" width=\"%d\" height=\"%d\"/>\n", WIDTH, HEIGHT));
    svg.append(label(LEFT, 28, "start", "rf-title", title));
    svg.append(label(LEFT, 46, "start", "", subtitle));
    svg.append(legend());
    svg.append(grid());
    svg.append(roofs());
    svg.append(marks());
    return svg.append("</svg>\n").toString();
  }

  private double leftmost() {
    return points.stream().mapToDouble(Point::intensity).min().orElse(0.1) / MARGIN;
  }

  private double rightmost() {
    double ridge = machine.peak() / slopes().get(slopes().size() - 1).bytesPerSecond();
    double most = points.stream().mapToDouble(Point::intensity).max().orElse(ridge);
    return MARGIN * Math.max(ridge, most);
  }

  private double lowest() {
    return points.stream().mapToDouble(Point::rate).min().orElse(machine.peak() / 1000) / MARGIN;
  }

  private double highest() {
    return 2 * machine.peak();
  }

  private double x(double intensity) {
    return LEFT
        + (WIDTH - LEFT - RIGHT)
            * Math.log(intensity / leftmost())
            / Math.log(rightmost() / leftmost());
  }

  private double y(double rate) {
    return HEIGHT
        - BOTTOM
        - (HEIGHT - TOP - BOTTOM) * Math.log(rate / lowest()) / Math.log(highest() / lowest());
  }

  private String grid() {
    StringBuilder svg = new StringBuilder();
    double floor = HEIGHT - BOTTOM;
    for (double tick = decade(leftmost()); tick <= rightmost(); tick *= DECADE) {
      svg.append(line("rf-grid", x(tick), TOP, x(tick), floor));
      svg.append(label(x(tick), floor + 18, "middle", "", Html.number(tick)));
    }
    for (double tick = decade(lowest()); tick <= highest(); tick *= DECADE) {
      svg.append(line("rf-grid", LEFT, y(tick), WIDTH - RIGHT, y(tick)));
      svg.append(label(LEFT - 8, y(tick) + 4, "end", "", Html.number(tick / GIGA)));
    }
    svg.append(
        label(
            (LEFT + WIDTH - RIGHT) / 2.0,
            floor + 40,
            "middle",
            "",
            "arithmetic intensity: operations for each byte"));
    svg.append(
        text(
            "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">GFLOP/s</text>\n",
            (TOP + HEIGHT - BOTTOM) / 2));
    return svg.toString();
  }

  /** Returns the first power of ten that is not below a value. */
  private static double decade(double value) {
    return Math.pow(DECADE, Math.ceil(Math.log10(value)));
  }

  /** The levels that can be told apart, the fastest first. */
  private List<Machine.Bandwidth> slopes() {
    List<Machine.Bandwidth> distinct = new ArrayList<>();
    for (Machine.Bandwidth at : machine.bandwidth()) {
      boolean first = distinct.isEmpty();
      double last = first ? 0 : distinct.get(distinct.size() - 1).bytesPerSecond();
      if (first || at.bytesPerSecond() * DISTINCT < last) {
        distinct.add(at);
      }
    }
    return distinct;
  }

  private String roofs() {
    StringBuilder svg = new StringBuilder();
    double nearestRidge = machine.peak() / slopes().get(0).bytesPerSecond();
    svg.append(
        line("rf-roof", x(nearestRidge), y(machine.peak()), WIDTH - RIGHT, y(machine.peak())));
    svg.append(
        label(
            WIDTH - RIGHT,
            y(machine.peak()) - 8,
            "end",
            "rf-name",
            text(
                "peak of fused multiply-additions, %d thread%s: %.0f GFLOP/s",
                machine.threads(), machine.threads() == 1 ? "" : "s", machine.peak() / GIGA)));
    for (Machine.Bandwidth at : slopes()) {
      double rate = at.bytesPerSecond();
      double from = Math.max(leftmost(), lowest() / rate);
      svg.append(
          line("rf-slope", x(from), y(from * rate), x(machine.peak() / rate), y(machine.peak())));
      svg.append(slopeLabel(at, from));
    }
    return svg.toString();
  }

  /** Written along the slope, near its lower end. */
  private String slopeLabel(Machine.Bandwidth at, double from) {
    double rate = at.bytesPerSecond();
    double startX = x(from) + 10;
    double intensity = from * Math.pow(rightmost() / leftmost(), 10.0 / (WIDTH - LEFT - RIGHT));
    double startY = y(intensity * rate) - 6;
    double steep = (y(from * rate) - y(10 * from * rate)) / (x(10 * from) - x(from));
    return text(
        "<text transform=\"translate(%.1f %.1f) rotate(%.1f)\">%s: %.0f GB/s</text>\n",
        startX, startY, -Math.toDegrees(Math.atan(steep)), size(at.workingSet()), rate / GIGA);
  }

  private static String size(long bytes) {
    return bytes < 1 << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
  }

  private String marks() {
    StringBuilder svg = new StringBuilder();
    List<Box> taken = new ArrayList<>();
    for (Point point : points) {
      double x = x(point.intensity());
      double y = y(point.rate());
      taken.add(new Box(x - 5, y - 5, x + 5, y + 5));
    }
    for (Point point : points) {
      double x = x(point.intensity());
      double y = y(point.rate());
      String kind = "rf-" + point.placement().bound().id();
      svg.append(line("rf-drop " + kind, x, y, x, y(point.roof())));
      svg.append(
          text(
              "<g class=\"%s\"><title>%s</title>%s</g>\n",
              kind, meaning(point), shape(point, x, y)));
      svg.append(name(point, x, y, taken));
    }
    return svg.toString();
  }

  private static String meaning(Point point) {
    return Html.escape(
        text(
            "%s: %.1f GFLOP/s, %.2f operations for each byte, %.0f %% of the limit, %s",
            point.name(),
            point.rate() / GIGA,
            point.intensity(),
            point.placement().percentOfLimit(),
            point.placement().bound().id()));
  }

  /** Shapes tell the bounds apart where colours do not. */
  private static String shape(Point point, double x, double y) {
    return shape(point.placement().bound(), x, y);
  }

  private static String shape(Placement.Bound bound, double x, double y) {
    return switch (bound) {
      case COMPUTE -> text("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>", x, y);
      case MEMORY -> text("<rect x=\"%.1f\" y=\"%.1f\" width=\"8\" height=\"8\"/>", x - 4, y - 4);
      case OVERHEAD ->
          text(
              "<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>",
              x, y - 5, x + 5, y + 4, x - 5, y + 4);
    };
  }

  /** The name at one of eight places around the mark, or nowhere if all are taken. */
  private static String name(Point point, double x, double y, List<Box> taken) {
    String text = text("%s  %.0f %%", point.name(), point.placement().percentOfLimit());
    double width = text.length() * CHARACTER;
    for (int row : new int[] {0, 1, -1, 2, -2}) {
      for (boolean right : new boolean[] {true, false}) {
        double left = right ? x + GAP : x - GAP - width;
        double middle = y + row * LINE;
        Box box = new Box(left, middle - LINE / 2, left + width, middle + LINE / 2);
        boolean inside = box.left() > LEFT && box.right() < WIDTH - RIGHT;
        if (inside && taken.stream().noneMatch(box::overlaps)) {
          taken.add(box);
          return label(
              right ? left : left + width, middle + 4, right ? "start" : "end", "rf-name", text);
        }
      }
    }
    return "";
  }

  private static String legend() {
    StringBuilder svg = new StringBuilder();
    double x = LEFT;
    for (Placement.Bound bound : Placement.Bound.values()) {
      svg.append(text("<g class=\"rf-%s\">%s</g>\n", bound.id(), shape(bound, x + 5, HEIGHT - 16)));
      svg.append(label(x + 16, HEIGHT - 12, "start", "", bound.id() + " bound"));
      x += 130;
    }
    svg.append(
        label(x, HEIGHT - 12, "start", "", "dotted: what is left to the limit of the case (in %)"));
    return svg.toString();
  }

  private static String label(double x, double y, String anchor, String style, String text) {
    return text(
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
        style, x, y, anchor, Html.escape(text));
  }

  private static String line(String style, double x1, double y1, double x2, double y2) {
    return text(
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
        style, x1, y1, x2, y2);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

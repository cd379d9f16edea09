package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Verification;
import dev.tandem.benchmarks.roofline.Machine;
import dev.tandem.benchmarks.roofline.RooflineChart;
import dev.tandem.models.report.ChartSection;
import dev.tandem.models.report.HtmlReport;
import dev.tandem.models.report.LineChart;
import dev.tandem.models.report.NotesSection;
import dev.tandem.models.report.TableSection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The page that {@code tandem bench} writes. */
final class BenchReport {
  private static final List<String> COLUMNS =
      List.of(
          "case",
          "on",
          "threads",
          "time",
          "GFLOP/s",
          "% of limit",
          "bound",
          "heap bytes",
          "beside",
          "ratio");

  private static final List<String> LEGEND =
      List.of(
          "The limit of a case is the longer of two times: its arithmetic at the peak of fused multiply-additions, and each"
              + " operand once at the bandwidth that was measured for a working set of its size.",
          "compute and memory: that time is more than half of what the case took. overhead: more than half of the time is"
              + " neither, such as calls, waiting threads, second passes, loops that do not fill the vectors.",
          "Times are medians of turns. Beside a peer, turns alternate, and the ratio is the median of its time / our time in"
              + " neighbouring turns: above 1 we are faster.",
          "Every result was compared with the scalar backend's before it was timed; of the largest steps, which take it minutes,"
              + " only that the loss falls.");

  private final Map<String, Object> machine;
  private final Map<Integer, Machine> limits;
  private final Machine limit;
  private final List<Row> rows;
  private final List<String> warnings;
  private final List<String> summary;

  /**
   * Collects.
   *
   * @param machine as {@link Environment#describe} gives it
   * @param limits of the processor by the number of threads; the picture is drawn under the last
   * @param rows in the order in which they were measured
   * @param warnings what the reader must know
   * @param summary what the rows come to
   */
  BenchReport(
      Map<String, Object> machine,
      Map<Integer, Machine> limits,
      List<Row> rows,
      List<String> warnings,
      List<String> summary) {
    this.machine = machine;
    this.limits = limits;
    this.summary = summary;
    this.limit = limits.get(Collections.max(limits.keySet()));
    this.rows = rows;
    this.warnings = warnings;
  }

  /** Returns the page. */
  String page() {
    HtmlReport report = new HtmlReport("Tandem, measured", subtitle());
    report.add(roofline());
    if (!summary.isEmpty()) {
      report.add(new NotesSection("Beside peers", List.of(), summary));
    }
    report.add(new NotesSection("How to read it", warnings, LEGEND));
    for (String suite : suites()) {
      report.add(table(suite));
    }
    report.add(bandwidth());
    report.add(TableSection.of("Machine", flat(machine)));
    return report.render();
  }

  /** Returns the roofline as a picture of its own. */
  String picture() {
    return roofline().svg();
  }

  private String subtitle() {
    return "%s; Java %s, Tandem %s"
        .formatted(Environment.device(machine), machine.get("java"), machine.get("tandem"));
  }

  private List<String> suites() {
    return rows.stream().map(row -> row.measured().suite().id()).distinct().toList();
  }

  private RooflineChart roofline() {
    RooflineChart chart = new RooflineChart("Tandem under the roofline", subtitle(), limit);
    List<String> seen = new ArrayList<>();
    for (Row row : rows) {
      String name = row.measured().name();
      boolean drawn =
          row.placement() != null
              && row.threads() == limit.threads()
              && !row.backend().equals(Verification.ORACLE)
              && row.measured().work().flops() > 0
              && !seen.contains(name);
      if (drawn) {
        seen.add(name);
        chart.point(name, row.measured().work(), row.seconds(), row.placement());
      }
    }
    return chart;
  }

  private TableSection table(String suite) {
    List<List<String>> cells = new ArrayList<>();
    for (Row row : rows) {
      if (row.measured().suite().id().equals(suite)) {
        boolean placed = row.placement() != null;
        cells.add(
            List.of(
                row.measured().name(),
                row.backend(),
                Integer.toString(row.threads()),
                ResultTable.time(row.seconds()),
                number("%.1f", row.gflops()),
                placed ? number("%.0f", row.placement().percentOfLimit()) : "–",
                placed ? row.placement().bound().id() : "–",
                Long.toString(row.allocatedBytes()),
                row.peer() == null
                    ? "–"
                    : row.peer().name() + " " + ResultTable.time(row.peer().seconds()),
                row.peer() == null ? "–" : number("%.2f", row.peer().ratio())));
      }
    }
    return new TableSection(suite, COLUMNS, cells);
  }

  private ChartSection bandwidth() {
    return new ChartSection(
        "Bandwidth of caches and memory",
        limits.values().stream().map(BenchReport::bandwidth).toList());
  }

  private static LineChart bandwidth(Machine limit) {
    double[] sizes = new double[limit.bandwidth().size()];
    double[] rates = new double[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      Machine.Bandwidth at = limit.bandwidth().get(i);
      sizes[i] = Math.log(at.workingSet() / 1024.0) / Math.log(2);
      rates[i] = at.bytesPerSecond() * 1e-9;
    }
    String threads = limit.threads() == 1 ? "1 thread" : limit.threads() + " threads";
    return new LineChart(
            "GB/s, " + threads, "working set, log2 of its KiB: 10 is 1 MiB, 16 is 64 MiB")
        .series("GB/s", sizes, rates);
  }

  private static Map<String, String> flat(Map<String, Object> values) {
    Map<String, String> flat = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (value instanceof Map<?, ?> inner) {
            inner.forEach((key, each) -> flat.put(name + " " + key, text(each)));
          } else {
            flat.put(name, text(value));
          }
        });
    return flat;
  }

  private static String text(Object value) {
    if (value instanceof Map<?, ?> inner) {
      List<String> parts = new ArrayList<>();
      inner.forEach((key, each) -> parts.add(key + ": " + text(each)));
      return String.join(", ", parts);
    }
    if (value instanceof List<?> list) {
      return list.isEmpty()
          ? "none"
          : String.join(", ", list.stream().map(String::valueOf).toList());
    }
    return value instanceof Double number ? number("%.1f", number) : String.valueOf(value);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}

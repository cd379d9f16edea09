package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Cases;
import dev.tandem.benchmarks.cases.StepCase;
import dev.tandem.benchmarks.cases.Verification;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The rows as tables in Markdown, to be pasted into a page, and what they come to in a few lines.
 *
 * @param heading what was measured on, a line each
 * @param rows in the order in which they were measured
 */
record Summary(List<String> heading, List<Row> rows) {
  private static final double MEBI = 1 << 20;

  /** What is shown together: a suite on a backend with a number of threads. */
  private record Group(String suite, String backend, int threads) {
    static Group of(Row row) {
      return new Group(row.measured().suite().id(), row.backend(), row.threads());
    }

    String title() {
      return "%s on %s, %d thread%s".formatted(suite, backend, threads, threads == 1 ? "" : "s");
    }
  }

  /** Returns a line for each peer: the geometric mean of all ratios, and the least. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Map.Entry<Group, List<Row>> group : groups().entrySet()) {
      Map<String, List<Row>> byPeer = new LinkedHashMap<>();
      for (Row row : group.getValue()) {
        if (row.peer() != null) {
          byPeer.computeIfAbsent(row.peer().name(), name -> new ArrayList<>()).add(row);
        }
      }
      byPeer.forEach((peer, of) -> lines.add(line(group.getKey().title() + ", " + peer, of)));
    }
    return lines;
  }

  private static String line(String title, List<Row> of) {
    double logarithms = 0;
    Row least = of.get(0);
    for (Row row : of) {
      logarithms += Math.log(row.peer().ratio());
      least = row.peer().ratio() < least.peer().ratio() ? row : least;
    }
    return text(
        "%s: %d case%s, geometric mean of the ratios %.2f, least %.2f (%s).",
        title,
        of.size(),
        of.size() == 1 ? "" : "s",
        Math.exp(logarithms / of.size()),
        least.peer().ratio(),
        least.measured().name());
  }

  /** Returns the page. */
  String markdown() {
    StringBuilder page = new StringBuilder();
    heading.forEach(line -> page.append(line).append("\n\n"));
    lines().forEach(line -> page.append("- ").append(line).append('\n'));
    groups()
        .forEach(
            (group, of) -> {
              page.append("\n## ").append(group.title()).append("\n\n");
              table(page, group, of);
            });
    growth(page);
    return page.toString();
  }

  /** The oracle's times say nothing. */
  private Map<Group, List<Row>> groups() {
    Map<Group, List<Row>> groups = new LinkedHashMap<>();
    for (Row row : rows) {
      if (!row.backend().equals(Verification.ORACLE)) {
        groups.computeIfAbsent(Group.of(row), group -> new ArrayList<>()).add(row);
      }
    }
    return groups;
  }

  private void table(StringBuilder page, Group group, List<Row> of) {
    Map<String, Map<String, Row>> byCase = new LinkedHashMap<>();
    List<String> peers =
        of.stream()
            .filter(row -> row.peer() != null)
            .map(row -> row.peer().name())
            .distinct()
            .toList();
    for (Row row : of) {
      byCase
          .computeIfAbsent(row.measured().name(), name -> new LinkedHashMap<>())
          .put(row.peer() == null ? "" : row.peer().name(), row);
    }
    List<String> columns =
        new ArrayList<>(
            List.of("case", "ms", "fastest", "GFLOP/s", "% of peak", "% of limit", "bound"));
    peers.forEach(peer -> columns.addAll(List.of(peer + ", ms", "ratio")));
    boolean scales =
        group.threads() > 1
            && rows.stream()
                .anyMatch(row -> row.threads() == 1 && row.backend().equals(group.backend()));
    if (scales) {
      columns.add("1 thread / this");
    }
    line(page, columns);
    line(page, columns.stream().map(column -> "---").toList());
    for (Map<String, Row> cells : byCase.values()) {
      Row any = cells.values().iterator().next();
      List<String> line = new ArrayList<>(own(any));
      for (String peer : peers) {
        Row row = cells.get(peer);
        line.add(row == null ? "none" : milliseconds(row.peer().seconds()));
        line.add(row == null ? "" : text("%.2f", row.peer().ratio()));
      }
      if (scales) {
        Row one = find(any.measured().name(), any.backend(), 1);
        line.add(one == null ? "" : text("%.2f", one.seconds() / any.seconds()));
      }
      line(page, line);
    }
  }

  private static List<String> own(Row row) {
    boolean placed = row.placement() != null;
    return List.of(
        row.measured().name(),
        milliseconds(row.seconds()),
        milliseconds(row.fastest()),
        text("%.1f", row.gflops()),
        placed ? text("%.0f", row.placement().percentOfPeak()) : "",
        placed ? text("%.0f", row.placement().percentOfLimit()) : "",
        placed ? row.placement().bound().id() : "");
  }

  /** How time and memory grow for each element of the input, relative to the first of a group. */
  private void growth(StringBuilder page) {
    for (Group group : groups().keySet()) {
      for (List<StepCase> growing : Cases.scaling()) {
        List<Row> found = new ArrayList<>();
        for (StepCase step : growing) {
          Row row = find(step.name(), group.backend(), group.threads());
          if (group.suite().equals(step.suite().id()) && row != null) {
            found.add(row);
          }
        }
        if (found.size() > 1) {
          page.append("\n## growth of ").append(group.title()).append("\n\n");
          growth(page, found);
        }
      }
    }
  }

  private static void growth(StringBuilder page, List<Row> of) {
    line(page, List.of("step", "ms", "GFLOP/s", "MiB", "time / work", "memory / work"));
    line(page, List.of("---", "---", "---", "---", "---", "---"));
    Row first = of.get(0);
    for (Row row : of) {
      double work = inputs(row) / inputs(first);
      line(
          page,
          List.of(
              row.measured().name(),
              milliseconds(row.seconds()),
              text("%.1f", row.gflops()),
              text("%.1f", row.memoryBytes() / MEBI),
              text("%.2f", row.seconds() / first.seconds() / work),
              text("%.2f", (double) row.memoryBytes() / first.memoryBytes() / work)));
    }
  }

  /** Elements of the input: operations would hide what is not arithmetic. */
  private static double inputs(Row row) {
    StepCase step = (StepCase) row.measured();
    return (double) step.batch() * step.network().input().elements();
  }

  private Row find(String name, String backend, int threads) {
    return rows.stream()
        .filter(row -> row.measured().name().equals(name))
        .filter(row -> row.backend().equals(backend) && row.threads() == threads)
        .findFirst()
        .orElse(null);
  }

  private static void line(StringBuilder page, List<String> cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static String milliseconds(double seconds) {
    double value = seconds * 1e3;
    return text(value < 1 ? "%.4f" : value < 100 ? "%.2f" : "%.1f", value);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}

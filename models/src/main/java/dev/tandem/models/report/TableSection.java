package dev.tandem.models.report;

import dev.tandem.models.metrics.ClassScores;
import dev.tandem.models.metrics.ConfusionMatrix;
import dev.tandem.models.metrics.DetectionMetrics;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A table of plain text. A column whose cells all look like numbers is aligned to the right.
 *
 * @param title heading
 * @param columns names of the columns; empty for a table of names and values that explains itself
 * @param rows cells, as many per row as columns if there are any; the first of a row names it
 */
public record TableSection(String title, List<String> columns, List<List<String>> rows)
    implements Section {
  /**
   * Checks that the rows fit the columns.
   *
   * @throws IllegalArgumentException if one has another number of cells
   */
  public TableSection {
    int width = columns.isEmpty() && !rows.isEmpty() ? rows.get(0).size() : columns.size();
    for (List<String> row : rows) {
      if (row.size() != width) {
        throw new IllegalArgumentException(
            "table " + title + " has " + width + " columns, a row has " + row.size() + " cells");
      }
    }
  }

  /** Names and values in the order of the map. */
  public static TableSection of(String title, Map<String, String> values) {
    List<List<String>> rows = new ArrayList<>();
    values.forEach((name, value) -> rows.add(List.of(name, value)));
    return new TableSection(title, List.of(), rows);
  }

  /**
   * Metrics by part of the data.
   *
   * @param parts metrics by name, by part such as train, validation, test; both in the order of the
   *     maps; a metric that a part lacks is shown as a dash
   */
  public static TableSection ofMetrics(String title, Map<String, Map<String, Double>> parts) {
    Set<String> names = new LinkedHashSet<>();
    parts.values().forEach(metrics -> names.addAll(metrics.keySet()));
    List<String> columns = new ArrayList<>(List.of("metric"));
    columns.addAll(parts.keySet());
    List<List<String>> rows = new ArrayList<>();
    for (String name : names) {
      List<String> row = new ArrayList<>(List.of(name));
      parts
          .values()
          .forEach(
              metrics ->
                  row.add(
                      metrics.containsKey(name) ? Html.aligned(metrics.get(name)) : Html.ABSENT));
      rows.add(row);
    }
    return new TableSection(title, columns, rows);
  }

  /** Precision, recall, F1 and support by class, then their averages if there are examples. */
  public static TableSection ofScores(String title, ConfusionMatrix matrix) {
    List<List<String>> rows = new ArrayList<>();
    for (int index = 0; index < matrix.size(); index++) {
      rows.add(row(matrix.classNames().get(index), matrix.scores(index)));
    }
    if (matrix.total() > 0) {
      rows.add(row("macro average", matrix.macro()));
      rows.add(row("micro average", matrix.micro()));
      rows.add(row("weighted average", matrix.weighted()));
    }
    return new TableSection(title, List.of("class", "precision", "recall", "f1", "support"), rows);
  }

  /** Average precision, recall and boxes by class; dashes for a class without true boxes. */
  public static TableSection ofDetection(String title, DetectionMetrics metrics) {
    List<List<String>> rows = new ArrayList<>();
    for (int index = 0; index < metrics.classNames().size(); index++) {
      String name = metrics.classNames().get(index);
      rows.add(
          metrics
              .scores(index)
              .map(
                  scores ->
                      List.of(
                          name,
                          Html.aligned(scores.averagePrecision()),
                          Html.aligned(scores.strictAveragePrecision()),
                          Html.aligned(scores.recall()),
                          Long.toString(scores.predicted()),
                          Long.toString(scores.support())))
              .orElse(
                  List.of(name, Html.ABSENT, Html.ABSENT, Html.ABSENT, Html.ABSENT, Html.ABSENT)));
    }
    return new TableSection(
        title, List.of("class", "AP@0.5", "AP@0.5:0.95", "recall", "found", "true"), rows);
  }

  private static List<String> row(String name, ClassScores scores) {
    return List.of(
        name,
        Html.aligned(scores.precision()),
        Html.aligned(scores.recall()),
        Html.aligned(scores.f1()),
        Long.toString(scores.support()));
  }

  @Override
  public String html() {
    if (rows.isEmpty()) {
      return "<p class=\"none\">none</p>\n";
    }
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table>\n");
    if (!columns.isEmpty()) {
      html.append("<thead><tr>");
      for (int column = 0; column < columns.size(); column++) {
        html.append("<th scope=\"col\"").append(alignment(column)).append('>');
        html.append(Html.escape(columns.get(column))).append("</th>");
      }
      html.append("</tr></thead>\n");
    }
    html.append("<tbody>\n");
    for (List<String> row : rows) {
      html.append("<tr><th scope=\"row\">").append(Html.escape(row.get(0))).append("</th>");
      for (int column = 1; column < row.size(); column++) {
        html.append("<td").append(alignment(column)).append('>');
        html.append(Html.escape(row.get(column))).append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody>\n</table></div>\n").toString();
  }

  private String alignment(int column) {
    boolean numeric =
        !columns.isEmpty()
            && column > 0
            && rows.stream()
                .allMatch(
                    row -> row.get(column).matches("[-+–]?[\\d.,]*(e-?\\d+)?%?|NaN|-?Infinity"));
    return numeric ? " class=\"number\"" : "";
  }
}

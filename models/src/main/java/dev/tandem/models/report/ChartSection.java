package dev.tandem.models.report;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Line charts, beside each other where the screen is wide enough.
 *
 * @param title heading
 * @param charts in reading order
 */
public record ChartSection(String title, List<LineChart> charts) implements Section {
  @Override
  public String html() {
    return charts.stream()
        .map(LineChart::html)
        .collect(Collectors.joining("", "<div class=\"charts\">\n", "</div>\n"));
  }
}

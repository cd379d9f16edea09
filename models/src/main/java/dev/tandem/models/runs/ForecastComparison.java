package dev.tandem.models.runs;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.NaiveForecasts;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.models.metrics.RegressionMetrics;
import dev.tandem.models.training.Evaluator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a network forecasts the test part beside what needs no network: the last value, and the value
 * of a season ago.
 *
 * @param rows the network first
 */
public record ForecastComparison(List<Row> rows) {
  /**
   * One way to forecast, in the units of the data.
   *
   * @param name what tables call it
   * @param rmse the root of the mean squared error over all windows and steps
   * @param mae the mean absolute error
   */
  public record Row(String name, double rmse, double mae) {}

  /**
   * Measures all forecasts of some windows.
   *
   * @param evaluator runs the network
   * @param inputs the windows, at least one
   * @param preprocessing of the series
   * @param naive the simple forecasts for the same windows
   */
  public static ForecastComparison of(
      Evaluator evaluator, HostArray inputs, Preprocessing preprocessing, NaiveForecasts naive) {
    HostArray outputs = evaluator.outputs(inputs);
    HostArray forecasts =
        preprocessing.series().forecasts(preprocessing.target(), outputs, naive.last());
    List<Row> rows = new ArrayList<>();
    rows.add(row("network", forecasts, naive));
    rows.add(row("naive (last value)", naive.last(), naive));
    if (naive.seasonal() != null) {
      String season =
          "seasonal naive (%d steps ago%s)"
              .formatted(naive.season(), naive.detected() ? ", detected" : "");
      rows.add(row(season, naive.seasonal(), naive));
    }
    return new ForecastComparison(rows);
  }

  private static Row row(String name, HostArray forecasts, NaiveForecasts naive) {
    RegressionMetrics metrics = new RegressionMetrics(forecasts.exampleLength());
    metrics.add(naive.actual().floats(), forecasts.floats());
    Map<String, Double> errors = metrics.metrics();
    return new Row(name, errors.get("rmse"), errors.get("mae"));
  }

  /** Returns the lines of a table, and what it says in words. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(Locale.ROOT, "%-40s %12s %12s", "forecast of the test part", "rmse", "mae"));
    for (Row row : rows) {
      lines.add(
          String.format(Locale.ROOT, "%-40s %12.5g %12.5g", row.name(), row.rmse(), row.mae()));
    }
    lines.add(verdict());
    return lines;
  }

  private Row bestSimple() {
    return rows.stream().skip(1).min((a, b) -> Double.compare(a.rmse(), b.rmse())).orElseThrow();
  }

  /** Returns whether the network is better than every simple forecast. */
  public boolean networkWins() {
    return rows.get(0).rmse() < bestSimple().rmse();
  }

  /** Returns in words whether the network is worth its trouble. */
  public String verdict() {
    Row network = rows.get(0);
    Row best = bestSimple();
    return networkWins()
        ? String.format(
            Locale.ROOT,
            "the network's rmse is %.1f %% below that of the best simple forecast, %s",
            100 * (1 - network.rmse() / best.rmse()),
            best.name())
        : String.format(
            Locale.ROOT,
            "the network does not beat the %s forecast: its rmse is %.1f %% higher",
            best.name(),
            100 * (network.rmse() / best.rmse() - 1));
  }
}

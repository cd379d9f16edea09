package dev.tandem.models.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sums up the metrics of folds. */
final class CrossValidation {
  private CrossValidation() {}

  /** Returns the mean of each metric of each part over the folds. */
  static Map<String, Map<String, Double>> means(List<Map<String, Map<String, Double>>> folds) {
    Map<String, Map<String, Double>> means = new LinkedHashMap<>();
    folds
        .get(0)
        .forEach(
            (part, metrics) -> {
              Map<String, Double> ofPart = new LinkedHashMap<>();
              metrics.keySet().forEach(name -> ofPart.put(name, mean(values(folds, part, name))));
              means.put(part, ofPart);
            });
    return means;
  }

  /**
   * Returns the mean and the standard deviation (divisor K - 1) of each test metric, a line each.
   */
  static String table(List<Map<String, Map<String, Double>>> folds) {
    StringBuilder table =
        new StringBuilder(
            "test      mean and standard deviation of %d folds".formatted(folds.size()));
    for (String name : folds.get(0).get("test").keySet()) {
      double[] values = values(folds, "test", name);
      double mean = mean(values);
      double squares = 0;
      for (double value : values) {
        squares += (value - mean) * (value - mean);
      }
      table.append(
          String.format(
              Locale.ROOT,
              "%n          %s %.4f +- %.4f",
              name,
              mean,
              Math.sqrt(squares / (values.length - 1))));
    }
    return table.toString();
  }

  private static double[] values(
      List<Map<String, Map<String, Double>>> folds, String part, String name) {
    return folds.stream().mapToDouble(fold -> fold.get(part).get(name)).toArray();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}

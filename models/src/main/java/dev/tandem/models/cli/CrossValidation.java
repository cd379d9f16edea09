package dev.tandem.models.cli;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Sums up the metrics of folds. */
final class CrossValidation {
  private CrossValidation() {}

  /**
   * Returns the mean over the folds of each metric of each part. A metric that a fold does not have
   * is left out, as R2 of a part whose targets are all the same.
   */
  static Map<String, Map<String, Double>> means(List<Map<String, Map<String, Double>>> folds) {
    Map<String, Map<String, Double>> means = new LinkedHashMap<>();
    folds
        .get(0)
        .forEach(
            (part, ofFirst) -> {
              Map<String, Double> ofPart = new LinkedHashMap<>();
              common(folds, part)
                  .forEach(name -> ofPart.put(name, mean(values(folds, part, name))));
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
    for (String name : common(folds, "test")) {
      double[] values = values(folds, "test", name);
      double mean = mean(values);
      double squares = 0;
      for (double value : values) {
        squares += (value - mean) * (value - mean);
      }
      table.append(
          String.format(
              Locale.ROOT,
              "\n          %s %.4f +- %.4f",
              name,
              mean,
              Math.sqrt(squares / (values.length - 1))));
    }
    return table.toString();
  }

  private static Set<String> common(List<Map<String, Map<String, Double>>> folds, String part) {
    Set<String> names = new LinkedHashSet<>(folds.get(0).get(part).keySet());
    folds.forEach(fold -> names.retainAll(fold.get(part).keySet()));
    return names;
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

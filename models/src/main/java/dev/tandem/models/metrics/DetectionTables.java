package dev.tandem.models.metrics;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a detector found, as plain text for terminals. */
public final class DetectionTables {
  private static final String MEAN = "mean";

  private DetectionTables() {}

  /**
   * Average precision at 0.5 and over 0.5 to 0.95, recall, predicted and true boxes by class, and
   * the means; dashes for a class without true boxes.
   */
  public static String scores(DetectionMetrics metrics) {
    List<String> names = metrics.classNames().stream().map(ClassificationTables::name).toList();
    int width =
        Math.max(
            MEAN.length(), names.stream().mapToInt(ClassificationTables::length).max().orElse(0));
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s  %9s  %11s  %9s  %9s  %9s\n",
            ClassificationTables.padRight("", width),
            "AP@0.5",
            "AP@0.5:0.95",
            "recall",
            "found",
            "true"));
    for (int index = 0; index < names.size(); index++) {
      Optional<DetectionScores> scores = metrics.scores(index);
      text.append(ClassificationTables.padRight(names.get(index), width));
      text.append(
          scores
              .map(
                  found ->
                      String.format(
                          Locale.ROOT,
                          "  %9.4f  %11.4f  %9.4f  %9d  %9d\n",
                          found.averagePrecision(),
                          found.strictAveragePrecision(),
                          found.recall(),
                          found.predicted(),
                          found.support()))
              .orElse(
                  String.format(
                      Locale.ROOT, "  %9s  %11s  %9s  %9s  %9s\n", "-", "-", "-", "-", "-")));
    }
    if (!metrics.metrics().isEmpty()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%s  %9.4f  %11.4f\n",
              ClassificationTables.padRight(MEAN, width),
              metrics.meanAveragePrecision(),
              metrics.strictMeanAveragePrecision()));
    }
    return text.toString();
  }
}

package dev.tandem.models.cli;

import dev.tandem.models.metrics.ClassificationTables;
import dev.tandem.models.metrics.DetectionTables;
import dev.tandem.models.runs.ForecastComparison;
import dev.tandem.models.training.Evaluation;
import java.io.PrintWriter;

/** Shows on a terminal what stands behind the metrics of a part of the data. */
final class EvaluationText {
  private static final int TABLE_WIDTH = 100;

  private EvaluationText() {}

  /**
   * Prints tables, each between empty lines, and notes.
   *
   * @param forecasts of the same part; null unless it is a series
   */
  static void print(PrintWriter out, Evaluation evaluation, ForecastComparison forecasts) {
    if (evaluation.confusion() != null) {
      print(out, ClassificationTables.counts(evaluation.confusion(), TABLE_WIDTH));
      print(out, ClassificationTables.scores(evaluation.confusion()));
    }
    if (evaluation.detection() != null) {
      print(out, DetectionTables.scores(evaluation.detection()));
    }
    if (forecasts != null) {
      print(out, String.join("\n", forecasts.lines()));
    }
    boolean tables =
        evaluation.confusion() != null || evaluation.detection() != null || forecasts != null;
    if (tables) {
      out.println();
    }
    evaluation.notes().forEach(note -> out.println("note      " + note));
  }

  private static void print(PrintWriter out, String table) {
    out.println();
    out.println(table.stripTrailing());
  }
}

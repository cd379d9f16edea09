package dev.tandem.models.training;

import dev.tandem.models.metrics.ConfusionMatrix;
import dev.tandem.models.metrics.DetectionMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well a network does on one part of the data.
 *
 * @param examples the number of examples
 * @param loss the mean loss
 * @param scores accuracy, precision, recall and F1 (macro), or MAE, MSE, RMSE and R2 in the units
 *     of the data
 * @param confusion the confusion matrix of a classification, null otherwise
 * @param detection what a detector found, class by class; null otherwise
 * @param notes in which ways the scores are less than they seem
 */
public record Evaluation(
    int examples,
    double loss,
    Map<String, Double> scores,
    ConfusionMatrix confusion,
    DetectionMetrics detection,
    List<String> notes) {

  /** Makes an evaluation of a classifier. */
  static Evaluation of(int examples, double loss, ConfusionMatrix matrix) {
    return new Evaluation(examples, loss, matrix.metrics(), matrix, null, matrix.notes());
  }

  /** Makes an evaluation that is nothing but numbers. */
  static Evaluation of(int examples, double loss, Map<String, Double> scores, List<String> notes) {
    return new Evaluation(examples, loss, scores, null, null, notes);
  }

  /** Returns loss and scores by name, in order. */
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("loss", loss);
    metrics.putAll(scores);
    return metrics;
  }
}

package dev.tandem.models.training;

import dev.tandem.models.metrics.ConfusionMatrix;
import dev.tandem.models.metrics.DetectionMetrics;
import java.util.LinkedHashMap;
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
 */
public record Evaluation(
    int examples,
    double loss,
    Map<String, Double> scores,
    ConfusionMatrix confusion,
    DetectionMetrics detection) {

  /** Makes an evaluation of anything but a detector. */
  Evaluation(int examples, double loss, Map<String, Double> scores, ConfusionMatrix confusion) {
    this(examples, loss, scores, confusion, null);
  }

  /** Returns loss and scores by name, in order. */
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("loss", loss);
    metrics.putAll(scores);
    return metrics;
  }
}

package dev.tandem.models.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Errors of predicted numbers, accumulated in double over examples of one or more targets.
 *
 * <p>Per target: MAE = mean |a - p|, MSE = mean (a - p)², R2 = 1 - Σ(a - p)² / Σ(a - mean a)². Each
 * is averaged over the targets with equal weights, scikit-learn's {@code uniform_average}. As
 * there, R2 of a target that never varies is 1 if every prediction is exact and 0 otherwise; {@link
 * #notes()} says so. RMSE = √MSE of that average: the root over all examples and targets, as Keras
 * and those who take the root of PyTorch's loss have it. The steps of a horizon are one thing to
 * measure, and a root for each would weigh near steps, with small errors, more. scikit-learn's
 * {@code root_mean_squared_error} averages a root for each target, which is less or the same.
 */
public final class RegressionMetrics {
  private final double[] absoluteErrors;
  private final double[] squaredErrors;
  private final double[] means;
  private final double[] squaredDeviations;
  private long examples;

  /**
   * Starts without examples.
   *
   * @param targets numbers predicted per example, at least 1
   */
  public RegressionMetrics(int targets) {
    if (targets < 1) {
      throw new IllegalArgumentException(targets + " targets: regression needs at least 1");
    }
    absoluteErrors = new double[targets];
    squaredErrors = new double[targets];
    means = new double[targets];
    squaredDeviations = new double[targets];
  }

  /** Targets per example. */
  public int targets() {
    return means.length;
  }

  /** Examples added so far. */
  public long examples() {
    return examples;
  }

  /**
   * Adds a batch, in the unit in which errors are to be reported.
   *
   * @param actual true values [N, targets], row after row; N may be 0
   * @param predicted predictions of the same shape
   * @throws IllegalArgumentException if the lengths differ or are no multiple of the targets, or a
   *     value is not finite; then nothing of the batch is counted
   */
  public void add(float[] actual, float[] predicted) {
    add(actual, predicted, null);
  }

  /**
   * Adds a batch of numbers that count from elsewhere than 0, such as changes of a series. Errors
   * are the same; R2 is that of the numbers counted from 0.
   *
   * @param origins what to add to either, of the same shape; null for 0
   */
  public void add(float[] actual, float[] predicted, float[] origins) {
    if (actual.length != predicted.length || actual.length % targets() != 0) {
      throw new IllegalArgumentException(
          actual.length
              + " actual and "
              + predicted.length
              + " predicted values are not whole examples of "
              + targets()
              + " targets");
    }
    requireFinite("actual", actual);
    requireFinite("predicted", predicted);
    for (int row = 0; row < actual.length; row += targets()) {
      examples++;
      for (int target = 0; target < targets(); target++) {
        double error = (double) actual[row + target] - predicted[row + target];
        absoluteErrors[target] += Math.abs(error);
        squaredErrors[target] += error * error;
        double value = actual[row + target] + (origins == null ? 0.0 : origins[row + target]);
        // Welford's update: the textbook sum of squares loses all digits of a far-off mean.
        double deviation = value - means[target];
        means[target] += deviation / examples;
        squaredDeviations[target] += deviation * (value - means[target]);
      }
    }
  }

  /**
   * The run's metrics in the order {@code mae}, {@code mse}, {@code rmse}, {@code r2}. Empty
   * without examples; without {@code r2} for a single example, which has no variance.
   */
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (examples > 0) {
      metrics.put("mae", average(target -> absoluteErrors[target] / examples));
      double mse = average(target -> squaredErrors[target] / examples);
      metrics.put("mse", mse);
      metrics.put("rmse", Math.sqrt(mse));
    }
    if (examples > 1) {
      metrics.put("r2", average(this::r2));
    }
    return metrics;
  }

  /**
   * One line for every way in which the metrics are less than they seem; empty if there is none.
   */
  public List<String> notes() {
    if (examples == 0) {
      return List.of("no examples: there are no metrics");
    }
    if (examples == 1) {
      return List.of("one example has no variance: there is no r2");
    }
    List<String> notes = new ArrayList<>();
    for (int target = 0; target < targets(); target++) {
      if (squaredDeviations[target] == 0) {
        notes.add("target " + target + " never varies, its r2 counts as " + (int) r2(target));
      }
    }
    return notes;
  }

  private double r2(int target) {
    if (squaredDeviations[target] == 0) {
      return squaredErrors[target] == 0 ? 1 : 0;
    }
    return 1 - squaredErrors[target] / squaredDeviations[target];
  }

  private void requireFinite(String role, float[] values) {
    for (int index = 0; index < values.length; index++) {
      if (!Float.isFinite(values[index])) {
        throw new IllegalArgumentException(
            role
                + " value of target "
                + index % targets()
                + " in example "
                + (examples + index / targets())
                + " is "
                + values[index]
                + ": metrics need finite numbers");
      }
    }
  }

  private double average(IntToDoubleFunction perTarget) {
    return IntStream.range(0, targets()).mapToDouble(perTarget).sum() / targets();
  }
}

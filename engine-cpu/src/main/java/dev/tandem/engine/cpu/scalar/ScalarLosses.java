package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Tensor;

/** Loss functions with their gradients. */
final class ScalarLosses extends Losses {
  ScalarLosses(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeSoftmaxCrossEntropy(
      CrossEntropySpec spec,
      Tensor logits,
      Tensor labels,
      Tensor classWeights,
      Tensor loss,
      Tensor dlogits) {
    Values z = Values.of(logits);
    Indices label = Indices.of(labels);
    Values w = Values.of(classWeights);
    int classes = logits.shape().columns();

    // S = sum_i w_y over the rows that count
    double weights = 0;
    double sum = 0;
    for (int i = 0; i < label.length(); i++) {
      int y = label.get(i);
      if (isClass(spec, y, classes)) {
        weights += weight(w, y);
        sum += rowLoss(spec, z, i * classes, classes, y, w);
      } else if (y != spec.ignoreIndex()) {
        sum = Double.NaN;
      }
    }
    // loss = (1/S) sum_i l_i
    writeLoss(loss, sum, weights);
    if (dlogits != null) {
      Values dz = Values.of(dlogits);
      for (int i = 0; i < label.length(); i++) {
        rowGradient(spec, z, i * classes, classes, label.get(i), w, weights, dz);
      }
    }
  }

  /** {@code l = -(1-e) w_y log p_y - (e/N) sum_k w_k log p_k} with {@code p = softmax(z)}. */
  private static double rowLoss(
      CrossEntropySpec spec, Values z, int from, int classes, int y, Values w) {
    double smoothing = spec.labelSmoothing();
    ScalarSoftmax.Row row = ScalarSoftmax.Row.of(z, from, classes);
    double loss = -(1 - smoothing) * weight(w, y) * row.logProbability(z.get(from + y));
    if (smoothing > 0) {
      for (int k = 0; k < classes; k++) {
        loss -= smoothing / classes * weight(w, k) * row.logProbability(z.get(from + k));
      }
    }
    return loss;
  }

  /**
   * {@code dz_j = ((1-e) w_y (p_j - [j = y]) + (e/N) (p_j sum_k w_k - w_j)) / S} with {@code p =
   * softmax(z)}.
   */
  private static void rowGradient(
      CrossEntropySpec spec,
      Values z,
      int from,
      int classes,
      int y,
      Values w,
      double weights,
      Values dz) {
    boolean counts = isClass(spec, y, classes) && weights > 0;
    double fill = isClass(spec, y, classes) || y == spec.ignoreIndex() ? 0 : Double.NaN;
    double smoothing = spec.labelSmoothing();
    ScalarSoftmax.Row row = ScalarSoftmax.Row.of(z, from, classes);
    double allWeights = 0;
    for (int k = 0; k < classes; k++) {
      allWeights += weight(w, k);
    }
    for (int j = 0; j < classes; j++) {
      double gradient = fill;
      if (counts) {
        double p = row.probability(z.get(from + j));
        double hard = weight(w, y) * (p - (j == y ? 1 : 0));
        double smooth = (p * allWeights - weight(w, j)) / classes;
        gradient = ((1 - smoothing) * hard + smoothing * smooth) / weights;
      }
      dz.set(from + j, gradient);
    }
  }

  private static boolean isClass(CrossEntropySpec spec, int label, int classes) {
    return label != spec.ignoreIndex() && label >= 0 && label < classes;
  }

  private static double weight(Values weights, int i) {
    return weights == null ? 1 : weights.get(i);
  }

  @Override
  protected void computePointwise(
      Pointwise function,
      double delta,
      Tensor prediction,
      Tensor target,
      Tensor weights,
      Tensor loss,
      Tensor dprediction) {
    Values p = Values.of(prediction);
    Values t = Values.of(target);
    Values w = Values.of(weights);
    // loss = (1/n) sum_i w_i l(p_i, t_i)
    double sum = 0;
    for (int i = 0; i < p.length(); i++) {
      sum += weight(w, i) * value(function, delta, p.get(i), t.get(i));
    }
    writeLoss(loss, sum, p.length());
    if (dprediction != null) {
      Values dp = Values.of(dprediction);
      // dp_i = (1/n) w_i dl(p_i, t_i)/dp_i
      for (int i = 0; i < p.length(); i++) {
        dp.set(i, weight(w, i) * derivative(function, delta, p.get(i), t.get(i)) / p.length());
      }
    }
  }

  private static double value(Pointwise function, double delta, double p, double t) {
    double size = Math.abs(p - t);
    return switch (function) {
      case SIGMOID_BCE -> Math.max(p, 0) - p * t + Math.log1p(Math.exp(-Math.abs(p)));
      case MSE -> (p - t) * (p - t);
      case MAE -> size;
      case HUBER -> size <= delta ? size * size / 2 : delta * (size - delta / 2);
    };
  }

  private static double derivative(Pointwise function, double delta, double p, double t) {
    return switch (function) {
      case SIGMOID_BCE -> ScalarActivations.sigmoid(p) - t;
      case MSE -> 2 * (p - t);
      case MAE -> Math.signum(p - t);
      case HUBER -> Math.min(Math.max(p - t, -delta), delta);
    };
  }

  /** Writes the mean, 0 over nothing but NaN of NaN, and what it was taken over. */
  private static void writeLoss(Tensor loss, double sum, double count) {
    Values result = Values.of(loss);
    result.set(0, count > 0 || Double.isNaN(sum) ? sum / count : 0);
    result.set(1, count);
  }
}

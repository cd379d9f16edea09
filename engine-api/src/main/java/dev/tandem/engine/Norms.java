package dev.tandem.engine;

/**
 * Batch normalisation (Ioffe and Szegedy 2015, algorithm 1) and layer normalisation (Ba et al.
 * 2016).
 *
 * <p>For batch normalisation x is {@code [N,C,...]} with S elements behind each (n, c), S = 1 for
 * {@code [N,C]}: every channel is normalised over its N S values. For layer normalisation every row
 * along the last axis, of F elements, is normalised by itself.
 */
public abstract class Norms extends OperationFamily {
  private static final String TRAIN = "batchNormTrain";
  private static final String INFER = "batchNormInfer";
  private static final String BATCH_BACKWARD = "batchNorm backward";
  private static final String LAYER = "layerNorm";
  private static final String LAYER_BACKWARD = "layerNorm backward";

  /** Makes the family of a backend. */
  protected Norms(Backend backend) {
    super(backend);
  }

  /**
   * {@code y = gamma (x - mean) / sqrt(variance + epsilon) + beta} with the batch's mean and biased
   * variance. The running values become {@code (1 - momentum) running + momentum batch}, where the
   * variance kept is the unbiased one.
   *
   * @param epsilon added to the variance
   * @param momentum the weight of this batch in the running values
   * @param x {@code [N,C,...]} with N S of at least 2, read
   * @param gamma {@code [C]}, read
   * @param beta {@code [C]}, read
   * @param runningMean {@code [C]}, updated
   * @param runningVariance {@code [C]}, updated
   * @param y as many elements as x, overwritten
   * @param mean {@code [C]}, overwritten, kept for {@link #batchNormBackward}
   * @param inverseDeviation {@code [C]}, {@code 1 / sqrt(variance + epsilon)}, overwritten, kept
   *     likewise
   */
  public final void batchNormTrain(
      double epsilon,
      double momentum,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation) {
    int channels = channels(TRAIN, x);
    if (x.elements() / Math.max(1, channels) < 2) {
      throw new IllegalArgumentException(
          "batchNormTrain: 'x' is %s with fewer than 2 values for each channel (use a larger batch)"
              .formatted(x));
    }
    Checks.range(TRAIN, "momentum", momentum, 0, 1);
    Checks.floating(this, TRAIN, "gamma", gamma, x, channels);
    Checks.floating(this, TRAIN, "beta", beta, x, channels);
    Checks.floating(this, TRAIN, "runningMean", runningMean, x, channels);
    Checks.floating(this, TRAIN, "runningVariance", runningVariance, x, channels);
    Checks.floating(this, TRAIN, "y", y, x, x.elements());
    Checks.floating(this, TRAIN, "mean", mean, x, channels);
    Checks.floating(this, TRAIN, "inverseDeviation", inverseDeviation, x, channels);
    disjoint(TRAIN, "runningMean", runningMean, x, gamma, beta);
    disjoint(TRAIN, "runningVariance", runningVariance, x, gamma, beta);
    disjoint(TRAIN, "y", y, x, gamma, beta);
    disjoint(TRAIN, "mean", mean, x, gamma, beta);
    disjoint(TRAIN, "inverseDeviation", inverseDeviation, x, gamma, beta);
    computeBatchNormTrain(
        epsilon, momentum, x, gamma, beta, runningMean, runningVariance, y, mean, inverseDeviation);
  }

  /**
   * {@code y = gamma (x - runningMean) / sqrt(runningVariance + epsilon) + beta}.
   *
   * @param epsilon added to the variance
   * @param x {@code [N,C,...]}, read
   * @param gamma {@code [C]}, read
   * @param beta {@code [C]}, read
   * @param runningMean {@code [C]}, read
   * @param runningVariance {@code [C]}, read
   * @param y as many elements as x, overwritten; may be x itself
   */
  public final void batchNormInfer(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y) {
    int channels = channels(INFER, x);
    Checks.floating(this, INFER, "gamma", gamma, x, channels);
    Checks.floating(this, INFER, "beta", beta, x, channels);
    Checks.floating(this, INFER, "runningMean", runningMean, x, channels);
    Checks.floating(this, INFER, "runningVariance", runningVariance, x, channels);
    Checks.floating(this, INFER, "y", y, x, x.elements());
    Checks.sameOrDisjoint(INFER, "y", y, x);
    disjoint(INFER, "y", y, gamma, beta, runningMean);
    Checks.disjoint(INFER, "y", y, runningVariance);
    computeBatchNormInfer(epsilon, x, gamma, beta, runningMean, runningVariance, y);
  }

  /**
   * The gradients of {@link #batchNormTrain}, with {@code xhat = (x - mean) inverseDeviation} and
   * sums over the N S values of a channel:
   *
   * <pre>{@code
   * dbeta  += sum dy
   * dgamma += sum dy xhat
   * dx      = gamma inverseDeviation (dy - (sum dy) / (N S) - xhat (sum dy xhat) / (N S))
   * }</pre>
   *
   * @param x the input, read
   * @param gamma {@code [C]}, read
   * @param mean kept by the forward pass, read
   * @param inverseDeviation kept by the forward pass, read
   * @param dy the gradient of y, read
   * @param dx as many elements as x, overwritten; may be dy itself
   * @param dgamma {@code [C]}, accumulated
   * @param dbeta {@code [C]}, accumulated
   */
  public final void batchNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    int channels = channels(BATCH_BACKWARD, x);
    Checks.floating(this, BATCH_BACKWARD, "mean", mean, x, channels);
    Checks.floating(this, BATCH_BACKWARD, "inverseDeviation", inverseDeviation, x, channels);
    gradients(BATCH_BACKWARD, x, gamma, channels, mean, inverseDeviation, dy, dx, dgamma, dbeta);
    computeBatchNormBackward(x, gamma, mean, inverseDeviation, dy, dx, dgamma, dbeta);
  }

  /**
   * {@code y = gamma (x - mean) / sqrt(variance + epsilon) + beta} with each row's mean and biased
   * variance.
   *
   * @param epsilon added to the variance
   * @param x {@code [...,F]} with M rows, read
   * @param gamma {@code [F]}, read
   * @param beta {@code [F]}, read
   * @param y as many elements as x, overwritten
   * @param mean {@code [M]}, overwritten, kept for {@link #layerNormBackward}
   * @param inverseDeviation {@code [M]}, overwritten, kept likewise
   */
  public final void layerNorm(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation) {
    Checks.floating(this, LAYER, "x", x);
    int features = x.shape().columns();
    int rows = x.shape().rows();
    Checks.floating(this, LAYER, "gamma", gamma, x, features);
    Checks.floating(this, LAYER, "beta", beta, x, features);
    Checks.floating(this, LAYER, "y", y, x, x.elements());
    Checks.floating(this, LAYER, "mean", mean, x, rows);
    Checks.floating(this, LAYER, "inverseDeviation", inverseDeviation, x, rows);
    disjoint(LAYER, "y", y, x, gamma, beta);
    disjoint(LAYER, "mean", mean, x, gamma, beta);
    disjoint(LAYER, "inverseDeviation", inverseDeviation, x, gamma, beta);
    computeLayerNorm(epsilon, x, gamma, beta, y, mean, inverseDeviation);
  }

  /**
   * The gradients of {@link #layerNorm}, with {@code xhat = (x - mean) inverseDeviation}, {@code g
   * = dy gamma} and means over the F elements of a row:
   *
   * <pre>{@code
   * dbeta  += sum over rows of dy
   * dgamma += sum over rows of dy xhat
   * dx      = inverseDeviation (g - mean g - xhat mean(g xhat))
   * }</pre>
   *
   * @param x the input, read
   * @param gamma {@code [F]}, read
   * @param mean kept by the forward pass, read
   * @param inverseDeviation kept by the forward pass, read
   * @param dy the gradient of y, read
   * @param dx as many elements as x, overwritten; may be dy itself
   * @param dgamma {@code [F]}, accumulated
   * @param dbeta {@code [F]}, accumulated
   */
  public final void layerNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    Checks.floating(this, LAYER_BACKWARD, "x", x);
    int features = x.shape().columns();
    int rows = x.shape().rows();
    Checks.floating(this, LAYER_BACKWARD, "mean", mean, x, rows);
    Checks.floating(this, LAYER_BACKWARD, "inverseDeviation", inverseDeviation, x, rows);
    gradients(LAYER_BACKWARD, x, gamma, features, mean, inverseDeviation, dy, dx, dgamma, dbeta);
    computeLayerNormBackward(x, gamma, mean, inverseDeviation, dy, dx, dgamma, dbeta);
  }

  private int channels(String name, Tensor x) {
    Checks.floating(this, name, "x", x);
    if (x.shape().rank() < 2) {
      throw new IllegalArgumentException("%s: 'x' is %s, expected [N,C,...]".formatted(name, x));
    }
    return x.shape().dimension(1);
  }

  private void gradients(
      String name,
      Tensor x,
      Tensor gamma,
      int features,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    Checks.floating(this, name, "gamma", gamma, x, features);
    Checks.floating(this, name, "dy", dy, x, x.elements());
    Checks.floating(this, name, "dx", dx, x, x.elements());
    Checks.floating(this, name, "dgamma", dgamma, x, features);
    Checks.floating(this, name, "dbeta", dbeta, x, features);
    Checks.sameOrDisjoint(name, "dx", dx, dy);
    Checks.disjoint(name, "dgamma", dgamma, dy);
    Checks.disjoint(name, "dbeta", dbeta, dy);
    disjoint(name, "dx", dx, x, mean, inverseDeviation);
    disjoint(name, "dgamma", dgamma, x, mean, inverseDeviation);
    disjoint(name, "dbeta", dbeta, x, mean, inverseDeviation);
    Checks.disjoint(name, "dx", dx, gamma);
    Checks.disjoint(name, "dgamma", dgamma, gamma);
    Checks.disjoint(name, "dbeta", dbeta, gamma);
  }

  private static void disjoint(
      String name, String role, Tensor output, Tensor first, Tensor second, Tensor third) {
    Checks.disjoint(name, role, output, first);
    Checks.disjoint(name, role, output, second);
    Checks.disjoint(name, role, output, third);
  }

  /** Computes {@link #batchNormTrain} on checked operands. */
  protected abstract void computeBatchNormTrain(
      double epsilon,
      double momentum,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation);

  /** Computes {@link #batchNormInfer} on checked operands. */
  protected abstract void computeBatchNormInfer(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y);

  /** Computes {@link #batchNormBackward} on checked operands. */
  protected abstract void computeBatchNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta);

  /** Computes {@link #layerNorm} on checked operands. */
  protected abstract void computeLayerNorm(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation);

  /** Computes {@link #layerNormBackward} on checked operands. */
  protected abstract void computeLayerNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta);
}

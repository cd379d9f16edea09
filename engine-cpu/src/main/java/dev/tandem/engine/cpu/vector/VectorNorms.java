package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Norms;
import dev.tandem.engine.Tensor;

/**
 * Batch normalisation ({@link BatchNormJob}) and layer normalisation ({@link LayerNormJob}, {@link
 * LayerNormGradientJob}).
 */
final class VectorNorms extends Norms {
  private final Workers workers;
  private final BatchNormJob batch;
  private final LayerNormJob layer = new LayerNormJob();
  private final LayerNormGradientJob layerGradient = new LayerNormGradientJob();

  VectorNorms(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    batch = new BatchNormJob(workers);
  }

  @Override
  protected void computeBatchNormTrain(
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
    batch.train(
        epsilon, momentum, x, gamma, beta, runningMean, runningVariance, y, mean, inverseDeviation);
    batch.run(workers);
  }

  @Override
  protected void computeBatchNormInfer(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y) {
    batch.infer(epsilon, x, gamma, beta, runningMean, runningVariance, y);
    batch.run(workers);
  }

  @Override
  protected void computeBatchNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    batch.backward(x, gamma, mean, inverseDeviation, dy, dx, dgamma, dbeta);
    batch.run(workers);
  }

  @Override
  protected void computeLayerNorm(
      double epsilon,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation) {
    layer.run(workers, epsilon, x, gamma, beta, y, mean, inverseDeviation);
  }

  @Override
  protected void computeLayerNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    layerGradient.run(workers, x, gamma, mean, inverseDeviation, dy, dx, dgamma, dbeta);
  }
}

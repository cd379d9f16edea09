package dev.tandem.engine.cuda;

import dev.tandem.engine.Norms;
import dev.tandem.engine.Tensor;

/** Not written yet. */
final class CudaNorms extends Norms {
  CudaNorms(CudaBackend backend) {
    super(backend);
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
    throw new IllegalStateException("not written yet");
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
    throw new IllegalStateException("not written yet");
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
    throw new IllegalStateException("not written yet");
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
    throw new IllegalStateException("not written yet");
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
    throw new IllegalStateException("not written yet");
  }
}

package dev.tandem.engine.cuda;

import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Tensor;

/** Not written yet. */
final class CudaLosses extends Losses {
  CudaLosses(CudaBackend backend) {
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
    throw new IllegalStateException("not written yet");
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
    throw new IllegalStateException("not written yet");
  }
}

package dev.tandem.engine.cuda;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Activations;
import dev.tandem.engine.Tensor;

/** Not written yet. */
final class CudaActivations extends Activations {
  CudaActivations(CudaBackend backend) {
    super(backend);
  }

  @Override
  protected void computeForward(Activation f, Tensor x, Tensor y) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeBackward(Activation f, Tensor saved, Tensor dy, Tensor dx) {
    throw new IllegalStateException("not written yet");
  }
}

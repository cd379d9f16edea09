package dev.tandem.engine.cuda;

import dev.tandem.engine.Softmax;
import dev.tandem.engine.Tensor;

/** Not written yet. */
final class CudaSoftmax extends Softmax {
  CudaSoftmax(CudaBackend backend) {
    super(backend);
  }

  @Override
  protected void computeSoftmax(Tensor x, Tensor y) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeLogSoftmax(Tensor x, Tensor y) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeLogSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    throw new IllegalStateException("not written yet");
  }
}

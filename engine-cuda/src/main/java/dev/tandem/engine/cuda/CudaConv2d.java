package dev.tandem.engine.cuda;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.Tensor;

/** Not written yet. */
final class CudaConv2d extends Conv2d {
  CudaConv2d(CudaBackend backend) {
    super(backend);
  }

  @Override
  protected Plan choose(Conv2dSpec spec) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeForward(
      Plan plan, Tensor x, Tensor w, Tensor bias, Activation f, Tensor y, Tensor workspace) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeBackwardData(Plan plan, Tensor dy, Tensor w, Tensor dx, Tensor workspace) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeBackwardFilter(
      Plan plan, Tensor x, Tensor dy, Tensor dw, Tensor workspace) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeBackwardBias(Plan plan, Tensor dy, Tensor db) {
    throw new IllegalStateException("not written yet");
  }
}

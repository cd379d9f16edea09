package dev.tandem.engine.cuda;

import dev.tandem.engine.Pool2d;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Tensor;

/** Not written yet. */
final class CudaPool2d extends Pool2d {
  CudaPool2d(CudaBackend backend) {
    super(backend);
  }

  @Override
  protected void computeForward(Pool2dSpec spec, Tensor x, Tensor y) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeBackward(Pool2dSpec spec, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    throw new IllegalStateException("not written yet");
  }
}

package dev.tandem.engine.cuda;

import dev.tandem.engine.Reductions;
import dev.tandem.engine.Tensor;

/** Not written yet. */
final class CudaReductions extends Reductions {
  CudaReductions(CudaBackend backend) {
    super(backend);
  }

  @Override
  protected void computeSum(Tensor x, Axis axis, boolean accumulate, Tensor out) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeMean(Tensor x, Axis axis, Tensor out) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeMax(Tensor x, Axis axis, Tensor out) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeArgmax(Tensor x, Tensor out) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeSumOfSquares(Tensor x, Tensor out) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeDot(Tensor x, Tensor y, Tensor out) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeCountNonFinite(Tensor x, Tensor out) {
    throw new IllegalStateException("not written yet");
  }
}

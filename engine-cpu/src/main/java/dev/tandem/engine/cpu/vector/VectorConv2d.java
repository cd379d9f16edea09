package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.Tensor;

/** Convolutions: being written. */
final class VectorConv2d extends Conv2d {
  VectorConv2d(Backend backend, Workers workers) {
    super(backend);
  }

  @Override
  protected Plan choose(Conv2dSpec spec) {
    throw new IllegalStateException("conv2d of backend 'cpu' is being written");
  }

  @Override
  protected void computeForward(
      Plan plan, Tensor x, Tensor w, Tensor bias, Activation f, Tensor y, Tensor workspace) {}

  @Override
  protected void computeBackwardData(Plan plan, Tensor dy, Tensor w, Tensor dx, Tensor workspace) {}

  @Override
  protected void computeBackwardFilter(
      Plan plan, Tensor x, Tensor dy, Tensor dw, Tensor workspace) {}

  @Override
  protected void computeBackwardBias(Plan plan, Tensor dy, Tensor db) {}
}

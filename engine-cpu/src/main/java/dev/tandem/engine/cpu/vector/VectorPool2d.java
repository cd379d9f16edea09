package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Pool2d;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Tensor;

/** Pooling: being written. */
final class VectorPool2d extends Pool2d {
  VectorPool2d(Backend backend, Workers workers) {
    super(backend);
  }

  @Override
  protected void computeForward(Pool2dSpec spec, Tensor x, Tensor y) {
    throw new IllegalStateException("pool2d of backend 'cpu' is being written");
  }

  @Override
  protected void computeBackward(Pool2dSpec spec, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    throw new IllegalStateException("pool2d of backend 'cpu' is being written");
  }
}

package dev.tandem.engine.cuda;

import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentSpec;

/** Not written yet. */
final class CudaRecurrent extends Recurrent {
  CudaRecurrent(CudaBackend backend) {
    super(backend);
  }

  @Override
  protected Plan makePlan(RecurrentSpec spec) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeForward(Plan plan, Forward tensors) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeBackwardData(Plan plan, Backward tensors) {
    throw new IllegalStateException("not written yet");
  }

  @Override
  protected void computeBackwardWeights(Plan plan, Backward tensors) {
    throw new IllegalStateException("not written yet");
  }
}

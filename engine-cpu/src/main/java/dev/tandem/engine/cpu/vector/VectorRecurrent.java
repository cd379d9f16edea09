package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentSpec;

/** Recurrent layers; not there yet. */
final class VectorRecurrent extends Recurrent {
  VectorRecurrent(Backend backend, Workers workers) {
    super(backend);
  }

  @Override
  protected Plan makePlan(RecurrentSpec spec) {
    throw new IllegalStateException("recurrent layers are not there yet");
  }

  @Override
  protected void computeForward(Plan plan, Forward tensors) {
    throw new IllegalStateException("recurrent layers are not there yet");
  }

  @Override
  protected void computeBackwardData(Plan plan, Backward tensors) {
    throw new IllegalStateException("recurrent layers are not there yet");
  }

  @Override
  protected void computeBackwardWeights(Plan plan, Backward tensors) {
    throw new IllegalStateException("recurrent layers are not there yet");
  }
}

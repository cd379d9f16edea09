package dev.tandem.models;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Storage;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;

/** Memory that is only being counted: tensors with shapes and nothing behind them. */
record PlannedArena(Backend backend, MemoryPlan plan) implements TensorArena {
  private static final class Nothing extends Storage {
    private Nothing(Backend owner, DataType type) {
      super(owner, type, Long.MAX_VALUE);
    }
  }

  /** Returns a tensor to plan with. */
  static Tensor tensor(Backend backend, String name, DataType type, Shape shape) {
    return new Tensor(name, new Nothing(backend, type), 0, shape);
  }

  @Override
  public Tensor tensor(MemoryPlan.Slot slot) {
    return tensor(backend, slot.name(), slot.type(), slot.shape());
  }

  @Override
  public void close() {}
}

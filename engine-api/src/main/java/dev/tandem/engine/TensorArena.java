package dev.tandem.engine;

/**
 * The memory of one plan, zeroed when it is taken. The arena owns it: closing the arena frees it,
 * and every later operation on one of its tensors throws {@link IllegalStateException}. Closing
 * twice does nothing.
 */
public interface TensorArena extends AutoCloseable {
  /**
   * Returns the tensor of a slot: of the plan from which this arena was made, or of any other whose
   * blocks are not longer (see {@link MemoryPlan#enclosing}).
   */
  Tensor tensor(MemoryPlan.Slot slot);

  /** Returns the plan. */
  MemoryPlan plan();

  @Override
  void close();
}

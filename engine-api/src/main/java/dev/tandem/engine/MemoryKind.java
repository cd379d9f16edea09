package dev.tandem.engine;

/** What memory is for. Every kind of an arena is one block per element type. */
public enum MemoryKind {
  /**
   * Weights, their gradients, the optimiser's moments and the buffers that training keeps, such as
   * running means.
   */
  PARAMETERS,
  /** Outputs of layers and gradients with respect to them. */
  ACTIVATIONS,
  /** Scratch that no step remembers. */
  WORKSPACE,
  /** Input batches, targets, losses and metrics: what crosses between host and device. */
  IO
}

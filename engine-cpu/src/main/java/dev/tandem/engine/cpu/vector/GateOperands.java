package dev.tandem.engine.cpu.vector;

/**
 * What a {@link GateKernel} works on: some units of some sequences at one step. Rows of the store
 * and of the workspace have room for whole vectors, see {@link RecurrentPlan}.
 */
final class GateOperands {
  /** The sequences. */
  int rows;

  /** The units, a multiple of the vector length but for {@link GateKernels#outer}. */
  int columns;

  /** From slot to slot, and from a sequence's cell state or gradients to those of the next. */
  int slot;

  /** From the hidden state of a sequence to that of the next. */
  int stateRow;

  /** Gates and states. */
  float[] store;

  /** The gates in the store: those of slot 0. */
  int gates;

  /** From the gates of a sequence to those of the next. */
  int gateRow;

  /** The hidden states before the step in the store. */
  int previousH;

  /** The hidden states after the step in the store. */
  int nextH;

  /** The cell states before the step in the store. */
  int previousC;

  /** The cell states after the step in the store. */
  int nextC;

  /** Gradients between steps. */
  float[] workspace;

  /** The gradient of h in the workspace. */
  int dh;

  /** The gradient of c in the workspace. */
  int dc;

  /** The gradient of the layer's output. */
  float[] output;

  /** The first element of it. */
  int out;

  /** From the output of a sequence to that of the next. */
  int outRow;
}

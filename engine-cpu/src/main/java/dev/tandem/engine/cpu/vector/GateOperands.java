package dev.tandem.engine.cpu.vector;

/** What a {@link GateKernel} works on: some units of some sequences at one step. */
final class GateOperands {
  /** Products, with rows as wide as {@link #width}. */
  final float[] tile = new float[GemmKernels.ROWS * GemmKernels.COLUMNS];

  /** The width of the tile. */
  int width;

  /** The sequences. */
  int rows;

  /** The units. */
  int columns;

  /** The hidden size: from slot to slot, and from the state of a sequence to that of the next. */
  int hidden;

  /** Gates and states. */
  float[] store;

  /** The first gate in the store; for activations that of the gate itself, else that of slot 0. */
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

  /** Biases, and gradients between steps. */
  float[] workspace;

  /** The biases in the workspace. */
  int bias;

  /** The gradient of h in the workspace. */
  int dh;

  /** The gradient of c in the workspace. */
  int dc;

  /** The layer's output, or its gradient. */
  float[] output;

  /** The first element of it. */
  int out;

  /** From the output of a sequence to that of the next. */
  int outRow;
}

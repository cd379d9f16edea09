package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.RecurrentCell;

/**
 * The kernels of a cell.
 *
 * @param forward activations in the place of the gates' sums, and states, one after the other
 * @param outer adds the gradient of the output to that of h
 * @param backward gradients in the place of gates; what is left of the gradient of h goes past them
 */
record CellKernels(GateKernel[] forward, GateKernel outer, GateKernel backward) {

  static CellKernels of(RecurrentCell cell) {
    return new CellKernels(forward(cell), GateKernels::outer, backward(cell));
  }

  private static GateKernel[] forward(RecurrentCell cell) {
    return switch (cell) {
      case RNN_TANH -> list(GateKernels::rnnTanh);
      case RNN_RELU -> list(GateKernels::rnnRelu);
      case LSTM -> list(GateKernels::lstmSigmoid, GateKernels::lstmTanh, GateKernels::lstmState);
      case GRU -> list(GateKernels::gruSigmoid, GateKernels::gruState);
    };
  }

  private static GateKernel backward(RecurrentCell cell) {
    return switch (cell) {
      case RNN_TANH -> GateKernels::tanhBackward;
      case RNN_RELU -> GateKernels::reluBackward;
      case LSTM -> GateKernels::lstmBackward;
      case GRU -> GateKernels::gruBackward;
    };
  }

  private static GateKernel[] list(GateKernel... kernels) {
    return kernels;
  }
}

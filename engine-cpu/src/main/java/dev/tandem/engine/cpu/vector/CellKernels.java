package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.RecurrentCell;

/**
 * The kernels of a cell.
 *
 * @param begin gates from products with x and biases
 * @param activations of each gate, from its product with h
 * @param state states and output from gates, one after the other
 * @param outer adds the gradient of the output to that of h
 * @param backward gradients of gates, one after the other
 */
record CellKernels(
    GateKernel begin,
    GateKernel[] activations,
    GateKernel[] state,
    GateKernel outer,
    GateKernel[] backward) {

  static CellKernels of(RecurrentCell cell) {
    return new CellKernels(
        GateKernels::begin, activations(cell), state(cell), GateKernels::outer, backward(cell));
  }

  private static GateKernel[] activations(RecurrentCell cell) {
    GateKernel sigmoid = GateKernels::sigmoid;
    GateKernel tanh = GateKernels::tanh;
    return switch (cell) {
      case RNN_TANH -> list(tanh);
      case RNN_RELU -> list(GateKernels::relu);
      case LSTM -> list(sigmoid, sigmoid, tanh, sigmoid);
      // q is a product with h and its bias, nothing else.
      case GRU -> list(sigmoid, sigmoid, GateKernels::begin);
    };
  }

  private static GateKernel[] state(RecurrentCell cell) {
    return switch (cell) {
      case RNN_TANH, RNN_RELU -> list(GateKernels::rnn);
      case LSTM -> list(GateKernels::lstmState, GateKernels::lstmTanh, GateKernels::lstmOutput);
      case GRU -> list(GateKernels::gruSum, GateKernels::gruTanh, GateKernels::gruState);
    };
  }

  private static GateKernel[] backward(RecurrentCell cell) {
    return switch (cell) {
      case RNN_TANH -> list(GateKernels::tanhBackward);
      case RNN_RELU -> list(GateKernels::reluBackward);
      case LSTM ->
          list(
              GateKernels::tanhOfState,
              GateKernels::lstmOutputBackward,
              GateKernels::lstmCellBackward);
      case GRU -> list(GateKernels::gruBackward);
    };
  }

  private static GateKernel[] list(GateKernel... kernels) {
    return kernels;
  }
}

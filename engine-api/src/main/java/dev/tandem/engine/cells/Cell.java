package dev.tandem.engine.cells;

import dev.tandem.engine.RecurrentCell;
import java.util.List;

/** One time step of a recurrent cell. */
public sealed interface Cell permits RnnCell, LstmCell, GruCell {

  /**
   * The parameters of a cell, or their gradients.
   *
   * @param inputSize I, the elements of x
   * @param hiddenSize H, the elements of h
   * @param weightIh {@code [G*H,I]}
   * @param weightHh {@code [G*H,H]}
   * @param biasIh {@code [G*H]}
   * @param biasHh {@code [G*H]}
   */
  record Weights(
      int inputSize,
      int hiddenSize,
      double[] weightIh,
      double[] weightHh,
      double[] biasIh,
      double[] biasHh) {

    /** Returns zeros for a cell of G gates. */
    public static Weights zeros(int gates, int inputSize, int hiddenSize) {
      int rows = gates * hiddenSize;
      return new Weights(
          inputSize,
          hiddenSize,
          new double[rows * inputSize],
          new double[rows * hiddenSize],
          new double[rows],
          new double[rows]);
    }

    /** {@code (W_ih x + b_ih)_row}. */
    double input(int row, double[] x) {
      double sum = biasIh[row];
      for (int k = 0; k < inputSize; k++) {
        sum += weightIh[row * inputSize + k] * x[k];
      }
      return sum;
    }

    /** {@code (W_hh h + b_hh)_row}. */
    double hidden(int row, double[] h) {
      double sum = biasHh[row];
      for (int k = 0; k < hiddenSize; k++) {
        sum += weightHh[row * hiddenSize + k] * h[k];
      }
      return sum;
    }

    /**
     * The chain rule through a = W_ih x + b_ih: {@code dW_ih += da x^T, db_ih += da, dx += W_ih^T
     * da}.
     */
    void inputBackward(int row, double da, double[] x, Weights dweights, double[] dx) {
      dweights.biasIh[row] += da;
      for (int k = 0; k < inputSize; k++) {
        dweights.weightIh[row * inputSize + k] += da * x[k];
        dx[k] += weightIh[row * inputSize + k] * da;
      }
    }

    /**
     * The chain rule through a = W_hh h + b_hh: {@code dW_hh += da h^T, db_hh += da, dh += W_hh^T
     * da}.
     */
    void hiddenBackward(int row, double da, double[] h, Weights dweights, double[] dh) {
      dweights.biasHh[row] += da;
      for (int k = 0; k < hiddenSize; k++) {
        dweights.weightHh[row * hiddenSize + k] += da * h[k];
        dh[k] += weightHh[row * hiddenSize + k] * da;
      }
    }
  }

  /**
   * A step that was computed, with everything on the way.
   *
   * @param x the input {@code [I]}
   * @param previousH h before the step {@code [H]}
   * @param previousC c before the step {@code [H]}; null but for LSTM
   * @param gates the activations {@code [G][H]} in the order of {@link #gateNames}
   * @param h after the step {@code [H]}
   * @param c after the step {@code [H]}; null but for LSTM
   */
  record Step(
      double[] x,
      double[] previousH,
      double[] previousC,
      double[][] gates,
      double[] h,
      double[] c) {}

  /**
   * The gradients of what a step read.
   *
   * @param dx of the input {@code [I]}
   * @param dh of h before the step {@code [H]}
   * @param dc of c before the step {@code [H]}; null but for LSTM
   */
  record Gradient(double[] dx, double[] dh, double[] dc) {}

  /** Returns a cell with its weights. */
  static Cell of(RecurrentCell cell, Weights weights) {
    return switch (cell) {
      case RNN_TANH, RNN_RELU -> new RnnCell(cell, weights);
      case LSTM -> new LstmCell(weights);
      case GRU -> new GruCell(weights);
    };
  }

  /** Returns the parameters. */
  Weights weights();

  /** Returns what the gates are called, in the order of their rows. */
  List<String> gateNames();

  /**
   * Computes a step.
   *
   * @param x the input {@code [I]}
   * @param h the state {@code [H]}
   * @param c the cell state {@code [H]}, LSTM alone
   */
  Step forward(double[] x, double[] h, double[] c);

  /**
   * Computes the gradients of a step.
   *
   * @param step what the forward pass returned
   * @param dh dL/dh after the step {@code [H]}: from this step's output and from the step behind it
   * @param dc dL/dc after the step {@code [H]}, LSTM alone
   * @param dweights the gradients of the weights, to which this step's are added
   */
  Gradient backward(Step step, double[] dh, double[] dc, Weights dweights);

  /** {@code 1 / (1 + exp(-a))}. */
  static double sigmoid(double a) {
    return 1 / (1 + Math.exp(-a));
  }
}

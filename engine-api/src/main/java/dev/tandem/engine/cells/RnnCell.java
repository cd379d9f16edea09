package dev.tandem.engine.cells;

import dev.tandem.engine.RecurrentCell;
import java.util.List;

/**
 * The simple recurrent network of Elman (1990, "Finding structure in time"): the new state is a
 * function of the input and of the state before.
 *
 * @param cell {@link RecurrentCell#RNN_TANH} or {@link RecurrentCell#RNN_RELU}
 * @param weights the parameters
 */
public record RnnCell(RecurrentCell cell, Weights weights) implements Cell {

  @Override
  public List<String> gateNames() {
    return List.of("hidden");
  }

  @Override
  public Step forward(double[] x, double[] h, double[] c) {
    int hidden = weights.hiddenSize();
    double[] next = new double[hidden];
    for (int j = 0; j < hidden; j++) {
      // h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), f = tanh or max(0, .)
      double a = weights.input(j, x) + weights.hidden(j, h);
      next[j] = cell == RecurrentCell.RNN_TANH ? Math.tanh(a) : Math.max(0, a);
    }
    return new Step(x, h, null, new double[][] {next}, next, null);
  }

  @Override
  public Gradient backward(Step step, double[] dh, double[] dc, Weights dweights) {
    double[] dx = new double[weights.inputSize()];
    double[] dhPrevious = new double[weights.hiddenSize()];
    for (int j = 0; j < weights.hiddenSize(); j++) {
      double h = step.h()[j];
      // da = dh f'(a): tanh'(a) = 1 - tanh(a)^2; the derivative of max(0, a) is 1 above 0, else 0
      double slope = cell == RecurrentCell.RNN_TANH ? 1 - h * h : h > 0 ? 1 : 0;
      double da = dh[j] * slope;
      weights.inputBackward(j, da, step.x(), dweights, dx);
      weights.hiddenBackward(j, da, step.previousH(), dweights, dhPrevious);
    }
    return new Gradient(dx, dhPrevious, null);
  }
}

package dev.tandem.engine.cells;

import java.util.List;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997) with the forget gate of Gers,
 * Schmidhuber and Cummins (2000): gates in [0,1] decide what enters the cell state c, what of it is
 * kept and what of it shows.
 *
 * @param weights the parameters; rows of the gates i, f, g, o
 */
public record LstmCell(Weights weights) implements Cell {
  private static final int INPUT = 0;
  private static final int FORGET = 1;
  private static final int CELL = 2;
  private static final int OUTPUT = 3;

  @Override
  public List<String> gateNames() {
    return List.of("input", "forget", "cell", "output");
  }

  @Override
  public Step forward(double[] x, double[] h, double[] c) {
    int hidden = weights.hiddenSize();
    double[][] gates = new double[4][hidden];
    double[] nextC = new double[hidden];
    double[] nextH = new double[hidden];
    for (int j = 0; j < hidden; j++) {
      // i = sigmoid(W_ii x + b_ii + W_hi h + b_hi)
      double i = Cell.sigmoid(sum(INPUT, j, x, h));
      // f = sigmoid(W_if x + b_if + W_hf h + b_hf)
      double f = Cell.sigmoid(sum(FORGET, j, x, h));
      // g = tanh(W_ig x + b_ig + W_hg h + b_hg)
      double g = Math.tanh(sum(CELL, j, x, h));
      // o = sigmoid(W_io x + b_io + W_ho h + b_ho)
      double o = Cell.sigmoid(sum(OUTPUT, j, x, h));
      // c_t = f c_{t-1} + i g
      nextC[j] = f * c[j] + i * g;
      // h_t = o tanh(c_t)
      nextH[j] = o * Math.tanh(nextC[j]);
      gates[INPUT][j] = i;
      gates[FORGET][j] = f;
      gates[CELL][j] = g;
      gates[OUTPUT][j] = o;
    }
    return new Step(x, h, c, gates, nextH, nextC);
  }

  private double sum(int gate, int j, double[] x, double[] h) {
    int row = gate * weights.hiddenSize() + j;
    return weights.input(row, x) + weights.hidden(row, h);
  }

  @Override
  public Gradient backward(Step step, double[] dh, double[] dc, Weights dweights) {
    int hidden = weights.hiddenSize();
    double[] dx = new double[weights.inputSize()];
    double[] dhPrevious = new double[hidden];
    double[] dcPrevious = new double[hidden];
    for (int j = 0; j < hidden; j++) {
      double i = step.gates()[INPUT][j];
      double f = step.gates()[FORGET][j];
      double g = step.gates()[CELL][j];
      double o = step.gates()[OUTPUT][j];
      double tanhC = Math.tanh(step.c()[j]);
      // c_t acts through h_t = o tanh(c_t) and through c_{t+1}: dc += dh o (1 - tanh(c)^2)
      double dcNow = dc[j] + dh[j] * o * (1 - tanhC * tanhC);
      // through c_t = f c_{t-1} + i g and sigmoid' = s (1 - s), tanh' = 1 - tanh^2:
      double di = dcNow * g * i * (1 - i);
      double df = dcNow * step.previousC()[j] * f * (1 - f);
      double dg = dcNow * i * (1 - g * g);
      double dO = dh[j] * tanhC * o * (1 - o);
      dcPrevious[j] = dcNow * f;
      double[] da = {di, df, dg, dO};
      for (int gate = 0; gate < da.length; gate++) {
        int row = gate * hidden + j;
        weights.inputBackward(row, da[gate], step.x(), dweights, dx);
        weights.hiddenBackward(row, da[gate], step.previousH(), dweights, dhPrevious);
      }
    }
    return new Gradient(dx, dhPrevious, dcPrevious);
  }
}

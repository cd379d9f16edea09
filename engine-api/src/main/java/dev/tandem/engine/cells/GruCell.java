package dev.tandem.engine.cells;

import java.util.List;

/**
 * The gated recurrent unit (Cho et al. 2014, equations 5 to 8) in the form of cuDNN and PyTorch:
 * the reset gate multiplies {@code W_hn h + b_hn}, not h, and z is how much of the old state stays.
 *
 * @param weights the parameters; rows of the gates r, z, n
 */
public record GruCell(Weights weights) implements Cell {
  private static final int RESET = 0;
  private static final int UPDATE = 1;
  private static final int NEW = 2;

  @Override
  public List<String> gateNames() {
    return List.of("reset", "update", "new");
  }

  @Override
  public Step forward(double[] x, double[] h, double[] c) {
    int hidden = weights.hiddenSize();
    double[][] gates = new double[3][hidden];
    double[] next = new double[hidden];
    for (int j = 0; j < hidden; j++) {
      // r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
      double r = Cell.sigmoid(sum(RESET, j, x, h));
      // z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
      double z = Cell.sigmoid(sum(UPDATE, j, x, h));
      // n = tanh(W_in x + b_in + r (W_hn h + b_hn))
      int row = NEW * hidden + j;
      double n = Math.tanh(weights.input(row, x) + r * weights.hidden(row, h));
      // h_t = (1 - z) n + z h_{t-1}
      next[j] = (1 - z) * n + z * h[j];
      gates[RESET][j] = r;
      gates[UPDATE][j] = z;
      gates[NEW][j] = n;
    }
    return new Step(x, h, null, gates, next, null);
  }

  private double sum(int gate, int j, double[] x, double[] h) {
    int row = gate * weights.hiddenSize() + j;
    return weights.input(row, x) + weights.hidden(row, h);
  }

  @Override
  public Gradient backward(Step step, double[] dh, double[] dc, Weights dweights) {
    int hidden = weights.hiddenSize();
    double[] x = step.x();
    double[] h = step.previousH();
    double[] dx = new double[weights.inputSize()];
    double[] dhPrevious = new double[hidden];
    for (int j = 0; j < hidden; j++) {
      double r = step.gates()[RESET][j];
      double z = step.gates()[UPDATE][j];
      double n = step.gates()[NEW][j];
      // through h_t = (1 - z) n + z h_{t-1} and z' = z (1 - z), n' = 1 - n^2:
      double dz = dh[j] * (h[j] - n) * z * (1 - z);
      double dn = dh[j] * (1 - z) * (1 - n * n);
      dhPrevious[j] += dh[j] * z;
      // through n = tanh(... + r q) with q = W_hn h + b_hn: dq = dn r, dr = dn q r (1 - r)
      double q = weights.hidden(NEW * hidden + j, h);
      double dq = dn * r;
      double dr = dn * q * r * (1 - r);
      double[] throughX = {dr, dz, dn};
      double[] throughH = {dr, dz, dq};
      for (int gate = 0; gate < throughX.length; gate++) {
        int row = gate * hidden + j;
        weights.inputBackward(row, throughX[gate], x, dweights, dx);
        weights.hiddenBackward(row, throughH[gate], h, dweights, dhPrevious);
      }
    }
    return new Gradient(dx, dhPrevious, null);
  }
}

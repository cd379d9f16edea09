package dev.tandem.engine.conformance;

import dev.tandem.engine.Activation;
import dev.tandem.engine.RecurrentCell;

/** One step of a recurrent cell over {@link Bounded} numbers: PyTorch's equations. */
final class RecurrentStep {
  private final RecurrentCell cell;
  private final Tolerance t;
  private final Bounded[][] parameters;
  private final Bounded[] inputs;
  private final int columns;
  private final int start;
  private final Bounded[] previousH;
  private final Bounded[] previousC;
  private final int hidden;
  private final Bounded[][] gates;
  private final Bounded[] h;
  private final Bounded[] c;
  private Bounded[] dInput;
  private Bounded[] dHidden;
  private Bounded[] dx;
  private Bounded[] dh;
  private Bounded[] dc;

  /**
   * Computes the step forward.
   *
   * @param parameters weight_ih, weight_hh, bias_ih, bias_hh
   * @param inputs those of all steps of the sequence, one after the other
   * @param time which is this step's
   */
  RecurrentStep(
      RecurrentCell cell,
      Bounded[][] parameters,
      Bounded[] inputs,
      int time,
      Bounded[] previousH,
      Bounded[] previousC,
      Tolerance t) {
    this.cell = cell;
    this.t = t;
    this.parameters = parameters;
    this.inputs = inputs;
    this.previousH = previousH;
    this.previousC = previousC;
    hidden = previousH.length;
    columns = parameters[0].length / (cell.gates() * hidden);
    start = time * columns;
    gates = new Bounded[cell.gates()][hidden];
    h = new Bounded[hidden];
    c = previousC.clone();
    for (int j = 0; j < hidden; j++) {
      forward(j);
    }
  }

  private void forward(int j) {
    switch (cell) {
      case RNN_TANH -> h[j] = sum(j).tanh();
      case RNN_RELU -> h[j] = Oracle.activation(Activation.RELU, sum(j));
      case LSTM -> {
        Bounded i = Oracle.sigmoid(sum(j));
        Bounded f = Oracle.sigmoid(sum(hidden + j));
        Bounded g = sum(2 * hidden + j).tanh();
        Bounded o = Oracle.sigmoid(sum(3 * hidden + j));
        c[j] = f.times(previousC[j]).plus(i.times(g));
        h[j] = o.times(c[j].tanh());
        gates[0][j] = i;
        gates[1][j] = f;
        gates[2][j] = g;
        gates[3][j] = o;
      }
      case GRU -> {
        Bounded r = Oracle.sigmoid(sum(j));
        Bounded z = Oracle.sigmoid(sum(hidden + j));
        int row = 2 * hidden + j;
        Bounded input =
            t.sumOfProducts(columns, k -> weight(0, row, k), this::x, parameters[2][row]);
        Bounded n = input.plus(r.times(hiddenNew(row))).tanh();
        h[j] = t.exact(1).minus(z).times(n).plus(z.times(previousH[j]));
        gates[0][j] = r;
        gates[1][j] = z;
        gates[2][j] = n;
      }
    }
  }

  /** {@code W_hn h' + b_hn}. */
  private Bounded hiddenNew(int row) {
    return t.sumOfProducts(hidden, k -> weight(1, row, k), k -> previousH[k], parameters[3][row]);
  }

  /** {@code W_ih x + b_ih + W_hh h' + b_hh} of a row. */
  private Bounded sum(int row) {
    return t.sumOfProducts(
        columns + hidden,
        k -> k < columns ? weight(0, row, k) : weight(1, row, k - columns),
        k -> k < columns ? x(k) : previousH[k - columns],
        parameters[2][row],
        parameters[3][row]);
  }

  private Bounded weight(int matrix, int row, int column) {
    return parameters[matrix][row * (matrix == 0 ? columns : hidden) + column];
  }

  /** Computes the step backward from the gradients of h and c after it. */
  void backward(Bounded[] outerH, Bounded[] outerC) {
    dInput = new Bounded[cell.gates() * hidden];
    dHidden = dInput;
    dc = outerC.clone();
    Bounded[] past = Oracle.indexed(hidden, j -> t.exact(0));
    if (cell == RecurrentCell.GRU) {
      dHidden = new Bounded[dInput.length];
    }
    for (int j = 0; j < hidden; j++) {
      switch (cell) {
        case RNN_TANH -> dInput[j] = outerH[j].times(Oracle.derivative(Activation.TANH, h[j]));
        case RNN_RELU -> dInput[j] = outerH[j].times(Oracle.derivative(Activation.RELU, h[j]));
        case LSTM -> lstm(j, outerH[j], outerC[j]);
        case GRU -> past[j] = gru(j, outerH[j]);
      }
    }
    int rows = dInput.length;
    dx = Oracle.indexed(columns, k -> t.sumOfProducts(rows, i -> dInput[i], i -> weight(0, i, k)));
    dh =
        Oracle.indexed(
            hidden, k -> t.sumOfProducts(rows, i -> dHidden[i], i -> weight(1, i, k), past[k]));
  }

  private void lstm(int j, Bounded outer, Bounded outerC) {
    Bounded i = gates[0][j];
    Bounded f = gates[1][j];
    Bounded g = gates[2][j];
    Bounded o = gates[3][j];
    Bounded tanh = c[j].tanh();
    Bounded slope = Oracle.derivative(Activation.TANH, tanh);
    Bounded state = outerC.plus(outer.times(o).times(slope));
    dInput[j] = state.times(g).times(Oracle.derivative(Activation.SIGMOID, i));
    dInput[hidden + j] = state.times(previousC[j]).times(Oracle.derivative(Activation.SIGMOID, f));
    dInput[2 * hidden + j] = state.times(i).times(Oracle.derivative(Activation.TANH, g));
    dInput[3 * hidden + j] = outer.times(tanh).times(Oracle.derivative(Activation.SIGMOID, o));
    dc[j] = state.times(f);
  }

  private Bounded gru(int j, Bounded outer) {
    Bounded r = gates[0][j];
    Bounded z = gates[1][j];
    Bounded n = gates[2][j];
    Bounded difference = previousH[j].minus(n);
    Bounded dz = outer.times(difference).times(Oracle.derivative(Activation.SIGMOID, z));
    Bounded stays = t.exact(1).minus(z);
    Bounded dn = outer.times(stays).times(Oracle.derivative(Activation.TANH, n));
    Bounded q = hiddenNew(2 * hidden + j);
    Bounded dr = dn.times(q).times(Oracle.derivative(Activation.SIGMOID, r));
    dInput[j] = dr;
    dInput[hidden + j] = dz;
    dInput[2 * hidden + j] = dn;
    dHidden[j] = dr;
    dHidden[hidden + j] = dz;
    dHidden[2 * hidden + j] = dn.times(r);
    return outer.times(z);
  }

  Bounded x(int k) {
    return inputs[start + k];
  }

  Bounded[] previousH() {
    return previousH;
  }

  Bounded[] h() {
    return h;
  }

  Bounded[] c() {
    return c;
  }

  /** The gradients of what {@code W_ih x + b_ih} goes to, by row. */
  Bounded[] dInput() {
    return dInput;
  }

  /** The gradients of what {@code W_hh h' + b_hh} goes to, by row. */
  Bounded[] dHidden() {
    return dHidden;
  }

  Bounded[] dx() {
    return dx;
  }

  Bounded[] dh() {
    return dh;
  }

  Bounded[] dc() {
    return dc;
  }
}

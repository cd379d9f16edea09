package dev.tandem.engine;

/** The recurrent cells. Their equations are in the package {@code dev.tandem.engine.cells}. */
public enum RecurrentCell {
  /** {@code h = tanh(W_ih x + b_ih + W_hh h' + b_hh)} (Elman 1990). */
  RNN_TANH(1),
  /** {@code h = max(0, W_ih x + b_ih + W_hh h' + b_hh)}; the derivative at 0 is 0. */
  RNN_RELU(1),
  /**
   * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
   * 2000); gates in the order input, forget, cell, output.
   */
  LSTM(4),
  /**
   * The gated recurrent unit (Cho et al. 2014) with the reset gate applied to {@code W_hn h' +
   * b_hn}; gates in the order reset, update, new.
   */
  GRU(3);

  private final int gates;

  RecurrentCell(int gates) {
    this.gates = gates;
  }

  /** Returns how many blocks of H rows the weights have: 1, 1, 4, 3. */
  public int gates() {
    return gates;
  }

  /** Returns whether there is a cell state c beside h. */
  public boolean hasCellState() {
    return this == LSTM;
  }
}

package dev.tandem.models.flow;

import dev.tandem.engine.cells.Cell;
import java.util.List;

/**
 * Recurrent cells on top of each other, unrolled over one sequence from states of 0.
 *
 * @param cells from the lowest to the highest
 */
record CellStack(List<Cell> cells) {
  /**
   * What went back through the stack.
   *
   * @param dh dL/dh_t of each layer {@code [L][T][H]}: all that the state h_t does to the loss,
   *     through its own output and through every later step
   * @param dx dL/dx_t of the lowest layer {@code [T][I]}
   */
  record Gradients(double[][][] dh, double[][] dx) {}

  /** Computes all steps {@code [L][T]} of a sequence {@code [T][I]}. */
  Cell.Step[][] forward(double[][] sequence) {
    Cell.Step[][] steps = new Cell.Step[cells.size()][sequence.length];
    for (int layer = 0; layer < steps.length; layer++) {
      double[] h = new double[hiddenSize(layer)];
      double[] c = new double[h.length];
      for (int t = 0; t < sequence.length; t++) {
        double[] x = layer == 0 ? sequence[t] : steps[layer - 1][t].h();
        steps[layer][t] = cells.get(layer).forward(x, h, c);
        h = steps[layer][t].h();
        c = steps[layer][t].c();
      }
    }
    return steps;
  }

  /**
   * Goes back through all steps.
   *
   * @param steps what {@link #forward} returned
   * @param dtop what the outputs of the highest layer do to the loss directly {@code [T][H]}
   * @param dweights the gradients of the weights of each layer, to which those of this sequence are
   *     added
   */
  Gradients backward(Cell.Step[][] steps, double[][] dtop, List<Cell.Weights> dweights) {
    int time = dtop.length;
    double[][][] dh = new double[cells.size()][time][];
    double[][] direct = dtop;
    for (int layer = cells.size() - 1; layer >= 0; layer--) {
      double[][] below = new double[time][];
      double[] later = new double[hiddenSize(layer)];
      double[] dc = new double[later.length];
      for (int t = time - 1; t >= 0; t--) {
        dh[layer][t] = sum(direct[t], later);
        Cell.Gradient gradient =
            cells.get(layer).backward(steps[layer][t], dh[layer][t], dc, dweights.get(layer));
        below[t] = gradient.dx();
        later = gradient.dh();
        dc = gradient.dc();
      }
      direct = below;
    }
    return new Gradients(dh, direct);
  }

  int hiddenSize(int layer) {
    return cells.get(layer).weights().hiddenSize();
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int j = 0; j < sum.length; j++) {
      sum[j] += b[j];
    }
    return sum;
  }
}

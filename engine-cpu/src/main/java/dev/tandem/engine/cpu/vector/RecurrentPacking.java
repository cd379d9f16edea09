package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.GemmKernels.COLUMNS;

/**
 * Copies weights into panels for {@link GemmKernels}, once for each layer and pass. A panel has a
 * row for each k, as wide as a tile, or half as wide where that is enough.
 */
final class RecurrentPacking implements Workers.Task {
  /** Rows of W that are read side by side: one cache line of k from each. */
  private static final int LINE = 16;

  private final boolean backward;
  private RecurrentPlan plan;
  private int layer;
  private float[] weights;
  private int atWeights;
  private float[] workspace;
  private int atWorkspace;

  /**
   * Makes a task.
   *
   * @param backward whether h is to be multiplied by W instead of W^T
   */
  RecurrentPacking(boolean backward) {
    this.backward = backward;
  }

  void set(RecurrentPlan thePlan, int theLayer, float[] from, int atFrom, float[] to, int atTo) {
    plan = thePlan;
    layer = theLayer;
    weights = from;
    atWeights = atFrom;
    workspace = to;
    atWorkspace = atTo;
  }

  /** Returns the number of chunks: one for each block of hidden units and direction. */
  int chunks() {
    return RecurrentPlan.panels(plan.hidden()) * plan.spec().directions();
  }

  /** Returns the width of a panel of some columns. */
  static int width(int columns) {
    return columns <= GemmNarrowKernels.COLUMNS ? GemmNarrowKernels.COLUMNS : COLUMNS;
  }

  @Override
  public void run(int chunk, int worker) {
    int direction = chunk % plan.spec().directions();
    int unit = chunk / plan.spec().directions() * COLUMNS;
    int columns = Math.min(COLUMNS, plan.hidden() - unit);
    int width = width(columns);
    int hidden = plan.hidden();
    int fromHidden = atWeights + plan.parameter(layer, direction, 1);
    if (backward) {
      int rows = plan.spec().gateRows();
      int to = atWorkspace + plan.backPacked(direction) + unit * rows;
      copy(weights, fromHidden + unit, hidden, rows, columns, workspace, to, width);
      return;
    }
    int gates = plan.spec().cell().gates();
    int inputs = plan.spec().inputSize(layer);
    int fromInput = atWeights + plan.parameter(layer, direction, 0);
    int toInput = atWorkspace + plan.packedInput(direction) + unit * gates * inputs;
    int toHidden = atWorkspace + plan.packedHidden(layer, direction) + unit * gates * hidden;
    for (int gate = 0; gate < gates; gate++) {
      int row = plan.inputGate(gate) * hidden + unit;
      int from = fromInput + row * inputs;
      transpose(weights, from, inputs, columns, workspace, toInput + gate * inputs * width, width);
      from = fromHidden + (gate * hidden + unit) * hidden;
      transpose(weights, from, hidden, columns, workspace, toHidden + gate * hidden * width, width);
    }
    biases(direction, unit, columns);
  }

  /** Adds the biases that go to the same slot. */
  private void biases(int direction, int unit, int columns) {
    int hidden = plan.hidden();
    int gates = plan.spec().cell().gates();
    int input = atWeights + plan.parameter(layer, direction, 2);
    int recurrent = atWeights + plan.parameter(layer, direction, 3);
    int slots = plan.rowLength() / hidden;
    for (int slot = 0; slot < slots; slot++) {
      int to = atWorkspace + plan.bias(direction) + slot * hidden;
      int gate = slot - plan.hiddenSlot();
      for (int j = unit; j < unit + columns; j++) {
        float sum = slot < gates ? weights[input + plan.inputGate(slot) * hidden + j] : 0;
        workspace[to + j] = gate < 0 ? sum : sum + weights[recurrent + gate * hidden + j];
      }
    }
  }

  /** Writes rows of k from columns of k; columns that are missing in the width are 0. */
  private static void transpose(
      float[] w, int from, int k, int columns, float[] panel, int to, int width) {
    for (int start = 0; start < k; start += LINE) {
      int end = Math.min(k, start + LINE);
      for (int j = 0; j < width; j++) {
        for (int p = start; p < end; p++) {
          panel[to + p * width + j] = j < columns ? w[from + j * k + p] : 0;
        }
      }
    }
  }

  private static void copy(
      float[] w, int from, int row, int k, int columns, float[] panel, int to, int width) {
    for (int p = 0; p < k; p++) {
      System.arraycopy(w, from + p * row, panel, to + p * width, columns);
      for (int j = columns; j < width; j++) {
        panel[to + p * width + j] = 0;
      }
    }
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.GemmKernels.COLUMNS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import java.util.Arrays;

/**
 * Copies weights into panels for {@link GemmKernels}, once for each layer and pass. A panel has a
 * row for each k, as wide as a tile, or half as wide where that is enough. For the forward pass the
 * panels of the slots of some units lie side by side, each with the rows that h is multiplied by
 * before those for x.
 */
final class RecurrentPacking implements Workers.Task {
  private final boolean backward;
  private final float[][] squares;
  private RecurrentPlan plan;
  private RecurrentSlots slots;
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
  RecurrentPacking(boolean backward, int threads) {
    this.backward = backward;
    squares = new float[threads][Squares.SCRATCH];
  }

  void set(RecurrentPlan thePlan, int theLayer, float[] from, int atFrom, float[] to, int atTo) {
    plan = thePlan;
    slots = plan.slots();
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
    int units = Math.min(COLUMNS, plan.hidden() - unit);
    if (backward) {
      backward(direction, unit, units);
    } else {
      forward(direction, unit, units, squares[worker]);
      biases(direction, unit, units);
    }
  }

  private void forward(int direction, int unit, int units, float[] square) {
    int hidden = plan.hidden();
    int inputs = plan.spec().inputSize(layer);
    int width = width(units);
    int to = atWorkspace + plan.packed(layer, direction, unit);
    for (int slot = 0; slot < slots.count(); slot++) {
      if (slots.hiddenTerms(slot) > 0) {
        int row = slots.hiddenGate(slot) * hidden + unit;
        int from = atWeights + plan.parameter(layer, direction, 1) + row * hidden;
        transpose(weights, from, hidden, units, workspace, to, width, square);
        to += hidden * width;
      }
      if (slots.inputTerms(slot, inputs) > 0) {
        int row = slots.inputGate(slot) * hidden + unit;
        int from = atWeights + plan.parameter(layer, direction, 0) + row * inputs;
        transpose(weights, from, inputs, units, workspace, to, width, square);
        to += inputs * width;
      }
    }
  }

  /** Writes rows of k from columns of k; a column that is missing in the width is the last. */
  private static void transpose(
      float[] w, int from, int k, int columns, float[] panel, int to, int width, float[] square) {
    for (int j = 0; j < width; j += LENGTH) {
      int last = Math.min(LENGTH, columns - j) - 1;
      for (int p = 0; p < k; p += LENGTH) {
        int rows = Math.min(LENGTH, k - p);
        Squares.read(w, from + j * k + p, k, last, rows, square, 0);
        boolean whole = rows == LENGTH;
        int at = to + p * width + j;
        Squares.write(square, 0, whole ? panel : square, whole ? at : 0, whole ? width : LENGTH);
        for (int row = 0; !whole && row < rows; row++) {
          System.arraycopy(square, row * LENGTH, panel, at + row * width, LENGTH);
        }
      }
    }
  }

  /** Adds the biases that go to the same slot. */
  private void biases(int direction, int unit, int units) {
    int hidden = plan.hidden();
    int inputs = plan.spec().inputSize(layer);
    int input = atWeights + plan.parameter(layer, direction, 2);
    int recurrent = atWeights + plan.parameter(layer, direction, 3);
    for (int slot = 0; slot < slots.count(); slot++) {
      int to = atWorkspace + plan.bias(direction) + slot * slots.width();
      boolean ofInput = slots.inputTerms(slot, inputs) > 0;
      boolean ofHidden = slots.hiddenTerms(slot) > 0;
      for (int j = unit; j < unit + units; j++) {
        float sum = ofInput ? weights[input + slots.inputGate(slot) * hidden + j] : 0;
        workspace[to + j] =
            ofHidden ? sum + weights[recurrent + slots.hiddenGate(slot) * hidden + j] : sum;
      }
      Arrays.fill(workspace, to + unit + units, to + unit + width(units), 0);
    }
  }

  /** Rows and columns that only fill slots up are 0. */
  private void backward(int direction, int unit, int units) {
    int hidden = plan.hidden();
    int width = width(units);
    int from = atWeights + plan.parameter(layer, direction, 1) + unit;
    int to = atWorkspace + plan.backPacked(direction, unit);
    for (int gate = 0; gate < plan.spec().cell().gates(); gate++) {
      for (int row = 0; row < slots.width(); row++) {
        int copied = row < hidden ? units : 0;
        if (copied > 0) {
          System.arraycopy(weights, from + (gate * hidden + row) * hidden, workspace, to, copied);
        }
        Arrays.fill(workspace, to + copied, to + width, 0);
        to += width;
      }
    }
  }
}

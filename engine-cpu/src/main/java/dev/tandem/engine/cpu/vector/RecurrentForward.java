package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.GemmKernels.COLUMNS;

import dev.tandem.engine.Recurrent.Forward;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/**
 * A layer forward in time. A chunk is a band of sequences in one direction: for some steps at once
 * the products of the gates with x, then step by step those with h and the cell, panel by panel, so
 * that the sums of a panel are still in the first-level cache when the cell wants them.
 */
final class RecurrentForward implements Workers.Task {
  private final GateOperands[] operands;
  private CellKernels kernels;
  private RecurrentPlan plan;
  private RecurrentSpec spec;
  private RecurrentBands bands;
  private Forward tensors;
  private int layer;
  private float[] input;
  private int atInput;
  private float[] output;
  private int atOutput;
  private float[] store;
  private int atStore;
  private float[] workspace;
  private int atWorkspace;
  private int hidden;
  private int rowLength;

  RecurrentForward(int threads) {
    operands = new GateOperands[threads];
    for (int i = 0; i < threads; i++) {
      operands[i] = new GateOperands();
    }
  }

  /**
   * Says what to do.
   *
   * @param in the layer's input {@code [T,N,I]}
   * @param out the layer's output {@code [T,N,H*D]}
   */
  void set(
      RecurrentPlan thePlan,
      Forward theTensors,
      int theLayer,
      float[] in,
      int atIn,
      float[] out,
      int atOut) {
    plan = thePlan;
    spec = plan.spec();
    bands = plan.bands();
    tensors = theTensors;
    layer = theLayer;
    input = in;
    atInput = atIn;
    output = out;
    atOutput = atOut;
    workspace = floats(tensors.workspace());
    atWorkspace = offset(tensors.workspace());
    store = spec.training() ? floats(tensors.reserve()) : workspace;
    atStore = spec.training() ? offset(tensors.reserve()) : atWorkspace;
    hidden = plan.hidden();
    rowLength = plan.rowLength();
    kernels = plan.kernels();
    for (GateOperands each : operands) {
      each.hidden = hidden;
      each.gateRow = rowLength;
      each.store = store;
      each.workspace = workspace;
      each.output = output;
      each.outRow = spec.directions() * hidden;
    }
  }

  @Override
  public void run(int chunk, int worker) {
    GateOperands mine = operands[worker];
    int direction = bands.direction(chunk);
    int first = bands.first(chunk);
    int end = bands.end(chunk);
    int time = spec.time();
    load(tensors.h0(), direction, first, end, plan.hiddenStates(layer, direction));
    if (spec.cell().hasCellState()) {
      load(tensors.c0(), direction, first, end, plan.cellStates(layer, direction));
    }
    int block = plan.blockSteps();
    for (int done = 0; done < time; done += block) {
      int steps = Math.min(block, time - done);
      int start = direction == 0 ? done : time - done - steps;
      // In inference every block of steps uses the same memory.
      int base = spec.training() ? 0 : start;
      inputs(mine, direction, first, end, start, steps, base);
      for (int step = 0; step < steps; step++) {
        int t = direction == 0 ? start + step : start + steps - 1 - step;
        step(mine, direction, first, end, t, gates(direction, t - base));
      }
    }
    keep(tensors.hn(), direction, first, end, plan.hiddenStates(layer, direction));
    if (spec.cell().hasCellState()) {
      keep(tensors.cn(), direction, first, end, plan.cellStates(layer, direction));
    }
  }

  /** The place of the gates of a step. */
  private int gates(int direction, int step) {
    return atStore + plan.gates(layer, direction) + step * spec.batch() * rowLength;
  }

  /** The place of a state, 0 to T, in the order of time. */
  private int state(int states, int index) {
    return atStore + states + index % plan.stateSteps() * spec.batch() * hidden;
  }

  private static int before(int direction, int t) {
    return direction == 0 ? t : t + 1;
  }

  private static int after(int direction, int t) {
    return direction == 0 ? t + 1 : t;
  }

  /** Writes the states before the first step. */
  private void load(Tensor initial, int direction, int first, int end, int states) {
    int to = state(states, direction == 0 ? 0 : spec.time());
    for (int n = first; n < end; n++) {
      int at = to + n * hidden;
      if (initial != null && RecurrentBands.length(spec, tensors.lengths(), n) > 0) {
        int from = offset(initial) + stateRow(direction, n);
        System.arraycopy(floats(initial), from, store, at, hidden);
      } else {
        Arrays.fill(store, at, at + hidden, 0);
      }
    }
  }

  /** Hands out the states after the last step. */
  private void keep(Tensor last, int direction, int first, int end, int states) {
    if (last == null) {
      return;
    }
    int from = state(states, direction == 0 ? spec.time() : 0);
    for (int n = first; n < end; n++) {
      int to = offset(last) + stateRow(direction, n);
      if (RecurrentBands.length(spec, tensors.lengths(), n) > 0) {
        System.arraycopy(store, from + n * hidden, floats(last), to, hidden);
      } else {
        Arrays.fill(floats(last), to, to + hidden, Float.NaN);
      }
    }
  }

  private int stateRow(int direction, int n) {
    return (plan.sequence(layer, direction) * spec.batch() + n) * hidden;
  }

  /** The products of x with the weights, and the biases, of some steps. */
  private void inputs(
      GateOperands o, int direction, int first, int end, int start, int steps, int base) {
    int columns = spec.inputSize(layer);
    // The rows of a step lie side by side; where a band is the whole batch, those of all steps do.
    boolean whole = end - first == spec.batch();
    int rows = whole ? steps * spec.batch() : end - first;
    int stretches = whole ? 1 : steps;
    for (int unit = 0; unit < hidden; unit += COLUMNS) {
      int units = Math.min(COLUMNS, hidden - unit);
      int width = RecurrentPacking.width(units);
      o.columns = units;
      o.width = width;
      int panels = atWorkspace + plan.packedInput(direction) + unit * spec.cell().gates() * columns;
      for (int slot = 0; slot < spec.cell().gates(); slot++) {
        int panel = panels + slot * columns * width;
        o.bias = atWorkspace + plan.bias(direction) + slot * hidden + unit;
        for (int stretch = 0; stretch < stretches; stretch++) {
          int row = (start + stretch) * spec.batch() + first;
          int to = gates(direction, start + stretch - base) + first * rowLength;
          to += slot * hidden + unit;
          int i = 0;
          while (i < rows) {
            int from = atInput + (row + i) * columns;
            int done = multiply(rows - i, columns, input, from, columns, panel, o);
            o.rows = done;
            o.gates = to + i * rowLength;
            GateKernel.call(kernels.begin(), o);
            i += done;
          }
        }
      }
    }
  }

  private int multiply(int rows, int k, float[] a, int at, int row, int panel, GateOperands o) {
    return o.width == COLUMNS
        ? GemmKernels.tile(rows, k, a, at, row, 1, workspace, panel, COLUMNS, o.tile)
        : GemmNarrowKernels.tile(rows, k, a, at, row, 1, workspace, panel, o.width, o.tile);
  }

  /** One step of a band. */
  private void step(GateOperands o, int direction, int first, int end, int t, int gates) {
    int states = plan.hiddenStates(layer, direction);
    int previous = state(states, before(direction, t));
    for (int unit = 0; unit < hidden; unit += COLUMNS) {
      int units = Math.min(COLUMNS, hidden - unit);
      int width = RecurrentPacking.width(units);
      o.columns = units;
      o.width = width;
      int panels =
          atWorkspace + plan.packedHidden(layer, direction) + unit * spec.cell().gates() * hidden;
      for (int gate = 0; gate < spec.cell().gates(); gate++) {
        int panel = panels + gate * hidden * width;
        int slot = (plan.hiddenSlot() + gate) * hidden + unit;
        o.bias = atWorkspace + plan.bias(direction) + slot;
        int n = first;
        while (n < end) {
          int from = previous + n * hidden;
          int done = multiply(end - n, hidden, store, from, hidden, panel, o);
          o.rows = done;
          o.gates = gates + n * rowLength + slot;
          GateKernel.call(kernels.activations()[gate], o);
          n += done;
        }
      }
      cells(o, direction, first, end, t, gates + unit, unit);
    }
  }

  /** Computes the states and the output of some units of a band, run by run of neighbours. */
  private void cells(
      GateOperands o, int direction, int first, int end, int t, int gates, int unit) {
    int n = first;
    while (n < end) {
      int run = n;
      n = RecurrentBands.endOfRun(spec, tensors.lengths(), n, end, t);
      int row = run * hidden + unit;
      int step = t * spec.batch() + run;
      o.rows = n - run;
      o.out = atOutput + (step * spec.directions() + direction) * hidden + unit;
      if (t < RecurrentBands.length(spec, tensors.lengths(), run)) {
        int states = plan.hiddenStates(layer, direction);
        o.previousH = state(states, before(direction, t)) + row;
        o.nextH = state(states, after(direction, t)) + row;
        int cells = plan.cellStates(layer, direction);
        o.previousC = state(cells, before(direction, t)) + row;
        o.nextC = state(cells, after(direction, t)) + row;
        o.gates = gates + run * rowLength;
        for (GateKernel kernel : kernels.state()) {
          GateKernel.call(kernel, o);
        }
      } else {
        pass(direction, o.rows, t, row, o.columns, o.out);
      }
    }
  }

  /** Behind the end of a sequence the states stay as they are and the output is 0. */
  private void pass(int direction, int rows, int t, int row, int units, int out) {
    for (int i = 0; i < rows; i++) {
      stay(direction, t, plan.hiddenStates(layer, direction), row + i * hidden, units);
      if (spec.cell().hasCellState()) {
        stay(direction, t, plan.cellStates(layer, direction), row + i * hidden, units);
      }
      int to = out + i * spec.directions() * hidden;
      Arrays.fill(output, to, to + units, 0);
    }
  }

  private void stay(int direction, int t, int states, int row, int units) {
    int from = state(states, before(direction, t)) + row;
    int to = state(states, after(direction, t)) + row;
    System.arraycopy(store, from, store, to, units);
  }
}

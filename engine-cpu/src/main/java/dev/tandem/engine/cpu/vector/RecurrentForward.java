package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.GemmKernels.COLUMNS;

import dev.tandem.engine.Recurrent.Forward;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/**
 * A layer forward in time. A chunk is a band of sequences in one direction: step by step the
 * products of the gates with h and x and the cell, panel by panel, so that the sums of a panel are
 * still in the first-level cache when the cell wants them. Where the plan says so the products with
 * x come first, for some steps at once.
 */
final class RecurrentForward implements Workers.Task {
  private final GateOperands[] operands;
  private CellKernels kernels;
  private RecurrentPlan plan;
  private RecurrentSpec spec;
  private RecurrentSlots slots;
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
  private int inputs;
  private int operandRow;
  private int rowLength;
  private boolean joint;

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
    slots = plan.slots();
    hidden = plan.hidden();
    inputs = spec.inputSize(layer);
    operandRow = plan.operandRow(layer);
    rowLength = plan.rowLength();
    joint = plan.joint(layer);
    kernels = plan.kernels();
    for (GateOperands each : operands) {
      each.slot = slots.width();
      each.stateRow = operandRow;
      each.gateRow = rowLength;
      each.store = store;
    }
  }

  @Override
  public void run(int chunk, int worker) {
    GateOperands mine = operands[worker];
    int direction = bands.direction(chunk);
    int first = bands.first(chunk);
    int end = bands.end(chunk);
    int time = spec.time();
    int begin = direction == 0 ? 0 : time;
    load(tensors.h0(), direction, first, end, operands(direction, begin), operandRow);
    if (spec.cell().hasCellState()) {
      load(tensors.c0(), direction, first, end, cells(direction, begin), slots.width());
    }
    int block = plan.blockSteps();
    for (int done = 0; done < time; done += block) {
      int steps = Math.min(block, time - done);
      int start = direction == 0 ? done : time - done - steps;
      // In inference every block of steps uses the same memory.
      int base = spec.training() ? 0 : start;
      if (!joint) {
        products(direction, first, end, start, steps, base);
      }
      for (int step = 0; step < steps; step++) {
        int t = direction == 0 ? start + step : start + steps - 1 - step;
        step(mine, direction, first, end, t, gates(direction, t - base));
      }
    }
    keep(tensors.hn(), direction, first, end, operands(direction, time - begin), operandRow);
    if (spec.cell().hasCellState()) {
      keep(tensors.cn(), direction, first, end, cells(direction, time - begin), slots.width());
    }
  }

  /** The place of the gates of a step. */
  private int gates(int direction, int step) {
    return atStore + plan.gates(layer, direction) + step * spec.batch() * rowLength;
  }

  /** The place of some operands, 0 to T in the order of time. */
  private int operands(int direction, int index) {
    int step = index % plan.stateSteps() * spec.batch();
    return atStore + plan.operands(layer, direction) + step * operandRow;
  }

  /** The place of some cell states, 0 to T in the order of time. */
  private int cells(int direction, int index) {
    int step = index % plan.stateSteps() * spec.batch();
    return atStore + plan.cellStates(layer, direction) + step * slots.width();
  }

  private static int before(int direction, int t) {
    return direction == 0 ? t : t + 1;
  }

  private static int after(int direction, int t) {
    return direction == 0 ? t + 1 : t;
  }

  private boolean goesOn(int t, int n) {
    return t < RecurrentBands.length(spec, tensors.lengths(), n);
  }

  /** Writes the states before the first step. */
  private void load(Tensor initial, int direction, int first, int end, int to, int row) {
    for (int n = first; n < end; n++) {
      int at = to + n * row;
      if (initial != null && goesOn(0, n)) {
        int from = offset(initial) + stateRow(direction, n);
        System.arraycopy(floats(initial), from, store, at, hidden);
      } else {
        Arrays.fill(store, at, at + hidden, 0);
      }
    }
  }

  /** Hands out the states after the last step. */
  private void keep(Tensor last, int direction, int first, int end, int from, int row) {
    if (last == null) {
      return;
    }
    for (int n = first; n < end; n++) {
      int to = offset(last) + stateRow(direction, n);
      if (goesOn(0, n)) {
        System.arraycopy(store, from + n * row, floats(last), to, hidden);
      } else {
        Arrays.fill(floats(last), to, to + hidden, Float.NaN);
      }
    }
  }

  private int stateRow(int direction, int n) {
    return (plan.sequence(layer, direction) * spec.batch() + n) * hidden;
  }

  /** The products of x with the weights, and the biases, of some steps. */
  private void products(int direction, int first, int end, int start, int steps, int base) {
    // The rows of a step lie side by side; where a band is the whole batch, those of all steps do.
    boolean whole = end - first == spec.batch();
    int rows = whole ? steps * spec.batch() : end - first;
    int stretches = whole ? 1 : steps;
    for (int unit = 0; unit < hidden; unit += COLUMNS) {
      int width = RecurrentPacking.width(Math.min(COLUMNS, hidden - unit));
      int panel = atWorkspace + plan.packed(layer, direction, unit);
      for (int slot = 0; slot < slots.count(); slot++) {
        panel += slots.hiddenTerms(slot) * width;
        int terms = slots.inputTerms(slot, inputs);
        int column = slot * slots.width() + unit;
        int bias = atWorkspace + plan.bias(direction) + column;
        for (int stretch = 0; terms > 0 && stretch < stretches; stretch++) {
          int from = atInput + ((start + stretch) * spec.batch() + first) * inputs;
          int to = gates(direction, start + stretch - base) + first * rowLength + column;
          multiply(rows, terms, input, from, inputs, panel, width, workspace, bias, 0, to);
        }
        panel += terms * width;
      }
    }
  }

  /** Writes sums of products and an addend to gates. */
  private void multiply(
      int rows,
      int k,
      float[] a,
      int at,
      int row,
      int panel,
      int width,
      float[] addend,
      int atAddend,
      int nextAddend,
      int to) {
    int i = 0;
    while (i < rows) {
      int missing = rows - i;
      int from = at + i * row;
      int added = atAddend + i * nextAddend;
      int into = to + i * rowLength;
      i +=
          width == COLUMNS
              ? GemmKernels.tile(
                  missing,
                  k,
                  a,
                  from,
                  row,
                  1,
                  workspace,
                  panel,
                  width,
                  addend,
                  added,
                  nextAddend,
                  store,
                  into,
                  rowLength)
              : GemmNarrowKernels.tile(
                  missing,
                  k,
                  a,
                  from,
                  row,
                  1,
                  workspace,
                  panel,
                  width,
                  addend,
                  added,
                  nextAddend,
                  store,
                  into,
                  rowLength);
    }
  }

  /** One step of a band. */
  private void step(GateOperands o, int direction, int first, int end, int t, int gates) {
    int before = operands(direction, before(direction, t));
    copyInputs(first, end, t, before + hidden);
    int unit = 0;
    while (unit < hidden) {
      boolean oneRow = end - first == 1 && hidden - unit >= GemmRowKernel.COLUMNS;
      int units = oneRow ? GemmRowKernel.COLUMNS : Math.min(COLUMNS, hidden - unit);
      int width = RecurrentPacking.width(units);
      int panel = atWorkspace + plan.packed(layer, direction, unit);
      for (int slot = 0; slot < slots.count(); slot++) {
        int ofHidden = slots.hiddenTerms(slot);
        int ofInput = slots.inputTerms(slot, inputs);
        int terms = joint ? ofHidden + ofInput : ofHidden;
        if (terms > 0) {
          int from = before + first * operandRow + (ofHidden > 0 ? 0 : hidden);
          int column = slot * slots.width() + unit;
          int to = gates + first * rowLength + column;
          boolean begun = !joint && ofInput > 0;
          float[] addend = begun ? store : workspace;
          int atAddend = begun ? to : atWorkspace + plan.bias(direction) + column;
          if (oneRow) {
            GemmRowKernel.run(
                terms,
                store,
                from,
                1,
                workspace,
                panel,
                plan.packedPanels(layer),
                width,
                addend,
                atAddend,
                store,
                to);
          } else {
            int nextAddend = begun ? rowLength : 0;
            multiply(
                end - first,
                terms,
                store,
                from,
                operandRow,
                panel,
                width,
                addend,
                atAddend,
                nextAddend,
                to);
          }
        }
        panel += (ofHidden + ofInput) * width;
      }
      o.columns = oneRow ? units : width;
      cells(o, direction, first, end, t, gates + unit, unit);
      unit += units;
    }
    finish(direction, first, end, t);
  }

  /** Copies x to the operands; 0 behind the end of a sequence. */
  private void copyInputs(int first, int end, int t, int to) {
    for (int n = first; n < end; n++) {
      int at = to + n * operandRow;
      if (goesOn(t, n)) {
        int from = atInput + (t * spec.batch() + n) * inputs;
        System.arraycopy(input, from, store, at, inputs);
      } else {
        Arrays.fill(store, at, at + inputs, 0);
      }
    }
  }

  /** Computes the states of some units of a band, run by run of neighbours. */
  private void cells(
      GateOperands o, int direction, int first, int end, int t, int gates, int unit) {
    int before = before(direction, t);
    int after = after(direction, t);
    int n = first;
    while (n < end) {
      int run = n;
      n = RecurrentBands.endOfRun(spec, tensors.lengths(), n, end, t);
      if (goesOn(t, run)) {
        o.rows = n - run;
        o.gates = gates + run * rowLength;
        o.previousH = operands(direction, before) + run * operandRow + unit;
        o.nextH = operands(direction, after) + run * operandRow + unit;
        o.previousC = cells(direction, before) + run * slots.width() + unit;
        o.nextC = cells(direction, after) + run * slots.width() + unit;
        for (GateKernel kernel : kernels.forward()) {
          GateKernel.call(kernel, o);
        }
      }
    }
  }

  /** The output of a step; behind the end of a sequence it is 0 and states stay as they are. */
  private void finish(int direction, int first, int end, int t) {
    int before = operands(direction, before(direction, t));
    int after = operands(direction, after(direction, t));
    for (int n = first; n < end; n++) {
      int to = atOutput + ((t * spec.batch() + n) * spec.directions() + direction) * hidden;
      int next = after + n * operandRow;
      if (goesOn(t, n)) {
        System.arraycopy(store, next, output, to, hidden);
      } else {
        Arrays.fill(output, to, to + hidden, 0);
        System.arraycopy(store, before + n * operandRow, store, next, hidden);
        if (spec.cell().hasCellState()) {
          int cell = cells(direction, before(direction, t)) + n * slots.width();
          int nextCell = cells(direction, after(direction, t)) + n * slots.width();
          System.arraycopy(store, cell, store, nextCell, hidden);
        }
      }
    }
  }
}

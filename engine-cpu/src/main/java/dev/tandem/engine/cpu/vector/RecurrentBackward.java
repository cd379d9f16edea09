package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.GemmKernels.COLUMNS;

import dev.tandem.engine.Recurrent.Backward;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/**
 * A layer backward in time. A chunk is a band of sequences in one direction: step by step the
 * gradients of the gates, which take the place of the gates, and their product with W_hh.
 */
final class RecurrentBackward implements Workers.Task {
  private final GateOperands[] operands;
  private CellKernels kernels;
  private RecurrentPlan plan;
  private RecurrentSpec spec;
  private RecurrentSlots slots;
  private RecurrentBands bands;
  private Backward tensors;
  private Tensor lengths;
  private int layer;
  private float[] outer;
  private int atOuter;
  private float[] store;
  private int atStore;
  private float[] workspace;
  private int atWorkspace;
  private int hidden;
  private int rowLength;

  RecurrentBackward(int threads) {
    operands = new GateOperands[threads];
    for (int i = 0; i < threads; i++) {
      operands[i] = new GateOperands();
    }
  }

  /**
   * Says what to do.
   *
   * @param doutput the gradient of the layer's output {@code [T,N,H*D]}; null for 0
   */
  void set(
      RecurrentPlan thePlan, Backward theTensors, int theLayer, float[] doutput, int atDoutput) {
    plan = thePlan;
    spec = plan.spec();
    bands = plan.bands();
    tensors = theTensors;
    lengths = tensors.forward().lengths();
    layer = theLayer;
    outer = doutput;
    atOuter = atDoutput;
    store = floats(tensors.forward().reserve());
    atStore = offset(tensors.forward().reserve());
    workspace = floats(tensors.forward().workspace());
    atWorkspace = offset(tensors.forward().workspace());
    hidden = plan.hidden();
    rowLength = plan.rowLength();
    kernels = plan.kernels();
    slots = plan.slots();
    for (GateOperands each : operands) {
      each.slot = slots.width();
      each.stateRow = plan.operandRow(layer);
      each.gateRow = rowLength;
      each.store = store;
      each.workspace = workspace;
      each.output = outer;
      each.outRow = spec.directions() * hidden;
    }
  }

  @Override
  public void run(int chunk, int worker) {
    int direction = bands.direction(chunk);
    int first = bands.first(chunk);
    int end = bands.end(chunk);
    int dh = atWorkspace + plan.dh(direction);
    int dc = atWorkspace + plan.dc(direction);
    load(tensors.dhn(), direction, first, end, dh);
    load(tensors.dcn(), direction, first, end, dc);
    for (int step = spec.time() - 1; step >= 0; step--) {
      int t = direction == 0 ? step : spec.time() - 1 - step;
      gates(operands[worker], direction, first, end, t, dh, dc);
      product(direction, first, end, t, dh);
    }
    keep(tensors.dh0(), direction, first, end, dh);
    keep(tensors.dc0(), direction, first, end, dc);
  }

  private void load(Tensor gradient, int direction, int first, int end, int to) {
    for (int n = first; n < end; n++) {
      int at = to + n * slots.width();
      if (gradient != null) {
        int from = offset(gradient) + stateRow(direction, n);
        System.arraycopy(floats(gradient), from, workspace, at, hidden);
      } else {
        Arrays.fill(workspace, at, at + hidden, 0);
      }
      Arrays.fill(workspace, at + hidden, at + slots.width(), 0);
    }
  }

  private void keep(Tensor gradient, int direction, int first, int end, int from) {
    if (gradient == null) {
      return;
    }
    for (int n = first; n < end; n++) {
      int to = offset(gradient) + stateRow(direction, n);
      if (RecurrentBands.length(spec, lengths, n) > 0) {
        System.arraycopy(workspace, from + n * slots.width(), floats(gradient), to, hidden);
      } else {
        Arrays.fill(floats(gradient), to, to + hidden, Float.NaN);
      }
    }
  }

  private int stateRow(int direction, int n) {
    return (plan.sequence(layer, direction) * spec.batch() + n) * hidden;
  }

  private int gateRow(int direction, int n, int t) {
    return atStore + plan.gates(layer, direction) + (t * spec.batch() + n) * rowLength;
  }

  /** The gradients of the gates of one step of a band, 0 behind the end of a sequence. */
  private void gates(GateOperands o, int direction, int first, int end, int t, int dh, int dc) {
    int before = (direction == 0 ? t : t + 1) * spec.batch();
    int after = (direction == 0 ? t + 1 : t) * spec.batch();
    int states = atStore + plan.operands(layer, direction);
    int cells = atStore + plan.cellStates(layer, direction);
    int n = first;
    while (n < end) {
      int run = n;
      n = RecurrentBands.endOfRun(spec, lengths, n, end, t);
      o.rows = n - run;
      o.gates = gateRow(direction, run, t);
      if (t >= RecurrentBands.length(spec, lengths, run)) {
        Arrays.fill(store, o.gates, o.gates + o.rows * rowLength, 0);
      } else {
        o.out = atOuter + ((t * spec.batch() + run) * spec.directions() + direction) * hidden;
        o.dh = dh + run * slots.width();
        o.dc = dc + run * slots.width();
        o.previousH = states + (before + run) * plan.operandRow(layer);
        o.previousC = cells + (before + run) * slots.width();
        o.nextC = cells + (after + run) * slots.width();
        if (outer != null) {
          o.columns = hidden;
          GateKernel.call(kernels.outer(), o);
        }
        o.columns = slots.width();
        GateKernel.call(kernels.backward(), o);
        clearRoom(o);
      }
    }
  }

  /** What is behind the units of a slot takes part in products, and might not be finite. */
  private void clearRoom(GateOperands o) {
    for (int n = 0; hidden < slots.width() && n < o.rows; n++) {
      for (int slot = 0; slot < slots.count(); slot++) {
        int at = o.gates + n * rowLength + slot * slots.width();
        Arrays.fill(store, at + hidden, at + slots.width(), 0);
      }
    }
  }

  /** {@code dh += da W_hh}: the gates' kernel has left in dh what goes past the gates. */
  private void product(int direction, int first, int end, int t, int dh) {
    int k = spec.cell().gates() * slots.width();
    int unit = 0;
    if (end - first == 1) {
      int from = gateRow(direction, first, t) + slots.firstHidden() * slots.width();
      for (; hidden - unit >= GemmRowKernel.COLUMNS; unit += GemmRowKernel.COLUMNS) {
        int panel = atWorkspace + plan.backPacked(direction, unit);
        int nextPanel = plan.backPackedPanel();
        int to = dh + first * slots.width() + unit;
        GemmRowKernel.run(
            k, store, from, 1, workspace, panel, nextPanel, COLUMNS, workspace, to, workspace, to);
      }
    }
    for (; unit < hidden; unit += COLUMNS) {
      int width = RecurrentPacking.width(Math.min(COLUMNS, hidden - unit));
      int panel = atWorkspace + plan.backPacked(direction, unit);
      int n = first;
      while (n < end) {
        int from = gateRow(direction, n, t) + slots.firstHidden() * slots.width();
        int to = dh + n * slots.width() + unit;
        int next = slots.width();
        n +=
            width == COLUMNS
                ? GemmKernels.tile(
                    end - n, k, store, from, rowLength, 1, workspace, panel, width, workspace, to,
                    next, workspace, to, next)
                : GemmNarrowKernels.tile(
                    end - n, k, store, from, rowLength, 1, workspace, panel, width, workspace, to,
                    next, workspace, to, next);
      }
    }
  }
}

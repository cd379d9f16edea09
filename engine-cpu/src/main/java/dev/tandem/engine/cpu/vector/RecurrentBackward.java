package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.GemmKernels.COLUMNS;
import static dev.tandem.engine.cpu.vector.GemmKernels.ROWS;

import dev.tandem.engine.Recurrent.Backward;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/**
 * A layer backward in time. A chunk is a band of sequences in one direction: step by step the
 * gradients of the gates, which take the place of the gates, and their product with W_hh.
 */
final class RecurrentBackward implements Workers.Task {
  private final float[][] tiles;
  private RecurrentPlan plan;
  private RecurrentSpec spec;
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
    tiles = new float[threads][ROWS * COLUMNS];
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
      for (int n = first; n < end; n++) {
        gates(direction, n, t, dh, dc);
      }
      product(worker, direction, first, end, t, dh);
    }
    keep(tensors.dh0(), direction, first, end, dh);
    keep(tensors.dc0(), direction, first, end, dc);
  }

  private void load(Tensor gradient, int direction, int first, int end, int to) {
    for (int n = first; n < end; n++) {
      int at = to + n * hidden;
      if (gradient != null) {
        int from = offset(gradient) + stateRow(direction, n);
        System.arraycopy(floats(gradient), from, workspace, at, hidden);
      } else {
        Arrays.fill(workspace, at, at + hidden, 0);
      }
    }
  }

  private void keep(Tensor gradient, int direction, int first, int end, int from) {
    if (gradient == null) {
      return;
    }
    for (int n = first; n < end; n++) {
      int to = offset(gradient) + stateRow(direction, n);
      if (RecurrentBands.length(spec, lengths, n) > 0) {
        System.arraycopy(workspace, from + n * hidden, floats(gradient), to, hidden);
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

  /** The gradients of the gates of one step of a sequence, 0 behind its end. */
  private void gates(int direction, int n, int t, int dh, int dc) {
    int at = gateRow(direction, n, t);
    if (t >= RecurrentBands.length(spec, lengths, n)) {
      Arrays.fill(store, at, at + rowLength, 0);
      return;
    }
    int row = n * hidden;
    if (outer != null) {
      int from = atOuter + ((t * spec.batch() + n) * spec.directions() + direction) * hidden;
      VectorElementwise.addRange(workspace, dh + row, outer, from, workspace, dh + row, hidden);
    }
    int step = spec.batch() * hidden;
    int before = (direction == 0 ? t : t + 1) * step + row;
    int after = (direction == 0 ? t + 1 : t) * step + row;
    switch (spec.cell()) {
      case RNN_TANH -> GateKernels.tanhBackward(hidden, store, at, workspace, dh + row);
      case RNN_RELU -> GateKernels.reluBackward(hidden, store, at, workspace, dh + row);
      case LSTM -> {
        int cells = atStore + plan.cellStates(layer, direction);
        GateKernels.lstmOutputBackward(
            hidden, store, at, cells + after, workspace, dh + row, dc + row);
        GateKernels.lstmCellBackward(hidden, store, at, cells + before, workspace, dc + row);
      }
      case GRU -> {
        int states = atStore + plan.hiddenStates(layer, direction);
        GateKernels.gruBackward(hidden, store, at, store, states + before, workspace, dh + row);
      }
    }
  }

  /** {@code dh = da W_hh}, added to what goes past the gates of a GRU, where a sequence goes on. */
  private void product(int worker, int direction, int first, int end, int t, int dh) {
    int k = spec.gateRows();
    float[] tile = tiles[worker];
    boolean adding = spec.cell() == RecurrentCell.GRU;
    for (int unit = 0; unit < hidden; unit += COLUMNS) {
      int units = Math.min(COLUMNS, hidden - unit);
      int width = RecurrentPacking.width(units);
      int panel = atWorkspace + plan.backPacked(direction) + unit * k;
      int n = first;
      while (n < end) {
        int from = gateRow(direction, n, t) + plan.hiddenSlot() * hidden;
        int done =
            width == COLUMNS
                ? GemmKernels.tile(
                    end - n, k, store, from, rowLength, 1, workspace, panel, width, tile)
                : GemmNarrowKernels.tile(
                    end - n, k, store, from, rowLength, 1, workspace, panel, width, tile);
        for (int i = 0; i < done; i++) {
          if (t < RecurrentBands.length(spec, lengths, n + i)) {
            int to = dh + (n + i) * hidden + unit;
            if (adding) {
              VectorElementwise.addRange(workspace, to, tile, i * width, workspace, to, units);
            } else {
              System.arraycopy(tile, i * width, workspace, to, units);
            }
          }
        }
        n += done;
      }
    }
  }
}

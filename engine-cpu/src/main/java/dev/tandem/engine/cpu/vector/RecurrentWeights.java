package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.GemmKernels.COLUMNS;

import dev.tandem.engine.Recurrent.Backward;
import dev.tandem.engine.RecurrentSpec;

/**
 * The gradients of a layer's weights and biases: {@code dW += da^T [h, x]} and {@code db += sum da}
 * over all steps. A chunk is some units of a slot. It goes through the steps once, block by block:
 * gradients of gates and operands come from memory that no cache holds for a long sequence, while
 * the chunk of dW stays in the second-level cache.
 */
final class RecurrentWeights implements Workers.Task {
  /**
   * Sequences and steps of a block: so many rows of a panel are 24 KiB, half a first-level cache.
   */
  private static final int BLOCK = 192;

  /** The units of a chunk: the more, the oftener a copy of operands is used. */
  private static final int UNITS = 128;

  /** The units of a chunk where there would be too few chunks to share. */
  private static final int FEWER_UNITS = 64;

  private static final int FEWEST_CHUNKS = 4;

  /** The sum of rows is their product with ones. */
  private static final float[] ONE = {1};

  private final float[][] panels;
  private final float[][] tiles;
  private RecurrentPlan plan;
  private RecurrentSpec spec;
  private RecurrentSlots slots;
  private int layer;
  private float[] store;
  private int atStore;
  private float[] dweights;
  private int atWeights;
  private int mostUnits;
  private int parts;

  RecurrentWeights(int threads) {
    panels = new float[threads][BLOCK * COLUMNS];
    tiles = new float[threads][GemmKernels.ROWS * COLUMNS];
  }

  /** Says what to do; returns the number of chunks. */
  int set(RecurrentPlan thePlan, Backward tensors, int theLayer) {
    plan = thePlan;
    spec = plan.spec();
    slots = plan.slots();
    layer = theLayer;
    store = floats(tensors.forward().reserve());
    atStore = offset(tensors.forward().reserve());
    dweights = floats(tensors.dweights());
    atWeights = offset(tensors.dweights());
    mostUnits = chunks(UNITS) < FEWEST_CHUNKS ? FEWER_UNITS : UNITS;
    parts = parts(mostUnits);
    return chunks(mostUnits);
  }

  private int parts(int units) {
    return (spec.hiddenSize() + units - 1) / units;
  }

  private int chunks(int units) {
    return spec.directions() * slots.count() * parts(units);
  }

  @Override
  public void run(int chunk, int worker) {
    int direction = chunk / parts / slots.count();
    int slot = chunk / parts % slots.count();
    int unit = chunk % parts * mostUnits;
    int units = Math.min(mostUnits, spec.hiddenSize() - unit);
    int rows = spec.time() * spec.batch();
    int count = (rows + BLOCK - 1) / BLOCK;
    for (int block = 0; block < count; block++) {
      int start = (int) ((long) rows * block / count);
      int length = (int) ((long) rows * (block + 1) / count) - start;
      block(direction, slot, unit, units, start, length, worker);
    }
  }

  private void block(
      int direction, int slot, int unit, int units, int start, int length, int worker) {
    int hidden = spec.hiddenSize();
    int inputs = spec.inputSize(layer);
    int row = plan.operandRow(layer);
    int gates = atStore + plan.gates(layer, direction) + start * plan.rowLength();
    gates += slot * slots.width() + unit;
    // The operands of the reverse direction begin a step later.
    int step = direction * spec.batch();
    int operands = atStore + plan.operands(layer, direction) + (step + start) * row;
    int ofHidden = slots.hiddenTerms(slot);
    int ofInput = slots.inputTerms(slot, inputs);
    int hiddenRow = slots.hiddenGate(slot) * hidden + unit;
    int inputRow = slots.inputGate(slot) * hidden + unit;
    if (ofHidden > 0) {
      int to = parameter(direction, 1) + hiddenRow * hidden;
      product(gates, operands, row, length, units, hidden, to, worker);
    }
    if (ofInput > 0) {
      int to = parameter(direction, 0) + inputRow * inputs;
      product(gates, operands + hidden, row, length, units, inputs, to, worker);
    }
    float[] sums = tiles[worker];
    for (int j = 0; j < units; j += COLUMNS) {
      int columns = Math.min(COLUMNS, units - j);
      sum(gates + j, length, columns, sums);
      if (ofHidden > 0) {
        add(sums, 0, columns, parameter(direction, 3) + hiddenRow + j);
      }
      if (ofInput > 0) {
        add(sums, 0, columns, parameter(direction, 2) + inputRow + j);
      }
    }
  }

  private int parameter(int direction, int which) {
    return atWeights + plan.parameter(layer, direction, which);
  }

  /** Adds the products of a block of steps to some rows of dW. */
  private void product(
      int gates, int from, int row, int length, int units, int columns, int to, int worker) {
    float[] panel = panels[worker];
    float[] tile = tiles[worker];
    for (int column = 0; column < columns; column += COLUMNS) {
      int written = Math.min(COLUMNS, columns - column);
      int width = RecurrentPacking.width(written);
      GemmPacking.copy(store, from + column, row, length, written, panel, width);
      boolean direct = written == width;
      float[] addend = direct ? dweights : GemmKernels.ZEROS;
      float[] target = direct ? dweights : tile;
      int next = direct ? columns : width;
      int i = 0;
      while (i < units) {
        int at = to + i * columns + column;
        int atTarget = direct ? at : 0;
        int nextAddend = direct ? columns : 0;
        int done =
            width == COLUMNS
                ? GemmKernels.tile(
                    units - i,
                    length,
                    store,
                    gates + i,
                    1,
                    plan.rowLength(),
                    panel,
                    0,
                    width,
                    addend,
                    atTarget,
                    nextAddend,
                    target,
                    atTarget,
                    next)
                : GemmNarrowKernels.tile(
                    units - i,
                    length,
                    store,
                    gates + i,
                    1,
                    plan.rowLength(),
                    panel,
                    0,
                    width,
                    addend,
                    atTarget,
                    nextAddend,
                    target,
                    atTarget,
                    next);
        for (int j = 0; !direct && j < done; j++) {
          add(tile, j * width, written, at + j * columns);
        }
        i += done;
      }
    }
  }

  /** Sums gradients of some units over a block of steps. */
  private void sum(int from, int length, int columns, float[] sums) {
    if (columns > GemmNarrowKernels.COLUMNS) {
      GemmKernels.tile(1, length, ONE, 0, 0, 0, store, from, plan.rowLength(), sums);
    } else {
      GemmNarrowKernels.tile(1, length, ONE, 0, 0, 0, store, from, plan.rowLength(), sums);
    }
  }

  private void add(float[] from, int at, int count, int to) {
    for (int j = 0; j < count; j++) {
      dweights[to + j] += from[at + j];
    }
  }
}

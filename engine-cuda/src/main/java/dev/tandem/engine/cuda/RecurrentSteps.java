package dev.tandem.engine.cuda;

import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.WeightRegion;
import java.util.Arrays;
import java.util.List;

/**
 * Where recurrent layers that are computed step by step keep what: offsets in elements from the
 * beginning of the scratch memory or of the reserve. The layouts of gates and states, and the slots
 * of a step, stand in {@code recurrent.cu}.
 *
 * <p>What a step leaves for the backward pass lies in the store: the reserve in training, a part of
 * the scratch memory in inference, which all layers use one after the other.
 */
final class RecurrentSteps {
  /** The most gates or slots of a cell. */
  static final int MOST_SLOTS = 4;

  /**
   * Sums over rows are cut into parts of so many, and of as many parts at most, for parallelism.
   */
  private static final int ROWS_OF_PART = 256;

  private static final int MOST_PARTS = 64;

  private final RecurrentSpec spec;
  private final long[][] places;
  private final long[] gates;
  private final long[] hidden;
  private final long[] cells;
  private final long[] outputs;
  private final long hiddenProducts;
  private final long packed;
  private final long dh;
  private final long dc;
  private final long douter;
  private final long padded;
  private final long dpacked;
  private final long partSums;
  private final long workspace;
  private final long reserve;

  /**
   * Lays out.
   *
   * @param regions where the weights lie, each gate of each parameter by itself
   */
  RecurrentSteps(RecurrentSpec spec, List<WeightRegion> regions) {
    this.spec = spec;
    // Kernels and cuBLAS count rows and the elements of a step in 32 bits.
    Math.toIntExact((long) spec.directions() * spec.batch() * slots() * spec.hiddenSize());
    Math.multiplyExact(spec.time(), spec.batch());
    int layers = spec.layers();
    places = new long[layers * spec.directions()][];
    for (int i = 0; i < places.length; i++) {
      places[i] = places(regions, i / spec.directions(), i % spec.directions());
    }
    gates = new long[layers];
    hidden = new long[layers];
    cells = new long[layers];
    outputs = new long[layers];

    Room forward = new Room();
    packed = forward.take(spec.directions() * packedElements());
    hiddenProducts = forward.take(stepElements() * spec.cell().gates());
    Room store = spec.training() ? new Room() : forward;
    for (int layer = 0; layer < layers; layer++) {
      boolean own = spec.training() || layer == 0;
      gates[layer] = own ? store.take(stepElements() * slots() * spec.time()) : gates[0];
      hidden[layer] = own ? store.take(stateElements()) : hidden[0];
      boolean hasCells = spec.cell().hasCellState();
      cells[layer] = own ? store.take(hasCells ? stateElements() : 0) : cells[0];
      // In inference two layers' outputs are alive: what a layer reads and what it writes.
      boolean ownOutputs = spec.training() || layer < 2;
      boolean last = layer == layers - 1;
      outputs[layer] = ownOutputs ? store.take(last ? 0 : outputElements()) : outputs[layer - 2];
    }
    reserve = spec.training() ? store.length : 0;

    Room data = new Room();
    data.take(spec.directions() * packedElements());
    dh = data.take(stepElements());
    dc = data.take(spec.cell().hasCellState() ? stepElements() : 0);
    douter = data.take(layers > 1 ? outputElements() : 0);

    Room weights = new Room();
    padded = weights.take((long) rows() * spec.inputSize());
    dpacked = weights.take(packedElements());
    partSums = weights.take((long) parts() * rowLength());

    long backward = Math.max(data.length, weights.length);
    workspace = spec.training() ? Math.max(forward.length, backward) : forward.length;
  }

  /** Memory that is handed out from its beginning. */
  private static final class Room {
    private long length;

    long take(long elements) {
      long at = length;
      length = CudaScratch.aligned(Math.addExact(length, elements));
      return at;
    }
  }

  /**
   * Returns where the gates of a layer and direction lie, as {@code recurrent.cu} wants to know:
   * four places of W_ih, W_hh, b_ih and b_hh each, in the order of slots.
   */
  private long[] places(List<WeightRegion> regions, int layer, int direction) {
    long[] found = new long[4 * MOST_SLOTS];
    Arrays.fill(found, -1);
    String suffix = "_l" + layer + (direction == 0 ? "" : "_reverse");
    for (WeightRegion region : regions) {
      if (!region.parameter().endsWith("h" + suffix)) {
        continue;
      }
      int gate = region.firstRow() / spec.hiddenSize();
      boolean ofInput = region.parameter().endsWith("_ih" + suffix);
      boolean isWeight = region.parameter().startsWith("weight");
      int slot = ofInput ? inputSlot(gate) : hiddenSlot() + gate;
      int index = isWeight && !ofInput ? gate : slot;
      int kind = (isWeight ? 0 : 2) + (ofInput ? 0 : 1);
      found[kind * MOST_SLOTS + index] = region.offset();
    }
    return found;
  }

  /**
   * The slot of what a gate of the weights multiplies x to: n of a GRU, its last gate, is first.
   */
  private int inputSlot(int gate) {
    return (gate + hiddenSlot()) % spec.cell().gates();
  }

  /** The first slot that a product with h goes to; those with x go to slot 0 and on. */
  int hiddenSlot() {
    return spec.cell() == RecurrentCell.GRU ? 1 : 0;
  }

  /** S, the slots of a step. */
  int slots() {
    return spec.cell() == RecurrentCell.GRU ? 4 : spec.cell().gates();
  }

  /** The elements of all slots of a unit. */
  int rowLength() {
    return slots() * spec.hiddenSize();
  }

  /** The steps of all sequences. */
  int rows() {
    return spec.time() * spec.batch();
  }

  /** {@code [D,N,H]}. */
  long stepElements() {
    return (long) spec.directions() * spec.batch() * spec.hiddenSize();
  }

  /** {@code [D,T+1,N,H]}. */
  private long stateElements() {
    return stepElements() * (spec.time() + 1);
  }

  /** {@code [T,N,H*D]}. */
  long outputElements() {
    return stepElements() * spec.time();
  }

  /** The elements between the packed weights of two directions. */
  long packedElements() {
    long widest = Math.max(spec.inputSize(0), spec.layers() > 1 ? spec.inputSize(1) : 0);
    return CudaScratch.aligned((widest + spec.hiddenSize()) * spec.gateRows() + rowLength());
  }

  /** Where W_hh begins in packed weights. */
  long packedHidden(int layer) {
    return (long) spec.gateRows() * spec.inputSize(layer);
  }

  /** Where the biases begin in packed weights. */
  long packedBias(int layer) {
    return packedHidden(layer) + (long) spec.gateRows() * spec.hiddenSize();
  }

  /** The parts into which sums over all rows are cut. */
  int parts() {
    return Math.clamp(rows() / ROWS_OF_PART, 1, MOST_PARTS);
  }

  /** The rows of a part. */
  int rowsOfPart() {
    return (rows() + parts() - 1) / parts();
  }

  /** The elements of scratch memory. */
  long workspace() {
    return workspace;
  }

  /** The elements of the reserve; 0 unless training. */
  long reserve() {
    return reserve;
  }

  /** The places of a layer and direction, see {@link #places}. */
  long[] places(int layer, int direction) {
    return places[layer * spec.directions() + direction];
  }

  /** In the store. */
  long gates(int layer) {
    return gates[layer];
  }

  /** In the store. */
  long hidden(int layer) {
    return hidden[layer];
  }

  /** In the store. */
  long cells(int layer) {
    return cells[layer];
  }

  /** In the store: the outputs of a layer below the last. */
  long outputs(int layer) {
    return outputs[layer];
  }

  /** In the scratch memory of forward and backwardData: the packed weights of all directions. */
  long packed() {
    return packed;
  }

  /** In the scratch memory of forward: {@code [D,N,G*H]}. */
  long hiddenProducts() {
    return hiddenProducts;
  }

  /** In the scratch memory of backwardData: {@code [D,N,H]}. */
  long dh() {
    return dh;
  }

  /** In the scratch memory of backwardData: {@code [D,N,H]}. */
  long dc() {
    return dc;
  }

  /** In the scratch memory of backwardData: the gradient of a layer's outputs below the last. */
  long douter() {
    return douter;
  }

  /** In the scratch memory of backwardWeights: x with zeros behind the ends. */
  long padded() {
    return padded;
  }

  /** In the scratch memory of backwardWeights: the gradients of one layer and direction, packed. */
  long dpacked() {
    return dpacked;
  }

  /** In the scratch memory of backwardWeights: the sums of parts of the rows. */
  long partSums() {
    return partSums;
  }
}

package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.WeightRegion;
import java.util.List;

/**
 * Where {@link VectorRecurrent} keeps what.
 *
 * <p>What a step leaves for the backward pass lies in the store: the reserve in training, a part of
 * the workspace that later steps write again in inference. For each layer and direction it holds
 *
 * <ul>
 *   <li>gates {@code [T,N,S]}: activations by slot, and after the backward pass their gradients.
 *       The slots of an LSTM are i, f, g, o; those of a GRU n, r, z, q with {@code q = W_hn h +
 *       b_hn}, so that the products with x (n, r, z) and with h (r, z, q) each take neighbours;
 *   <li>hidden states {@code [T+1,N,H]}, and cell states likewise: those before step t of the
 *       forward direction at t and those after it at t + 1, in the reverse direction the other way
 *       round. The states before all steps are one block, as the gradient of the weights wants
 *       them;
 * </ul>
 *
 * and for each layer but the last its outputs {@code [T,N,H*D]}.
 */
final class RecurrentPlan implements Recurrent.Plan {
  /** The rows of a batch that a thread takes through time together, at most. */
  static final int BAND = 4 * GemmKernels.ROWS;

  /** Gates of some steps are computed from x at once while they stay in the second-level cache. */
  private static final int BLOCK_ELEMENTS = 1 << 17;

  private final RecurrentSpec spec;
  private final RecurrentBands bands;
  private final RecurrentProducts products;
  private final CellKernels kernels;
  private final List<WeightRegion> regions;
  private final int[] gates;
  private final int[] hiddenStates;
  private final int[] cellStates;
  private final int[] outputs;
  private final int packed;
  private final int bias;
  private final int dh;
  private final int dc;
  private final int doutputs;
  private final long workspace;
  private final long reserve;

  RecurrentPlan(RecurrentSpec spec, int threads) {
    this.spec = spec;
    bands = new RecurrentBands(spec, threads);
    products = new RecurrentProducts(spec, rowLength());
    kernels = CellKernels.of(spec.cell());
    regions = WeightRegion.wholeParameters(spec);
    int sequences = spec.layers() * spec.directions();
    gates = new int[sequences];
    hiddenStates = new int[sequences];
    cellStates = new int[sequences];
    outputs = new int[spec.layers()];
    Room room = new Room();
    packed = room.take((long) spec.directions() * packedElements());
    bias = room.take((long) spec.directions() * rowLength());
    Room store = spec.training() ? new Room() : room;
    int[] shared = new int[2];
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < spec.directions(); direction++) {
        int i = sequence(layer, direction);
        // In inference the layers use the same memory one after the other.
        boolean own = spec.training() || layer == 0;
        int below = i - spec.directions();
        gates[i] = own ? store.take(gateSteps() * stepElements(rowLength())) : gates[below];
        hiddenStates[i] =
            own ? store.take(stateSteps() * stepElements(hidden())) : hiddenStates[below];
        cellStates[i] = own ? store.take(cells() * stepElements(hidden())) : cellStates[below];
      }
      if (layer < spec.layers() - 1) {
        boolean own = spec.training() || layer < shared.length;
        outputs[layer] = own ? store.take(sequenceElements()) : outputs[layer - shared.length];
      }
    }
    reserve = spec.training() ? store.length : 0;
    Room back = new Room();
    back.take((long) spec.directions() * backPackedElements());
    dh = back.take(spec.directions() * stepElements(hidden()));
    dc = back.take(spec.directions() * stepElements(hidden()));
    doutputs = back.take(spec.layers() > 1 ? sequenceElements() : 0);
    long copy = (long) spec.time() * stepElements(spec.inputSize());
    long backward = Math.max(back.length, MemoryPlan.roundUp(copy) + rowLength());
    workspace = spec.training() ? Math.max(room.length, backward) : room.length;
    Math.toIntExact(workspace);
    Math.toIntExact(reserve);
  }

  /** Memory that is handed out from its beginning, in multiples of a cache line. */
  private static final class Room {
    private long length;

    int take(long elements) {
      int at = Math.toIntExact(length);
      length = MemoryPlan.roundUp(length + elements);
      return at;
    }
  }

  private long stepElements(int columns) {
    return (long) spec.batch() * columns;
  }

  private long sequenceElements() {
    return spec.time() * stepElements(hidden() * spec.directions());
  }

  private int gateSteps() {
    return spec.training() ? spec.time() : blockSteps();
  }

  private int cells() {
    return spec.cell().hasCellState() ? stateSteps() : 0;
  }

  private long packedElements() {
    long widest = Math.max(spec.inputSize(0), spec.layers() > 1 ? spec.inputSize(1) : 0);
    return (widest + hidden()) * spec.cell().gates() * paddedHidden();
  }

  private long backPackedElements() {
    return (long) spec.gateRows() * paddedHidden();
  }

  @Override
  public RecurrentSpec spec() {
    return spec;
  }

  @Override
  public String algorithm() {
    return "bands of up to %d sequences, vectors of %d floats".formatted(BAND, Lanes.LENGTH);
  }

  @Override
  public long weightElements() {
    return WeightRegion.end(regions);
  }

  @Override
  public List<WeightRegion> regions() {
    return regions;
  }

  @Override
  public long workspaceElements() {
    return workspace;
  }

  @Override
  public long reserveElements() {
    return reserve;
  }

  /** How the batch is cut. */
  RecurrentBands bands() {
    return bands;
  }

  /** The products over all steps. */
  RecurrentProducts products() {
    return products;
  }

  /** The kernels of the cell. */
  CellKernels kernels() {
    return kernels;
  }

  int hidden() {
    return spec.hiddenSize();
  }

  /** H rounded up to whole panels. */
  int paddedHidden() {
    return panels(hidden()) * GemmKernels.COLUMNS;
  }

  /** The panels of a number of columns. */
  static int panels(int columns) {
    return (columns + GemmKernels.COLUMNS - 1) / GemmKernels.COLUMNS;
  }

  /** S, the elements of all slots. */
  int rowLength() {
    return (spec.cell() == RecurrentCell.GRU ? 4 : spec.cell().gates()) * hidden();
  }

  /** The first slot that a product with h goes to; those with x go to slot 0 and on. */
  int hiddenSlot() {
    return spec.cell() == RecurrentCell.GRU ? 1 : 0;
  }

  /** The gate in the order of the weights whose product with x goes to a slot. */
  int inputGate(int slot) {
    return (slot + spec.cell().gates() - hiddenSlot()) % spec.cell().gates();
  }

  /** The steps whose products with x are computed at once. */
  int blockSteps() {
    int rows = Math.min(spec.batch(), BAND);
    return Math.clamp(BLOCK_ELEMENTS / ((long) rows * rowLength()), 1, spec.time());
  }

  /** The steps whose states are kept. */
  int stateSteps() {
    return spec.training() ? spec.time() + 1 : 2;
  }

  int sequence(int layer, int direction) {
    return layer * spec.directions() + direction;
  }

  /** The place of a parameter (0 to 3: weight_ih, weight_hh, bias_ih, bias_hh) in the weights. */
  int parameter(int layer, int direction, int which) {
    return (int) regions.get(sequence(layer, direction) * 4 + which).offset();
  }

  /** The place of the gates in the store. */
  int gates(int layer, int direction) {
    return gates[sequence(layer, direction)];
  }

  /** The place of the hidden states in the store. */
  int hiddenStates(int layer, int direction) {
    return hiddenStates[sequence(layer, direction)];
  }

  /** The place of the cell states in the store. */
  int cellStates(int layer, int direction) {
    return cellStates[sequence(layer, direction)];
  }

  /** The place of a layer's outputs in the store. */
  int outputs(int layer) {
    return outputs[layer];
  }

  /** The place of the packed weights that are multiplied by x in the workspace. */
  int packedInput(int direction) {
    return packed + Math.toIntExact(direction * packedElements());
  }

  /** The place of the packed weights that are multiplied by h in the workspace. */
  int packedHidden(int layer, int direction) {
    return packedInput(direction) + spec.inputSize(layer) * spec.cell().gates() * paddedHidden();
  }

  /** The place of the sums of biases by slot in the workspace. */
  int bias(int direction) {
    return bias + direction * rowLength();
  }

  /** The place of the packed weights of the backward pass in the workspace. */
  int backPacked(int direction) {
    return Math.toIntExact(direction * backPackedElements());
  }

  /** The place of the gradient of h between two steps in the workspace. */
  int dh(int direction) {
    return dh + direction * (int) stepElements(hidden());
  }

  /** The place of the gradient of c between two steps in the workspace. */
  int dc(int direction) {
    return dc + direction * (int) stepElements(hidden());
  }

  /** The place of the gradient of a layer's outputs in the workspace. */
  int doutputs() {
    return doutputs;
  }

  /** The place of the sums of gradients by slot in the workspace, behind a copy of x. */
  int biasSums() {
    return (int) MemoryPlan.roundUp(spec.time() * stepElements(spec.inputSize()));
  }
}

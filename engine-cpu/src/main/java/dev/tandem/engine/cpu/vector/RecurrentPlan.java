package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Recurrent;
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
 *   <li>gates {@code [T,N,S]}: activations by slot ({@link RecurrentSlots}), and after the backward
 *       pass their gradients;
 *   <li>operands {@code [T+1,N,H+I]}: what a step's gates are products of, the hidden state before
 *       it and x. Those of step t of the forward direction lie at t, of the reverse direction at t
 *       + 1, so that a step writes its hidden state to where the next one reads it, and those of
 *       all steps are one block, as the gradient of the weights wants them;
 *   <li>cell states {@code [T+1,N,H]}, in the same places.
 * </ul>
 *
 * <p>Rows have room for whole vectors. What is in the room of a hidden state is overwritten by x,
 * which is copied later.
 */
final class RecurrentPlan implements Recurrent.Plan {
  /** The rows of a batch that a thread takes through time together, at most. */
  static final int BAND = 4 * GemmKernels.ROWS;

  /** Gates of some steps are computed from x at once while they stay in the second-level cache. */
  private static final int BLOCK_ELEMENTS = 1 << 17;

  /** The most weights that are read at each step, 2 MiB. */
  private static final int JOINT_ELEMENTS = 1 << 19;

  private final RecurrentSpec spec;
  private final RecurrentBands bands;
  private final RecurrentSlots slots;
  private final RecurrentProducts products;
  private final CellKernels kernels;
  private final List<WeightRegion> regions;
  private final int[] gates;
  private final int[] operands;
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
    slots = new RecurrentSlots(spec);
    products = new RecurrentProducts(spec, slots);
    kernels = CellKernels.of(spec.cell());
    regions = WeightRegion.wholeParameters(spec);
    int sequences = spec.layers() * spec.directions();
    gates = new int[sequences];
    operands = new int[sequences];
    cellStates = new int[sequences];
    outputs = new int[spec.layers()];
    Room room = new Room();
    packed = room.take((long) spec.directions() * packedElements());
    bias = room.take((long) spec.directions() * rowLength());
    int[] shared = {
      room.take(spec.layers() > 1 ? sequenceElements() : 0),
      room.take(spec.layers() > 2 ? sequenceElements() : 0)
    };
    Room store = spec.training() ? new Room() : room;
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < spec.directions(); direction++) {
        int i = sequence(layer, direction);
        // In inference the layers use the same memory one after the other.
        boolean own = spec.training() || layer == 0;
        int below = i - spec.directions();
        int row = spec.training() ? operandRow(layer) : widestOperandRow();
        gates[i] = own ? store.take(gateSteps() * stepElements(rowLength())) : gates[below];
        operands[i] = own ? store.take(stateSteps() * stepElements(row)) : operands[below];
        cellStates[i] = own ? store.take(cells() * stepElements(slots.width())) : cellStates[below];
      }
      outputs[layer] = shared[layer % shared.length];
    }
    reserve = spec.training() ? store.length : 0;
    Room back = new Room();
    back.take((long) spec.directions() * backPackedElements());
    dh = back.take(spec.directions() * stepElements(slots.width()));
    dc = back.take(spec.directions() * stepElements(slots.width()));
    doutputs = back.take(spec.layers() > 1 ? sequenceElements() : 0);
    workspace = spec.training() ? Math.max(room.length, back.length) : room.length;
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
    return widestOperands() * spec.cell().gates() * slots.width();
  }

  private long widestOperands() {
    return (long) Math.max(spec.inputSize(0), spec.inputSize(spec.layers() - 1)) + hidden();
  }

  private int widestOperandRow() {
    return RecurrentSlots.oddLines(Math.toIntExact(widestOperands()));
  }

  private long backPackedElements() {
    return (long) spec.cell().gates() * slots.width() * slots.width();
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

  /** The panels of a number of columns. */
  static int panels(int columns) {
    return (columns + GemmKernels.COLUMNS - 1) / GemmKernels.COLUMNS;
  }

  /** How the gates of a sequence lie. */
  RecurrentSlots slots() {
    return slots;
  }

  /** S, from the gates of a sequence to those of the next. */
  int rowLength() {
    return slots.rowLength();
  }

  /** From the operands of a sequence to those of the next. */
  int operandRow(int layer) {
    return RecurrentSlots.oddLines(Math.addExact(hidden(), spec.inputSize(layer)));
  }

  /**
   * Whether products with h and with x are one at each step. Otherwise those with x are made for
   * some steps at once: where a batch does not fill a tile, or where weights that would be read
   * again at each step do not fit caches.
   */
  boolean joint(int layer) {
    long operands = (long) hidden() + spec.inputSize(layer);
    return spec.batch() >= GemmKernels.ROWS
        && operands * spec.cell().gates() * hidden() <= JOINT_ELEMENTS;
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

  /** The place of the operands in the store. */
  int operands(int layer, int direction) {
    return operands[sequence(layer, direction)];
  }

  /** The place of the cell states in the store. */
  int cellStates(int layer, int direction) {
    return cellStates[sequence(layer, direction)];
  }

  /** The place of the outputs of a layer but the last in the workspace. */
  int outputs(int layer) {
    return outputs[layer];
  }

  /** The place of the packed weights of the units from one on in the workspace. */
  int packed(int layer, int direction, int unit) {
    int panels = unit / GemmKernels.COLUMNS * packedPanels(layer);
    return packed + Math.toIntExact(direction * packedElements()) + panels;
  }

  /** From the packed weights of some units to those of the next. */
  int packedPanels(int layer) {
    int operands = hidden() + spec.inputSize(layer);
    return GemmKernels.COLUMNS * spec.cell().gates() * operands;
  }

  /** The place of the sums of biases by slot in the workspace. */
  int bias(int direction) {
    return bias + direction * rowLength();
  }

  /** The place of the packed weights of the backward pass for units from one on. */
  int backPacked(int direction, int unit) {
    int panels = unit / GemmKernels.COLUMNS * backPackedPanel();
    return Math.toIntExact(direction * backPackedElements()) + panels;
  }

  /** From the packed weights of the backward pass for some units to those of the next. */
  int backPackedPanel() {
    return GemmKernels.COLUMNS * spec.cell().gates() * slots.width();
  }

  /** The place of the gradient of h between two steps in the workspace. */
  int dh(int direction) {
    return dh + direction * (int) stepElements(slots.width());
  }

  /** The place of the gradient of c between two steps in the workspace. */
  int dc(int direction) {
    return dc + direction * (int) stepElements(slots.width());
  }

  /** The place of the gradient of a layer's outputs in the workspace. */
  int doutputs() {
    return doutputs;
  }
}

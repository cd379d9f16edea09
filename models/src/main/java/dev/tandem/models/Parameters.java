package dev.tandem.models;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import dev.tandem.engine.WeightRegion;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.ParameterTable;
import dev.tandem.models.layers.ParameterTable.Parameter;
import dev.tandem.models.layers.ParameterTable.RecurrentGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The parameters of a network in a backend's memory: weights, gradients and the optimiser's state
 * as equal flat ranges, so that optimiser, clipping and checkpoint are one call each; and the
 * buffers.
 */
public final class Parameters implements AutoCloseable {
  private final Backend backend;
  private final ParameterTable table;
  private final TensorArena arena;
  private final Tensor weights;
  private final Tensor gradients;
  private final List<Tensor> optimizerState = new ArrayList<>();
  private final Tensor buffers;
  private final Map<String, List<Piece>> pieces = new LinkedHashMap<>();
  private final Map<String, Piece> groups = new HashMap<>();
  private long trainedLength;
  private long bufferLength;

  /**
   * Takes memory; everything is zero.
   *
   * @param table what the network declares
   * @param backend the engine
   * @param type FLOAT32 or FLOAT64
   * @param training whether there are gradients
   * @param optimizerStates how many flat ranges the optimiser keeps
   */
  public Parameters(
      ParameterTable table, Backend backend, DataType type, boolean training, int optimizerStates) {
    this(table, backend, type, training, optimizerStates, backend::allocate);
  }

  /** Returns parameters to plan with: as the constructor's, but no memory is taken. */
  public static Parameters planned(
      ParameterTable table, Backend backend, DataType type, boolean training, int optimizerStates) {
    return new Parameters(
        table, backend, type, training, optimizerStates, plan -> new PlannedArena(backend, plan));
  }

  private Parameters(
      ParameterTable table,
      Backend backend,
      DataType type,
      boolean training,
      int optimizerStates,
      Function<MemoryPlan, TensorArena> memory) {
    this.backend = backend;
    this.table = table;
    for (Parameter parameter : table.all()) {
      place(parameter);
    }
    MemoryPlan plan = new MemoryPlan();
    Shape flat = Shape.of(Math.toIntExact(trainedLength));
    Shape kept = Shape.of(Math.toIntExact(bufferLength));
    MemoryPlan.Slot weightSlot = plan.add(MemoryKind.PARAMETERS, "weights", type, flat);
    MemoryPlan.Slot gradientSlot =
        training ? plan.add(MemoryKind.PARAMETERS, "gradients", type, flat) : null;
    List<MemoryPlan.Slot> stateSlots = new ArrayList<>();
    for (int i = 0; i < optimizerStates; i++) {
      stateSlots.add(plan.add(MemoryKind.PARAMETERS, "optimizer.state" + i, type, flat));
    }
    MemoryPlan.Slot bufferSlot = plan.add(MemoryKind.PARAMETERS, "buffers", type, kept);
    arena = memory.apply(plan);
    weights = arena.tensor(weightSlot);
    gradients = training ? arena.tensor(gradientSlot) : null;
    stateSlots.forEach(slot -> optimizerState.add(arena.tensor(slot)));
    buffers = arena.tensor(bufferSlot);
    pieces.forEach(
        (name, list) ->
            list.forEach(
                piece -> {
                  Tensor block = table.get(name).trained() ? weights : buffers;
                  piece.tensor = block.view(name, piece.offset, piece.shape);
                  if (training && table.get(name).trained()) {
                    piece.gradient = gradients.view(name + " gradient", piece.offset, piece.shape);
                  }
                }));
  }

  /** Part of a parameter that lies in one piece in the flat block. */
  private static final class Piece {
    private final long offset;
    private final int first;
    private final Shape shape;
    private Tensor tensor;
    private Tensor gradient;

    /**
     * Describes a piece.
     *
     * @param offset the index of its first element in the block
     * @param first the index of its first element in the parameter
     * @param shape its extents
     */
    Piece(long offset, int first, Shape shape) {
      this.offset = offset;
      this.first = first;
      this.shape = shape;
    }
  }

  private void place(Parameter parameter) {
    long length = MemoryPlan.roundUp(parameter.shape().elements());
    if (parameter.group() != null) {
      if (!groups.containsKey(parameter.group().name())) {
        place(parameter.group());
      }
    } else if (parameter.trained()) {
      pieces.put(parameter.name(), List.of(new Piece(trainedLength, 0, parameter.shape())));
      trainedLength += length;
    } else {
      pieces.put(parameter.name(), List.of(new Piece(bufferLength, 0, parameter.shape())));
      bufferLength += length;
    }
  }

  private void place(RecurrentGroup group) {
    Recurrent.Plan plan = backend.recurrent().plan(group.spec());
    groups.put(group.name(), new Piece(trainedLength, 0, Shape.of((int) plan.weightElements())));
    for (WeightRegion region : plan.regions()) {
      String name = group.name() + "." + region.parameter();
      Shape whole = table.get(name).shape();
      Shape shape =
          whole.rank() == 1 ? Shape.of(region.rows()) : Shape.of(region.rows(), region.columns());
      pieces
          .computeIfAbsent(name, key -> new ArrayList<>())
          .add(
              new Piece(
                  trainedLength + region.offset(), region.firstRow() * region.columns(), shape));
    }
    trainedLength += MemoryPlan.roundUp(plan.weightElements());
  }

  /** Gives every parameter and buffer its first values, the same on every backend. */
  public void initialize(long seed) {
    int index = 0;
    for (Parameter parameter : table.all()) {
      double[] values = new double[Math.toIntExact(parameter.shape().elements())];
      Initializer initializer = parameter.initializer();
      initializer.fill(values, RandomStreams.weights(seed, index++));
      upload(parameter.name(), values);
    }
  }

  /** Sets a parameter or buffer, row-major in its canonical shape. */
  public void upload(String name, double[] values) {
    for (Piece piece : pieces.get(name)) {
      backend.transfers().upload(values, piece.first, piece.tensor);
    }
  }

  /** Returns the values of a parameter or buffer, row-major in its canonical shape. */
  public double[] download(String name) {
    double[] values = new double[Math.toIntExact(table.get(name).shape().elements())];
    for (Piece piece : pieces.get(name)) {
      backend.transfers().download(piece.tensor, values, piece.first);
    }
    return values;
  }

  /** Returns the values of the gradient of a parameter, in its canonical shape. */
  public double[] downloadGradient(String name) {
    double[] values = new double[Math.toIntExact(table.get(name).shape().elements())];
    for (Piece piece : pieces.get(name)) {
      backend.transfers().download(piece.gradient, values, piece.first);
    }
    return values;
  }

  /** Returns what the network declares. */
  public ParameterTable table() {
    return table;
  }

  /** Returns a parameter or buffer that lies by itself. */
  public Tensor get(String name) {
    return piece(name).tensor;
  }

  /** Returns the gradient of such a parameter; null for buffers and without training. */
  public Tensor gradient(String name) {
    return piece(name).gradient;
  }

  private Piece piece(String name) {
    List<Piece> list = pieces.get(name);
    if (list == null || list.size() != 1) {
      throw new IllegalArgumentException("no tensor is the parameter '%s'".formatted(name));
    }
    return list.get(0);
  }

  /** Returns all weights of a recurrent layer in the backend's own layout. */
  public Tensor group(String layer) {
    Piece piece = groups.get(layer);
    return weights.view(layer, piece.offset, piece.shape);
  }

  /** Returns the gradient of {@link #group}; null without training. */
  public Tensor groupGradient(String layer) {
    Piece piece = groups.get(layer);
    return gradients == null
        ? null
        : gradients.view(layer + " gradient", piece.offset, piece.shape);
  }

  /** Returns all weights as one flat tensor. */
  public Tensor weights() {
    return weights;
  }

  /** Returns all gradients as one flat tensor, null without training. */
  public Tensor gradients() {
    return gradients;
  }

  /** Returns the optimiser's flat ranges. */
  public List<Tensor> optimizerState() {
    return optimizerState;
  }

  /** Returns all buffers as one flat tensor. */
  public Tensor buffers() {
    return buffers;
  }

  /** Returns the bytes of all parameters, gradients, states and buffers. */
  public long bytes() {
    return arena.plan().bytes();
  }

  @Override
  public void close() {
    arena.close();
  }
}

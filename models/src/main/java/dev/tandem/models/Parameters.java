package dev.tandem.models;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.ParameterTable;
import dev.tandem.models.layers.ParameterTable.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
  private final Map<String, Tensor> tensors = new HashMap<>();
  private final Map<String, Tensor> gradientTensors = new HashMap<>();

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
    this.backend = backend;
    this.table = table;
    MemoryPlan plan = new MemoryPlan();
    Shape flat = Shape.of(Math.toIntExact(table.trainedLength()));
    Shape kept = Shape.of(Math.toIntExact(table.bufferLength()));
    MemoryPlan.Slot weightSlot = plan.add(MemoryKind.PARAMETERS, "weights", type, flat);
    MemoryPlan.Slot gradientSlot =
        training ? plan.add(MemoryKind.PARAMETERS, "gradients", type, flat) : null;
    List<MemoryPlan.Slot> stateSlots = new ArrayList<>();
    for (int i = 0; i < optimizerStates; i++) {
      stateSlots.add(plan.add(MemoryKind.PARAMETERS, "optimizer.state" + i, type, flat));
    }
    MemoryPlan.Slot bufferSlot = plan.add(MemoryKind.PARAMETERS, "buffers", type, kept);
    arena = backend.allocate(plan);
    weights = arena.tensor(weightSlot);
    gradients = training ? arena.tensor(gradientSlot) : null;
    stateSlots.forEach(slot -> optimizerState.add(arena.tensor(slot)));
    buffers = arena.tensor(bufferSlot);
    for (Parameter parameter : table.all()) {
      Tensor block = parameter.trained() ? weights : buffers;
      tensors.put(
          parameter.name(), block.view(parameter.name(), parameter.offset(), parameter.shape()));
      if (training && parameter.trained()) {
        gradientTensors.put(
            parameter.name(),
            gradients.view(parameter.name() + " gradient", parameter.offset(), parameter.shape()));
      }
    }
  }

  /** Gives every parameter and buffer its first values, the same on every backend. */
  public void initialize(long seed) {
    int index = 0;
    for (Parameter parameter : table.all()) {
      double[] values = new double[Math.toIntExact(parameter.shape().elements())];
      Initializer initializer = parameter.initializer();
      initializer.fill(values, RandomStreams.weights(seed, index++));
      backend.transfers().upload(values, 0, tensors.get(parameter.name()));
    }
  }

  /** Returns what the network declares. */
  public ParameterTable table() {
    return table;
  }

  /** Returns a parameter or buffer. */
  public Tensor get(String name) {
    return tensors.get(name);
  }

  /** Returns the gradient of a parameter; null for buffers and without training. */
  public Tensor gradient(String name) {
    return gradientTensors.get(name);
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

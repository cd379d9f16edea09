package dev.tandem.models;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.MemoryShortageError;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import dev.tandem.models.layers.Binding;
import java.util.ArrayList;
import java.util.List;

/**
 * Binds a network for several batch sizes that share parameters and memory. All sizes are named
 * beforehand, so that memory is taken once, for the largest; programs of different sizes overwrite
 * each other's activations.
 *
 * <p>The programs' extra tensors, such as targets and losses, are asked for by a {@link Attachment}
 * in the same plan.
 */
public final class Executor implements AutoCloseable {
  /**
   * Adds to a program what its user needs beside the layers.
   *
   * @param <T> what the user gets
   */
  @FunctionalInterface
  public interface Attachment<T> {
    /** Asks the binding for tensors and puts them together with a program. */
    T attach(Binding binding, Program program);
  }

  /**
   * A batch size and what it is for.
   *
   * @param batch the number of examples
   * @param steps the steps of the longest sequence; of no meaning unless the network {@linkplain
   *     Network#recurs recurs}
   * @param training whether gradients are computed
   * @param ragged whether sequences have lengths of their own
   * @param stateful whether each batch goes on where the one before it ended
   */
  public record Size(int batch, int steps, boolean training, boolean ragged, boolean stateful) {
    /** Returns the size of batches of whole examples of a network. */
    public static Size of(Network network, int batch, boolean training) {
      return new Size(batch, network.steps(), training, false, false);
    }
  }

  private final Network network;
  private final Parameters parameters;
  private final Backend backend;
  private final DataType type;
  private final boolean inputGradient;
  private final TensorArena arena;
  private final TensorArena stateArena;
  private final Tensor dropoutState;

  /**
   * Takes the memory that the largest of some sizes needs.
   *
   * @param network the blueprint
   * @param parameters its parameters on the backend
   * @param backend the engine
   * @param type FLOAT32 or FLOAT64
   * @param inputGradient whether the gradient of the input is wanted, for gradient checks
   * @param sizes every size for which {@link #program} will be called
   * @param attachment what {@link #program} will be given
   */
  public Executor(
      Network network,
      Parameters parameters,
      Backend backend,
      DataType type,
      boolean inputGradient,
      List<Size> sizes,
      Attachment<?> attachment) {
    this.network = network;
    this.parameters = parameters;
    this.backend = backend;
    this.type = type;
    this.inputGradient = inputGradient;
    MemoryPlan statePlan = new MemoryPlan();
    MemoryPlan.Slot stateSlot =
        statePlan.add(
            MemoryKind.IO, "dropout state", DataType.INT32, Shape.of(Dropout.STATE_LENGTH));
    stateArena = backend.allocate(statePlan);
    dropoutState = stateArena.tensor(stateSlot);
    try {
      arena = backend.allocate(plan(sizes, attachment));
    } catch (MemoryShortageError shortage) {
      stateArena.close();
      throw shortage;
    }
  }

  /** Only counts. */
  private Executor(Network network, Parameters parameters, Backend backend, DataType type) {
    this.network = network;
    this.parameters = parameters;
    this.backend = backend;
    this.type = type;
    inputGradient = false;
    stateArena = null;
    arena = null;
    dropoutState =
        PlannedArena.tensor(
            backend, "dropout state", DataType.INT32, Shape.of(Dropout.STATE_LENGTH));
  }

  /** Returns the memory that an executor without a gradient of the input would take. */
  public static MemoryPlan plan(
      Network network,
      Parameters parameters,
      Backend backend,
      DataType type,
      List<Size> sizes,
      Attachment<?> attachment) {
    return new Executor(network, parameters, backend, type).plan(sizes, attachment);
  }

  private MemoryPlan plan(List<Size> sizes, Attachment<?> attachment) {
    List<MemoryPlan> plans = new ArrayList<>();
    for (Size size : sizes) {
      Planning planning = new Planning(size);
      attachment.attach(planning, bind(planning));
      plans.add(planning.finished());
    }
    return MemoryPlan.enclosing(plans);
  }

  /**
   * Binds the network for one of the sizes. Programs are made once and kept by the caller.
   *
   * @param size one of those given before
   * @param attachment the one given before
   */
  public <T> T program(Size size, Attachment<T> attachment) {
    Placing placing = new Placing(size);
    return attachment.attach(placing, bind(placing));
  }

  /** Returns the state of the dropout masks: seed and step. */
  public Tensor dropoutState() {
    return dropoutState;
  }

  /** Returns the memory that was taken. */
  public MemoryPlan plan() {
    return arena.plan();
  }

  /** Returns the bytes of activations, inputs and outputs. */
  public long bytes() {
    return arena.plan().bytes();
  }

  @Override
  public void close() {
    arena.close();
    stateArena.close();
  }

  private Program bind(ParameterBinding binding) {
    Shape shape = network.inputBatch(binding.batch(), binding.size.steps());
    DataType inputType = network.inputType() == DataType.INT32 ? DataType.INT32 : type;
    Tensor x = binding.tensor(MemoryKind.IO, "input", inputType, shape);
    Tensor dx = inputGradient && inputType.isFloating() ? binding.gradientOf(x) : null;
    return new Program(
        binding.batch(), x, binding.lengths(), dx, binding.bindAll(network.layers(), x, dx));
  }

  /** What both passes of binding share. */
  private abstract class ParameterBinding extends Binding {
    final MemoryPlan plan = new MemoryPlan();
    final Size size;
    private Tensor lengths;

    ParameterBinding(Size size) {
      super(backend, size.batch(), size.training());
      this.size = size;
    }

    @Override
    public Tensor lengths() {
      if (size.ragged() && lengths == null) {
        lengths = tensor(MemoryKind.IO, "sequence lengths", DataType.INT32, Shape.of(size.batch()));
      }
      return lengths;
    }

    @Override
    public boolean stateful() {
      return size.stateful();
    }

    @Override
    public Tensor parameterGroup(String layer) {
      return parameters.group(layer);
    }

    @Override
    public Tensor parameterGroupGradient(String layer) {
      return training() ? parameters.groupGradient(layer) : null;
    }

    @Override
    public Tensor workspace(long elements) {
      return elements == 0 ? null : scratch(Shape.of(Math.toIntExact(elements)));
    }

    /** Returns scratch that begins where all scratch of this program begins. */
    abstract Tensor scratch(Shape shape);

    @Override
    public DataType floatType() {
      return type;
    }

    @Override
    public Tensor parameter(String name) {
      return parameters.get(name);
    }

    @Override
    public Tensor parameterGradient(String name) {
      return training() ? parameters.gradient(name) : null;
    }

    @Override
    public Tensor dropoutState() {
      return dropoutState;
    }
  }

  /** The first pass: writes down what is wanted. */
  private final class Planning extends ParameterBinding {
    private Shape largestScratch = Shape.of(0);

    private Planning(Size size) {
      super(size);
    }

    @Override
    Tensor scratch(Shape shape) {
      largestScratch = shape.elements() > largestScratch.elements() ? shape : largestScratch;
      return PlannedArena.tensor(backend, "workspace", type, shape);
    }

    MemoryPlan finished() {
      if (largestScratch.elements() > 0) {
        plan.add(MemoryKind.WORKSPACE, "workspace", type, largestScratch);
      }
      return plan;
    }

    @Override
    public Tensor tensor(MemoryKind kind, String name, DataType wanted, Shape shape) {
      plan.add(kind, name, wanted, shape);
      return PlannedArena.tensor(backend, name, wanted, shape);
    }
  }

  /** The second pass: the same requests, in the same order, get their place. */
  private final class Placing extends ParameterBinding {
    private Placing(Size size) {
      super(size);
    }

    @Override
    Tensor scratch(Shape shape) {
      return arena.tensor(new MemoryPlan().add(MemoryKind.WORKSPACE, "workspace", type, shape));
    }

    @Override
    public Tensor tensor(MemoryKind kind, String name, DataType wanted, Shape shape) {
      return arena.tensor(plan.add(kind, name, wanted, shape));
    }
  }
}

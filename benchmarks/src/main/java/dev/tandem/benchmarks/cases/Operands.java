package dev.tandem.benchmarks.cases;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import java.util.ArrayList;
import java.util.List;

/** A backend and tensors on it, with numbers that are the same for equal sequences of calls. */
public final class Operands implements AutoCloseable {
  private static final long SEED = 1;

  private final Backend backend;
  private final List<TensorArena> arenas = new ArrayList<>();
  private final Philox random = new Philox(SEED, 0);

  /** Opens a backend. */
  public Operands(String id, BackendOptions options) {
    backend = Backends.open(id, options);
  }

  /** Returns the backend. */
  public Backend backend() {
    return backend;
  }

  /** Takes a tensor of zeros. */
  public Tensor zeros(DataType type, int... shape) {
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot slot = plan.add(MemoryKind.ACTIVATIONS, "x", type, Shape.of(shape));
    TensorArena arena = backend.allocate(plan);
    arenas.add(arena);
    return arena.tensor(slot);
  }

  /** Takes a tensor of zeros of binary32. */
  public Tensor zeros(int... shape) {
    return zeros(DataType.FLOAT32, shape);
  }

  /** Takes a tensor of numbers from -1 to 1. */
  public Tensor random(int... shape) {
    return random(-1, 1, shape);
  }

  /** Takes a tensor of numbers from a bound to another. */
  public Tensor random(float low, float high, int... shape) {
    Tensor tensor = zeros(shape);
    backend.transfers().upload(numbers(low, high, (int) tensor.elements()), 0, tensor);
    return tensor;
  }

  /** Draws numbers from a bound to another. */
  float[] numbers(float low, float high, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = low + (high - low) * random.nextFloat();
    }
    return values;
  }

  /** Takes a tensor of whole numbers from 0 to below a bound. */
  public Tensor indices(int bound, int... shape) {
    Tensor tensor = zeros(DataType.INT32, shape);
    int[] values = new int[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(bound);
    }
    backend.transfers().upload(values, 0, tensor);
    return tensor;
  }

  /** Returns the values of a tensor of binary32. */
  public float[] values(Tensor tensor) {
    float[] values = new float[(int) tensor.elements()];
    backend.transfers().download(tensor, values, 0);
    return values;
  }

  @Override
  public void close() {
    arenas.forEach(TensorArena::close);
    backend.close();
  }
}

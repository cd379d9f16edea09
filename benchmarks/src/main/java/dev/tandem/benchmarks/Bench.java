package dev.tandem.benchmarks;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import java.util.ArrayList;
import java.util.List;

/**
 * A backend with tensors of random numbers, and the oracle with tensors of the same numbers to
 * check results by.
 */
final class Bench implements AutoCloseable {
  private static final long SEED = 1;

  /** Larger differences than this, relative to the largest value, are errors and not rounding. */
  private static final double ROUNDING = 1e-4;

  private final Backend backend;
  private final List<TensorArena> arenas = new ArrayList<>();
  private final Philox random = new Philox(SEED, 0);

  /** Opens a backend. */
  Bench(String id, int threads) {
    backend = Backends.open(id, new BackendOptions(threads, MathMode.FP32));
  }

  Backend backend() {
    return backend;
  }

  /** Takes a tensor of zeros. */
  Tensor zeros(DataType type, int... shape) {
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot slot = plan.add(MemoryKind.ACTIVATIONS, "x", type, Shape.of(shape));
    TensorArena arena = backend.allocate(plan);
    arenas.add(arena);
    return arena.tensor(slot);
  }

  /** Takes a tensor of numbers from -1 to 1; the same for equal sequences of calls. */
  Tensor random(int... shape) {
    Tensor tensor = zeros(DataType.FLOAT32, shape);
    float[] values = new float[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    backend.transfers().upload(values, 0, tensor);
    return tensor;
  }

  /** Takes a tensor of whole numbers from 0 to below a bound. */
  Tensor indices(int bound, int... shape) {
    Tensor tensor = zeros(DataType.INT32, shape);
    int[] values = new int[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(bound);
    }
    backend.transfers().upload(values, 0, tensor);
    return tensor;
  }

  /** Returns the values of a tensor. */
  float[] values(Tensor tensor) {
    float[] values = new float[(int) tensor.elements()];
    backend.transfers().download(tensor, values, 0);
    return values;
  }

  /** Throws unless two results are the same up to rounding. */
  static void check(String what, float[] actual, float[] expected) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    if (!(difference <= ROUNDING * largest)) {
      throw new IllegalStateException(
          "%s: off by %s where the largest value is %s".formatted(what, difference, largest));
    }
  }

  @Override
  public void close() {
    arenas.forEach(TensorArena::close);
    backend.close();
  }
}

package dev.tandem.models.selftest;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The tensors of one check on one backend. The same check on another bench of the same seed finds
 * the same numbers in them, whatever the type.
 */
final class Bench implements AutoCloseable {
  private final Backend backend;
  private final DataType type;
  private final Philox random;
  private final List<TensorArena> arenas = new ArrayList<>();
  private final List<Supplier<double[]>> results = new ArrayList<>();

  Bench(Backend backend, DataType type, long seed) {
    this.backend = backend;
    this.type = type;
    random = new Philox(seed, 0);
  }

  Backend backend() {
    return backend;
  }

  /** Returns a tensor of numbers from -1 to 1. */
  Tensor random(int... dimensions) {
    return given(numbers(Shape.of(dimensions).elements()), dimensions);
  }

  /** Returns a tensor of numbers above 0.5, which may be divided by. */
  Tensor positive(int... dimensions) {
    double[] numbers = numbers(Shape.of(dimensions).elements());
    return given(
        Arrays.stream(numbers).map(x -> 1 + x / 2.5).map(x -> (float) x).toArray(), dimensions);
  }

  /** Returns a tensor of given numbers, which FLOAT32 must hold. */
  Tensor given(double[] numbers, int... dimensions) {
    Tensor tensor = tensor(type, Shape.of(dimensions));
    backend.transfers().upload(numbers, 0, tensor);
    return tensor;
  }

  /** Returns a tensor of integers from 0 to below a bound. */
  Tensor integers(int bound, int... dimensions) {
    int[] numbers = new int[(int) Shape.of(dimensions).elements()];
    Arrays.setAll(numbers, i -> random.nextInt(bound));
    return integers(numbers);
  }

  /** Returns a tensor of given integers. */
  Tensor integers(int[] numbers) {
    Tensor tensor = tensor(DataType.INT32, Shape.of(numbers.length));
    backend.transfers().upload(numbers, 0, tensor);
    return tensor;
  }

  /** Returns a tensor that the check overwrites, and compares. It holds NaN before. */
  Tensor result(int... dimensions) {
    Tensor tensor = tensor(type, Shape.of(dimensions));
    backend.transfers().fill(tensor, Double.NaN);
    return compared(tensor);
  }

  /** Returns a tensor of integers that the check overwrites, and compares. */
  Tensor integerResult(int... dimensions) {
    return compared(tensor(DataType.INT32, Shape.of(dimensions)));
  }

  /** Compares what a tensor holds at the end. */
  Tensor compared(Tensor tensor) {
    results.add(() -> download(tensor));
    return tensor;
  }

  /** Compares what is worked out at the end. */
  void compared(Supplier<double[]> result) {
    results.add(result);
  }

  /** Returns memory whose contents do not count; null for none. */
  Tensor scratch(long elements) {
    return elements == 0 ? null : tensor(type, Shape.of(Math.toIntExact(elements)));
  }

  /** Draws numbers from -1 to 1 that FLOAT32 holds. */
  double[] numbers(long count) {
    double[] numbers = new double[Math.toIntExact(count)];
    Arrays.setAll(numbers, i -> 2 * random.nextFloat() - 1);
    return numbers;
  }

  double[] download(Tensor tensor) {
    double[] numbers = new double[(int) tensor.elements()];
    if (tensor.type() == DataType.INT32) {
      int[] integers = new int[numbers.length];
      backend.transfers().download(tensor, integers, 0);
      Arrays.setAll(numbers, i -> integers[i]);
    } else {
      backend.transfers().download(tensor, numbers, 0);
    }
    return numbers;
  }

  /** Returns what is compared, in the order in which it was asked for. */
  List<double[]> results() {
    return results.stream().map(Supplier::get).toList();
  }

  private Tensor tensor(DataType of, Shape shape) {
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot slot = plan.add(MemoryKind.ACTIVATIONS, "t" + arenas.size(), of, shape);
    TensorArena arena = backend.allocate(plan);
    arenas.add(arena);
    return arena.tensor(slot);
  }

  @Override
  public void close() {
    arenas.forEach(TensorArena::close);
  }
}

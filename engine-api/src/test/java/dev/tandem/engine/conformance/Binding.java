package dev.tandem.engine.conformance;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The operands of a call in the memory of a backend, each in the middle of a longer tensor. Around
 * inputs there is NaN, so that reading past them shows in the result; around outputs there is a
 * number that must still be there afterwards.
 */
final class Binding implements AutoCloseable {
  /**
   * More elements on either side than any kernel handles at once, and a multiple of every lane
   * count.
   */
  private static final int GUARD = 128;

  /** Held by all types. */
  private static final double SENTINEL = 12_345_678;

  private final Call call;
  private final Backend backend;
  private final TensorArena arena;
  private final List<Tensor> surroundings = new ArrayList<>();
  private final int[] starts;

  /**
   * Takes memory and gives the operands their tensors.
   *
   * @param shifted whether the operands begin at odd places, each at another
   */
  Binding(Call call, Backend backend, boolean shifted) {
    this.call = call;
    this.backend = backend;
    List<Operand> operands = call.operands();
    MemoryPlan plan = new MemoryPlan();
    starts = new int[operands.size()];
    List<MemoryPlan.Slot> slots = new ArrayList<>();
    for (int i = 0; i < starts.length; i++) {
      Operand operand = operands.get(i);
      starts[i] = GUARD + (shifted ? 2 * i + 1 : 0);
      Shape shape = Shape.of(starts[i] + operand.elements() + GUARD);
      slots.add(plan.add(MemoryKind.ACTIVATIONS, operand.role(), operand.type(), shape));
    }
    arena = backend.allocate(plan);
    for (int i = 0; i < starts.length; i++) {
      Operand operand = operands.get(i);
      Tensor whole = arena.tensor(slots.get(i));
      surroundings.add(whole);
      operand.use(whole.view(operand.role(), starts[i], operand.shape()));
    }
  }

  /**
   * Writes what every operand holds before the call, and its surroundings, and runs what comes
   * before the call.
   */
  void fill() {
    for (int i = 0; i < starts.length; i++) {
      Operand operand = call.operands().get(i);
      double[] values = new double[(int) surroundings.get(i).elements()];
      Arrays.fill(values, guard(operand));
      System.arraycopy(operand.before(), 0, values, starts[i], operand.elements());
      upload(backend, values, surroundings.get(i));
    }
    call.prepare(backend);
  }

  /** Fills the operands, runs an operation and returns {@link #results}. */
  double[][] run(Consumer<Backend> operation) {
    fill();
    operation.accept(backend);
    return results();
  }

  /** Returns what every operand holds, after checking its surroundings. */
  double[][] results() {
    double[][] results = new double[starts.length][];
    for (int i = 0; i < starts.length; i++) {
      Operand operand = call.operands().get(i);
      double[] values = download(backend, surroundings.get(i));
      int end = starts[i] + operand.elements();
      for (int at = 0; at < values.length; at++) {
        boolean outside = at < starts[i] || at >= end;
        if (outside && Double.compare(values[at], guard(operand)) != 0) {
          throw new AssertionError(
              "%s: wrote %s at %d of '%s', outside its %d elements"
                  .formatted(call, values[at], at - starts[i], operand.role(), operand.elements()));
        }
      }
      results[i] = Arrays.copyOfRange(values, starts[i], end);
    }
    return results;
  }

  private static double guard(Operand operand) {
    return operand.isInput() && operand.type().isFloating() ? Double.NaN : SENTINEL;
  }

  static void upload(Backend backend, double[] values, Tensor target) {
    if (target.type() == DataType.INT32) {
      int[] ints = Arrays.stream(values).mapToInt(value -> (int) value).toArray();
      backend.transfers().upload(ints, 0, target);
    } else {
      backend.transfers().upload(values, 0, target);
    }
  }

  static double[] download(Backend backend, Tensor source) {
    double[] values = new double[(int) source.elements()];
    if (source.type() == DataType.INT32) {
      int[] ints = new int[values.length];
      backend.transfers().download(source, ints, 0);
      Arrays.setAll(values, i -> ints[i]);
    } else {
      backend.transfers().download(source, values, 0);
    }
    return values;
  }

  @Override
  public void close() {
    arena.close();
  }
}

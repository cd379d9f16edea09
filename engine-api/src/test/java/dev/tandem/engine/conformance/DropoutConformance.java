package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Dropout} must do. */
abstract class DropoutConformance extends FamilyConformance {
  /** Seed and step with bits everywhere, the sign bits among them. */
  private static final int[] STATE = {0x89ABCDEF, 0xFEDCBA98, 0x80000001, 0x70000007};

  DropoutConformance() {
    super(Dropout.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    double[] x = new Numbers(1).uniform(37);
    return Stream.of(forward(type, 0.3, 5, STATE, x), backward(type, 0.3, 5, STATE, x));
  }

  /** The first words for key and counter 0 are those of Random123's known answers. */
  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    // 6627e8d5 e169c58d bc57ac4c 9b00dbd8 against 0x8000_0000: the first is below.
    Call call = new Call("forward", "dropout", type);
    Operand state = call.indices("state", Shape.of(4), 0, 0, 0, 0);
    Operand x = call.input("x", Shape.of(4), 1, 2, 3, 4);
    Operand y = call.output("y", Shape.of(4), call.tolerance().exact(0, 4, 6, 8));
    check(call.of(b -> b.dropout().forward(0.5, 0, state.tensor(), x.tensor(), y.tensor())));
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everySize(DataType type, int size) {
    double[] x = new Numbers(size).uniform(size, 1, 2);
    check(forward(type, 0.5, 1, STATE, x));
    check(backward(type, 0.5, 1, STATE, x));
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyRateStreamAndState(DataType type) {
    double[] x = new Numbers(3).uniform(103, 1, 2);
    for (double rate : new double[] {0, 1e-9, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999}) {
      check(forward(type, rate, 3, STATE, x));
    }
    for (int stream : new int[] {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      check(forward(type, 0.5, stream, STATE, x));
    }
    for (int i = 0; i < Dropout.STATE_LENGTH; i++) {
      int[] state = STATE.clone();
      state[i]++;
      check(forward(type, 0.5, 3, state, x));
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void droppedNumbersAreZeroWhateverTheyWere(DataType type) {
    double[] x = new double[67];
    for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 0x1p100}) {
      Arrays.fill(x, value);
      check(forward(type, 0.5, 3, STATE, x));
    }
  }

  /** With a state of zeros the first word is 6627e8d5: at this rate it is the threshold itself. */
  @ParameterizedTest
  @MethodSource("types")
  void aWordAtTheThresholdIsKept(DataType type) {
    check(forward(type, 0x6627e8d5L * 0x1p-32, 0, new int[4], 1, 2, 3, 4));
    check(forward(type, 0x6627e8d6L * 0x1p-32, 0, new int[4], 1, 2, 3, 4));
  }

  @Test
  void replayTakesTheMaskOfTheStepInTheState() {
    Call call = forward(DataType.FLOAT32, 0.5, 3, STATE, new Numbers(4).uniform(67, 1, 2));
    int[] later = STATE.clone();
    later[2]++;
    Call next = forward(DataType.FLOAT32, 0.5, 3, later, new Numbers(4).uniform(67, 1, 2));
    try (Binding binding = new Binding(call, backend(), false)) {
      binding.fill();
      var step = backend().capture(() -> call.invoke(backend()));
      call.verify(binding.results());
      backend().transfers().upload(later, 0, call.operands().get(0).tensor());
      step.replay();
      double[][] results = binding.results();
      results[0] = next.operands().get(0).before();
      next.verify(results);
    }
  }

  @Test
  void refusesImpossibleRates() {
    Call call = forward(DataType.FLOAT32, 0.5, 3, STATE, 1, 2);
    bound(
        call,
        () -> {
          Tensor[] x = call.operands().stream().map(Operand::tensor).toArray(Tensor[]::new);
          refuses(
              () -> backend().dropout().forward(1, 0, x[0], x[1], x[2]),
              "dropout: rate is 1.0 (give a number from 0 to below 1)");
          refuses(
              () -> backend().dropout().backward(-0.1, 0, x[0], x[1], x[2]),
              "dropout backward: rate is -0.1 (give a number from 0 to below 1)");
          refuses(
              () -> backend().dropout().forward(Double.NaN, 0, x[0], x[1], x[2]),
              "dropout: rate is NaN (give a number from 0 to below 1)");
        });
  }

  private static Call forward(
      DataType type, double rate, int stream, int[] numbers, double... values) {
    Call call = new Call("forward", "dropout", type);
    Operand state = call.indices("state", Shape.of(4), numbers);
    Operand x = call.input("x", Shape.of(values.length), values).defining();
    Operand y =
        call.output("y", Shape.of(values.length), expected(call, rate, stream, numbers, values));
    return call.mayBe(y, x)
        .of(b -> b.dropout().forward(rate, stream, state.tensor(), x.tensor(), y.tensor()));
  }

  private static Call backward(
      DataType type, double rate, int stream, int[] numbers, double... values) {
    Call call = new Call("backward", "dropout backward", type);
    Operand state = call.indices("state", Shape.of(4), numbers);
    Operand dy = call.input("dy", Shape.of(values.length), values).defining();
    Operand dx =
        call.output("dx", Shape.of(values.length), expected(call, rate, stream, numbers, values));
    return call.mayBe(dx, dy)
        .of(b -> b.dropout().backward(rate, stream, state.tensor(), dy.tensor(), dx.tensor()));
  }

  /** {@code x / (1 - rate)} where the word of the element is at least {@code rate 2^32}. */
  private static Bounded[] expected(Call call, double rate, int stream, int[] state, double[] x) {
    Tolerance t = call.tolerance();
    long seed = Integer.toUnsignedLong(state[1]) << 32 | Integer.toUnsignedLong(state[0]);
    int[] words = new int[4];
    return Oracle.indexed(
        x.length,
        i -> {
          Philox.block(seed, i / 4, stream, state[2], state[3], words);
          boolean kept = Integer.toUnsignedLong(words[i % 4]) >= Math.round(rate * 0x1p32);
          return kept ? t.exact(x[i]).over(t.rounded(1 - rate)) : t.exact(0);
        });
  }
}

package dev.tandem.engine.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.OperationFamily;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds for every operation of every family. A family names one small call of each of its
 * operations; here they are computed, and called wrongly in every way that all have in common.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FamilyConformance {
  private final Class<? extends OperationFamily> family;

  FamilyConformance(Class<? extends OperationFamily> family) {
    this.family = family;
  }

  /** Returns the backend under test. */
  abstract Subject subject();

  /** Returns a small call of every operation, with each of its options. */
  abstract Stream<Call> calls(DataType type);

  /** Returns the methods that no {@link Call} can describe; the family tests them itself. */
  Set<String> testedApart() {
    return Set.of();
  }

  final Backend backend() {
    return subject().backend();
  }

  final Stream<DataType> types() {
    return subject().types();
  }

  final Stream<Call> calls() {
    return types().flatMap(this::calls);
  }

  /** Every type with the sizes around lane counts and with 0; FLOAT32 with a large one too. */
  final Stream<Arguments> typesAndSizes() {
    Stream<Arguments> small =
        types()
            .flatMap(
                type ->
                    IntStream.concat(IntStream.of(0), Numbers.sizes())
                        .mapToObj(size -> Arguments.of(type, size)));
    return Stream.concat(small, Stream.of(Arguments.of(DataType.FLOAT32, Numbers.LARGE)));
  }

  /** Every type with the cases of a file of PyTorch's results. */
  final Stream<Arguments> typesAndGolden(String file) {
    return types()
        .flatMap(type -> Golden.read(file).stream().map(golden -> Arguments.of(type, golden)));
  }

  final void check(Call call) {
    call.check(subject());
  }

  @Test
  void everyMethodIsCalled() {
    Set<String> methods =
        Arrays.stream(family.getDeclaredMethods())
            .filter(method -> Modifier.isPublic(method.getModifiers()))
            .filter(method -> !Modifier.isStatic(method.getModifiers()))
            .map(Method::getName)
            .filter(name -> !testedApart().contains(name))
            .collect(Collectors.toSet());
    Set<String> called = calls(DataType.FLOAT32).map(Call::method).collect(Collectors.toSet());
    assertThat(called).as("methods of %s that are called", family).isEqualTo(methods);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void computes(Call call) {
    check(call);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void refusesMissingOperand(Call call) {
    forEach(
        call,
        operand -> {
          operand.use(null);
          if (!operand.isOptional()) {
            refuses(call, "%s: '%s' is missing (give a tensor)", call.name(), operand.role());
          }
        });
  }

  @ParameterizedTest
  @MethodSource("calls")
  void refusesIntegersForNumbersAndNumbersForIntegers(Call call) {
    forEach(
        call,
        operand -> {
          boolean floating = operand.type().isFloating();
          DataType wrong = floating ? DataType.INT32 : DataType.FLOAT32;
          if (!operand.isOfAnyType()) {
            using(
                operand,
                backend(),
                wrong,
                operand.shape(),
                () ->
                    refuses(
                        call,
                        "%s: '%s' is %s%s %s, expected %s",
                        call.name(),
                        operand.role(),
                        operand.role(),
                        operand.shape(),
                        wrong,
                        floating ? "a floating-point type" : "INT32"));
          }
        });
  }

  @ParameterizedTest
  @MethodSource("calls")
  void refusesTwoFloatingPointTypes(Call call) {
    DataType other = call.type() == DataType.FLOAT32 ? DataType.FLOAT64 : DataType.FLOAT32;
    assumeTrue(backend().info().floatTypes().contains(other), "one floating-point type alone");
    forEach(
        call,
        operand -> {
          if (operand.type().isFloating() && !operand.isDefining()) {
            using(
                operand,
                backend(),
                other,
                operand.shape(),
                () ->
                    assertThatThrownBy(() -> call.invoke(backend()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(
                            "%s: '%s' is %s%s %s, expected %s like ",
                            call.name(),
                            operand.role(),
                            operand.role(),
                            operand.shape(),
                            other,
                            call.type()));
          }
        });
  }

  @ParameterizedTest
  @MethodSource("calls")
  void refusesTensorOfAnotherBackend(Call call) {
    forEach(
        call,
        operand -> {
          Backend stranger = subject().stranger();
          using(
              operand,
              stranger,
              operand.type(),
              operand.shape(),
              () ->
                  refuses(
                      call,
                      "%s: '%s' is %s%s %s of backend '%s', not of backend '%s' (allocate it there)",
                      call.name(),
                      operand.role(),
                      operand.role(),
                      operand.shape(),
                      operand.type(),
                      stranger.info().id(),
                      backend().info().id()));
        });
  }

  @ParameterizedTest
  @MethodSource("calls")
  void refusesTensorOfClosedArena(Call call) {
    forEach(
        call,
        operand -> {
          using(operand, backend(), operand.type(), operand.shape(), () -> {});
          assertThatThrownBy(() -> call.invoke(backend()))
              .isInstanceOf(IllegalStateException.class)
              .hasMessage(
                  "%s: '%s' is %s%s %s, whose arena was closed (keep the arena open while its tensors are used)",
                  call.name(), operand.role(), operand.role(), operand.shape(), operand.type());
        });
  }

  @ParameterizedTest
  @MethodSource("calls")
  void refusesWrongSize(Call call) {
    forEach(
        call,
        operand -> {
          Shape longer = Shape.of(operand.elements() + 1);
          if (!operand.isDefining()) {
            using(
                operand,
                backend(),
                operand.type(),
                longer,
                () ->
                    refuses(
                        call,
                        "%s: '%s' is %s%s %s with %d elements, expected %d",
                        call.name(),
                        operand.role(),
                        operand.role(),
                        longer,
                        operand.type(),
                        operand.elements() + 1,
                        operand.elements()));
          }
        });
  }

  @ParameterizedTest
  @MethodSource("calls")
  void allowsAndRefusesOverlap(Call call) {
    for (Operand output : call.operands()) {
      for (Operand input : call.operands()) {
        if (!output.isInput() && input.isInput() && output.type() == input.type()) {
          int shift = output.elements() > 1 ? 1 : 0;
          boolean same = shift == 0 && input.elements() == 1;
          if (!same) {
            overlaps(call, output, input, shift);
          }
          if (call.allowsAlias(output, input)) {
            sameTensor(call, output, input);
          } else if (output.elements() == input.elements()) {
            overlaps(call, output, input, 0);
          }
        }
      }
    }
  }

  /** Lets the input begin some elements after the output, which must be refused. */
  private void overlaps(Call call, Operand output, Operand input, int shift) {
    Shape both = Shape.of(output.elements() + input.elements());
    String message = "%s: '%s' is %s, which overlaps the input %s (give it memory of its own)";
    bound(
        call,
        () ->
            using(
                output,
                backend(),
                output.type(),
                both,
                () -> {
                  Tensor whole = output.tensor();
                  output.use(whole.view(output.role(), 0, output.shape()));
                  input.use(whole.view(input.role(), shift, input.shape()));
                  assertThat(catchThrowable(() -> call.invoke(backend())))
                      .as("%s with '%s' over '%s'", call, output.role(), input.role())
                      .isInstanceOf(IllegalArgumentException.class)
                      .message()
                      .isIn(
                          message.formatted(
                              call.name(), output.role(), output.tensor(), input.tensor()),
                          message.formatted(
                              call.name(), input.role(), input.tensor(), output.tensor()));
                }));
  }

  /** Lets the output be the input, which must give the same result where the output is not read. */
  private void sameTensor(Call call, Operand output, Operand input) {
    try (Binding binding = new Binding(call, backend(), false)) {
      double[][] expected = binding.run(call::invoke);
      binding.fill();
      output.use(input.tensor());
      call.invoke(backend());
      if (output.isOverwritten()) {
        assertThat(Binding.download(backend(), input.tensor()))
            .as("%s with '%s' the same tensor as '%s'", call, output.role(), input.role())
            .isEqualTo(expected[call.operands().indexOf(output)]);
      }
    }
  }

  /** Binds a call for each of its operands, which the action makes wrong. */
  private void forEach(Call call, Consumer<Operand> action) {
    for (Operand operand : call.operands()) {
      bound(call, () -> action.accept(operand));
    }
  }

  /** Runs an action while the operands of a call have memory. */
  final void bound(Call call, Runnable action) {
    Binding binding = new Binding(call, backend(), false);
    try {
      action.run();
    } finally {
      binding.close();
    }
  }

  /** Runs an action while an operand has another tensor. */
  private static void using(
      Operand operand, Backend owner, DataType type, Shape shape, Runnable action) {
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot slot = plan.add(MemoryKind.ACTIVATIONS, operand.role(), type, shape);
    try (TensorArena arena = owner.allocate(plan)) {
      operand.use(arena.tensor(slot));
      action.run();
    }
  }

  /** Checks that a call is refused with a message. */
  final void refuses(Call call, String message, Object... values) {
    refuses(() -> call.invoke(backend()), message, values);
  }

  /** Checks that an action is refused with a message. */
  static void refuses(Runnable action, String message, Object... values) {
    assertThatThrownBy(action::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message, values);
  }
}

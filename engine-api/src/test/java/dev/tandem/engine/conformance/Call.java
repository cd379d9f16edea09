package dev.tandem.engine.conformance;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** One call of an operation: its operands and what must become of them. */
final class Call {
  private String method;
  private final String name;
  private final DataType type;
  private final Tolerance tolerance;
  private final List<Operand> operands = new ArrayList<>();
  private final Set<List<Operand>> aliases = new HashSet<>();
  private Consumer<Backend> operation;
  private Consumer<Backend> preparation = backend -> {};

  /**
   * Begins a call.
   *
   * @param method the method of the family
   * @param name what its error messages begin with
   * @param type the floating-point type of the operands
   */
  Call(String method, String name, DataType type) {
    this.method = method;
    this.name = name;
    this.type = type;
    this.tolerance = Tolerance.of(type);
  }

  String method() {
    return method;
  }

  String name() {
    return name;
  }

  DataType type() {
    return type;
  }

  /** Returns the arithmetic in which to say what outputs must hold. */
  Tolerance tolerance() {
    return tolerance;
  }

  List<Operand> operands() {
    return operands;
  }

  /** Adds an operand that is read. */
  Operand input(String role, Shape shape, double... values) {
    return add(new Operand(role, type, shape, values, null));
  }

  /** Adds an INT32 operand that is read. */
  Operand indices(String role, Shape shape, int... values) {
    double[] widened = Arrays.stream(values).asDoubleStream().toArray();
    return add(new Operand(role, DataType.INT32, shape, widened, null));
  }

  /** Adds an operand that is overwritten; it holds NaN, so that what is left out or read shows. */
  Operand output(String role, Shape shape, Bounded... after) {
    double[] before = new double[after.length];
    Arrays.fill(before, Double.NaN);
    return updated(role, shape, before, after);
  }

  /** Adds an INT32 operand that is overwritten. */
  Operand outputIndices(String role, Shape shape, int... after) {
    Bounded[] exact = Tolerance.FLOAT64.exact(Arrays.stream(after).asDoubleStream().toArray());
    double[] before = new double[after.length];
    Arrays.fill(before, Integer.MIN_VALUE);
    return add(new Operand(role, DataType.INT32, shape, before, exact));
  }

  /** Adds an operand that is read and written. */
  Operand updated(String role, Shape shape, double[] before, Bounded... after) {
    return add(new Operand(role, type, shape, before, after));
  }

  /** Adds an operand that the backend may write to as it likes. */
  Operand scratch(String role, Shape shape) {
    return output(role, shape, tolerance.exact(new double[(int) shape.elements()])).scratch();
  }

  /** Adds scratch memory that is as large as the plan says. */
  Operand scratch(String role, int elements) {
    return scratch(role, Shape.of(elements)).defining();
  }

  private Operand add(Operand operand) {
    operands.add(operand);
    return operand;
  }

  /** Says that two operands may be the same tensor. */
  Call mayBe(Operand output, Operand input) {
    aliases.add(List.of(output, input));
    return this;
  }

  /** Puts known results in the place of an operand's computed ones. */
  Call anchor(String role, double... known) {
    operand(role).anchor(known);
    return this;
  }

  private Operand operand(String role) {
    return operands.stream()
        .filter(operand -> operand.role().equals(role))
        .findFirst()
        .orElseThrow();
  }

  boolean allowsAlias(Operand output, Operand input) {
    return aliases.contains(List.of(output, input));
  }

  /** Says which method of the family it is, where several do the same. */
  Call as(String theMethod) {
    method = theMethod;
    return this;
  }

  /** Says which operation it is. */
  Call of(Consumer<Backend> theOperation) {
    operation = theOperation;
    return this;
  }

  /** Says what must have run on the operands before the operation. */
  Call after(Consumer<Backend> thePreparation) {
    preparation = thePreparation;
    return this;
  }

  void prepare(Backend backend) {
    preparation.accept(backend);
  }

  void invoke(Backend backend) {
    operation.accept(backend);
  }

  /**
   * Checks the results at two placements of the operands; that a second run, a captured run, its
   * replay and other numbers of threads give the same bits; and that inputs and the memory around
   * all operands stay as they were.
   */
  void check(Subject subject) {
    double[][] aligned;
    try (Binding binding = new Binding(this, subject.backend(), false)) {
      aligned = binding.run(operation);
      verify(aligned);
      same("a second run", aligned, binding.run(operation));
    }
    try (Binding binding = new Binding(this, subject.backend(), true)) {
      double[][] shifted = binding.run(operation);
      verify(shifted);
      binding.fill();
      var replayable = subject.backend().capture(() -> invoke(subject.backend()));
      same("a captured run", shifted, binding.results());
      same("its replay", shifted, binding.run(backend -> replayable.replay()));
    }
    for (Backend threaded : subject.threaded()) {
      try (Binding binding = new Binding(this, threaded, false)) {
        same(threaded.info().threads() + " threads", aligned, binding.run(operation));
      }
    }
  }

  /** Checks what every operand holds after the call. */
  void verify(double[][] results) {
    for (int i = 0; i < results.length; i++) {
      Operand operand = operands.get(i);
      if (operand.isInput()) {
        if (!Arrays.equals(results[i], operand.before())) {
          throw new AssertionError("%s: the input %s was changed".formatted(this, operand));
        }
      } else if (!operand.isScratch()) {
        verify(operand, results[i]);
      }
    }
  }

  private void verify(Operand operand, double[] actual) {
    Tolerance rule = operand.type().isFloating() ? tolerance : Tolerance.FLOAT64;
    for (int i = 0; i < actual.length; i++) {
      Bounded expected = operand.after()[i];
      if (!rule.allows(expected, actual[i])) {
        throw new AssertionError(
            "%s: '%s' at %d is %s, expected %s within %s"
                .formatted(
                    this, operand.role(), i, actual[i], expected.value(), rule.limit(expected)));
      }
    }
  }

  private void same(String what, double[][] first, double[][] second) {
    for (int i = 0; i < first.length; i++) {
      int at = Arrays.mismatch(first[i], second[i]);
      if (at >= 0 && !operands.get(i).isScratch()) {
        throw new AssertionError(
            "%s: %s gives other bits: '%s' at %d is %s, was %s"
                .formatted(this, what, operands.get(i).role(), at, second[i][at], first[i][at]));
      }
    }
  }

  @Override
  public String toString() {
    return operands.stream()
        .map(Operand::toString)
        .collect(Collectors.joining(" ", name + " " + type + " ", ""));
  }
}

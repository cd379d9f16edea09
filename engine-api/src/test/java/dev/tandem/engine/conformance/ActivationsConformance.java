package dev.tandem.engine.conformance;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Activations;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Activations} must do. */
abstract class ActivationsConformance extends FamilyConformance {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  ActivationsConformance() {
    super(Activations.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    double[] x = new Numbers(1).uniform(19, -4, 4);
    return Arrays.stream(Activation.values())
        .flatMap(f -> Stream.of(forward(type, f, x), backward(type, f, saved(f, x), outer(19))));
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    Call call = new Call("forward", "activation", type);
    Operand x = call.input("x", Shape.of(2, 2), -2, 0, 0.5, 3);
    Operand y = call.output("y", Shape.of(2, 2), call.tolerance().exact(0, 0, 0.5, 3));
    check(call.of(b -> b.activations().forward(Activation.RELU, x.tensor(), y.tensor())));
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everySize(DataType type, int size) {
    double[] x = new Numbers(size).uniform(size, -6, 6);
    for (Activation f : Activation.values()) {
      check(forward(type, f, x));
      check(backward(type, f, saved(f, x), outer(size)));
    }
  }

  /** The whole range in which the functions bend, in small steps, and far beyond it. */
  @ParameterizedTest
  @MethodSource("types")
  void everyArgument(DataType type) {
    double[] near = DoubleStream.iterate(-20, x -> x <= 20, x -> x + 0x1p-7).toArray();
    double[] tiny = DoubleStream.iterate(0x1p-120, x -> x < 1, x -> x * -1.75).toArray();
    double[] far = DoubleStream.iterate(20, x -> Math.abs(x) < 0x1p100, x -> x * -1.0625).toArray();
    for (Activation f : Activation.values()) {
      for (double[] x : new double[][] {near, tiny, far}) {
        double[] held = Arrays.stream(x).map(value -> (float) value).toArray();
        check(forward(type, f, held));
        check(backward(type, f, saved(f, held), outer(held.length)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void notANumberStaysAndInfinitySaturates(DataType type) {
    for (Activation f : Activation.values()) {
      for (int at = 0; at < 35; at++) {
        double[] x = new Numbers(at).uniform(35);
        x[at] = Double.NaN;
        x[(at + 17) % 35] = INFINITY;
        check(forward(type, f, x));
        if (f.derivativeFromOutput()) {
          x[(at + 17) % 35] = -INFINITY;
          check(forward(type, f, x));
        }
      }
    }
  }

  Stream<Arguments> golden() {
    return typesAndGolden("activations");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithPyTorch(DataType type, Golden golden) {
    Activation f = Activation.valueOf(golden.name());
    double[] x = golden.doubles("x");
    check(forward(type, f, x).anchor("y", golden.doubles("y")));
    Call backward = backward(type, f, saved(f, x), golden.doubles("dy"));
    check(backward.anchor("dx", golden.doubles("dx")));
  }

  private static Call forward(DataType type, Activation f, double[] values) {
    Call call = new Call("forward", "activation", type);
    Bounded[] expected = Oracle.map(call.tolerance().exact(values), x -> Oracle.activation(f, x));
    Shape shape = Shape.of(values.length);
    Operand x = call.input("x", shape, values).defining();
    Operand y = call.output("y", shape, expected);
    return call.mayBe(y, x).of(b -> b.activations().forward(f, x.tensor(), y.tensor()));
  }

  private static double[] outer(int size) {
    return new Numbers(7).uniform(size);
  }

  /** What the forward pass keeps. */
  private static double[] saved(Activation f, double[] x) {
    return f.derivativeFromOutput()
        ? Oracle.values(Oracle.map(Tolerance.FLOAT64.exact(x), v -> Oracle.activation(f, v)))
        : x;
  }

  private static Call backward(DataType type, Activation f, double[] saved, double[] dy) {
    Call call = new Call("backward", "activation backward", type);
    Bounded[] slopes = Oracle.map(call.tolerance().rounded(saved), s -> Oracle.derivative(f, s));
    Shape shape = Shape.of(saved.length);
    Operand kept = call.input("saved", shape, saved).defining();
    Operand outer = call.input("dy", shape, dy);
    Operand inner =
        call.output("dx", shape, Oracle.indexed(dy.length, i -> slopes[i].times(dy[i])));
    return call.mayBe(inner, outer)
        .of(b -> b.activations().backward(f, kept.tensor(), outer.tensor(), inner.tensor()));
  }
}

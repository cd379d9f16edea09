package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Softmax;
import java.util.Arrays;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Softmax} must do. */
abstract class SoftmaxConformance extends FamilyConformance {
  SoftmaxConformance() {
    super(Softmax.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    return all(type, Shape.of(2, 3, 5), new Numbers(1).uniform(30, -3, 3));
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    Call call = softmax(type, Shape.of(1, 2), new double[] {0, Math.log(3)});
    check(call.anchor("y", 0.25, 0.75));
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everyRowLength(DataType type, int size) {
    int rows = size == Numbers.LARGE ? 1 : 3;
    Numbers numbers = new Numbers(size);
    all(type, Shape.of(rows, size), numbers.uniform(rows * size, -5, 5)).forEach(this::check);
  }

  @Test
  void manyRows() {
    all(DataType.FLOAT32, Shape.of(6_007, 17), new Numbers(2).uniform(6_007 * 17, -9, 9))
        .forEach(this::check);
    all(DataType.FLOAT32, Shape.of(0, 5)).forEach(this::check);
  }

  @ParameterizedTest
  @MethodSource("types")
  void hugeLogitsDoNotOverflow(DataType type) {
    double infinity = Double.POSITIVE_INFINITY;
    double[] x = {
      1000, 999, -1000, 0x1p100, -0x1p100, 0, -infinity, 2, 1, -0x1p100, -0x1p100, -0x1p100
    };
    check(softmax(type, Shape.of(4, 3), x));
    check(logSoftmax(type, Shape.of(4, 3), x));
  }

  @ParameterizedTest
  @MethodSource("types")
  void notANumberStaysInItsRow(DataType type) {
    double infinity = Double.POSITIVE_INFINITY;
    for (int at = 0; at < 19; at++) {
      double[] x = new Numbers(at).uniform(4 * 19);
      x[at] = Double.NaN;
      x[2 * 19 + at] = infinity;
      Arrays.fill(x, 3 * 19, 4 * 19, -infinity);
      check(softmax(type, Shape.of(4, 19), x));
      check(logSoftmax(type, Shape.of(4, 19), x));
    }
  }

  Stream<Arguments> golden() {
    return typesAndGolden("softmax");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithPyTorch(DataType type, Golden golden) {
    Shape shape = golden.shape("x");
    double[] x = golden.doubles("x");
    double[] dy = golden.doubles("dy");
    boolean plain = golden.name().equals("softmax");
    Call forward = plain ? softmax(type, shape, x) : logSoftmax(type, shape, x);
    Call backward =
        plain ? softmaxBackward(type, shape, x, dy) : logSoftmaxBackward(type, shape, x, dy);
    check(forward.anchor("y", golden.doubles("y")));
    check(backward.anchor("dx", golden.doubles("dx")));
  }

  private static Stream<Call> all(DataType type, Shape shape, double... x) {
    double[] outer = new Numbers(7).uniform(x.length);
    return Stream.of(
        softmax(type, shape, x),
        logSoftmax(type, shape, x),
        softmaxBackward(type, shape, x, outer),
        logSoftmaxBackward(type, shape, x, outer));
  }

  private static Call softmax(DataType type, Shape shape, double[] values) {
    Call call = new Call("softmax", "softmax", type);
    Operand x = call.input("x", shape, values).defining();
    Operand y =
        call.output("y", shape, byRow(shape, call.tolerance().rounded(values), Oracle::softmax));
    return call.mayBe(y, x).of(b -> b.softmax().softmax(x.tensor(), y.tensor()));
  }

  private static Call logSoftmax(DataType type, Shape shape, double[] values) {
    Call call = new Call("logSoftmax", "logSoftmax", type);
    Operand x = call.input("x", shape, values).defining();
    Operand y =
        call.output("y", shape, byRow(shape, call.tolerance().rounded(values), Oracle::logSoftmax));
    return call.mayBe(y, x).of(b -> b.softmax().logSoftmax(x.tensor(), y.tensor()));
  }

  /** Describes the backward pass after a forward pass over x. */
  private static Call softmaxBackward(DataType type, Shape shape, double[] x, double[] outer) {
    Call call = new Call("softmaxBackward", "softmax backward", type);
    Tolerance t = call.tolerance();
    double[] kept = Oracle.values(byRow(shape, t.exact(x), Oracle::softmax));
    Bounded[] expected = byRow(shape, t.rounded(kept), t.exact(outer), Oracle::softmaxBackward);
    Operand y = call.input("y", shape, kept).defining();
    Operand dy = call.input("dy", shape, outer);
    Operand dx = call.output("dx", shape, expected);
    return call.mayBe(dx, dy)
        .of(b -> b.softmax().softmaxBackward(y.tensor(), dy.tensor(), dx.tensor()));
  }

  /** Describes the backward pass after a forward pass over x. */
  private static Call logSoftmaxBackward(DataType type, Shape shape, double[] x, double[] outer) {
    Call call = new Call("logSoftmaxBackward", "logSoftmax backward", type);
    Tolerance t = call.tolerance();
    double[] kept = Oracle.values(byRow(shape, t.exact(x), Oracle::logSoftmax));
    Bounded[] expected = byRow(shape, t.rounded(kept), t.exact(outer), Oracle::logSoftmaxBackward);
    Operand y = call.input("y", shape, kept).defining();
    Operand dy = call.input("dy", shape, outer);
    Operand dx = call.output("dx", shape, expected);
    return call.mayBe(dx, dy)
        .of(b -> b.softmax().logSoftmaxBackward(y.tensor(), dy.tensor(), dx.tensor()));
  }

  private static Bounded[] byRow(Shape shape, Bounded[] x, UnaryOperator<Bounded[]> f) {
    return rows(shape)
        .flatMap(r -> Arrays.stream(f.apply(row(x, shape, r))))
        .toArray(Bounded[]::new);
  }

  private static Bounded[] byRow(
      Shape shape, Bounded[] y, Bounded[] dy, BinaryOperator<Bounded[]> f) {
    return rows(shape)
        .flatMap(r -> Arrays.stream(f.apply(row(y, shape, r), row(dy, shape, r))))
        .toArray(Bounded[]::new);
  }

  /** The rows that have an element. */
  private static Stream<Integer> rows(Shape shape) {
    return IntStream.range(0, shape.elements() == 0 ? 0 : shape.rows()).boxed();
  }

  private static Bounded[] row(Bounded[] values, Shape shape, int row) {
    return Arrays.copyOfRange(values, row * shape.columns(), (row + 1) * shape.columns());
  }
}

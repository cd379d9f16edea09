package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Softmax;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
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
    Call call = new Call("softmax", "softmax", type);
    double three = (float) Math.log(3);
    Bounded[] computed = Oracle.softmax(call.tolerance().rounded(0, Math.log(3)));
    Operand x = call.input("x", Shape.of(1, 2), 0, three);
    Operand y = call.output("y", Shape.of(1, 2), Oracle.anchored(computed, 0.25, 0.75));
    if (type == DataType.FLOAT32) {
      check(call.of(b -> b.softmax().softmax(x.tensor(), y.tensor())));
    }
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everyRowLength(DataType type, int size) {
    int rows = size == Numbers.LARGE ? 1 : 3;
    Numbers numbers = new Numbers(size);
    all(type, Shape.of(rows, size), numbers.uniform(rows * size, -5, 5)).forEach(this::check);
  }

  @ParameterizedTest
  @MethodSource("types")
  void manyRows(DataType type) {
    all(type, Shape.of(6_007, 17), new Numbers(2).uniform(6_007 * 17, -9, 9)).forEach(this::check);
    all(type, Shape.of(0, 5)).forEach(this::check);
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

  private static Stream<Call> all(DataType type, Shape shape, double... x) {
    return Stream.of(
        softmax(type, shape, x),
        logSoftmax(type, shape, x),
        softmaxBackward(type, shape, x),
        logSoftmaxBackward(type, shape, x));
  }

  private static Call softmax(DataType type, Shape shape, double[] values) {
    Call call = new Call("softmax", "softmax", type);
    Operand x = call.input("x", shape, values).defining();
    Operand y = call.output("y", shape, byRow(call, shape, values, Oracle::softmax));
    return call.mayBe(y, x).of(b -> b.softmax().softmax(x.tensor(), y.tensor()));
  }

  private static Call logSoftmax(DataType type, Shape shape, double[] values) {
    Call call = new Call("logSoftmax", "logSoftmax", type);
    Operand x = call.input("x", shape, values).defining();
    Operand y = call.output("y", shape, byRow(call, shape, values, Oracle::logSoftmax));
    return call.mayBe(y, x).of(b -> b.softmax().logSoftmax(x.tensor(), y.tensor()));
  }

  private static Call softmaxBackward(DataType type, Shape shape, double[] x) {
    Call call = new Call("softmaxBackward", "softmax backward", type);
    double[] out = floats(byRow(call, shape, x, Oracle::softmax));
    double[] outer = new Numbers(7).uniform(x.length);
    Tolerance t = call.tolerance();
    Operand y = call.input("y", shape, out).defining();
    Operand dy = call.input("dy", shape, outer);
    Operand dx =
        call.output(
            "dx",
            shape,
            rows(shape)
                .flatMap(
                    r ->
                        Arrays.stream(
                            Oracle.softmaxBackward(
                                t, t.exact(row(out, shape, r)), t.exact(row(outer, shape, r)))))
                .toArray(Bounded[]::new));
    return call.mayBe(dx, dy)
        .of(b -> b.softmax().softmaxBackward(y.tensor(), dy.tensor(), dx.tensor()));
  }

  private static Call logSoftmaxBackward(DataType type, Shape shape, double[] x) {
    Call call = new Call("logSoftmaxBackward", "logSoftmax backward", type);
    double[] out = floats(byRow(call, shape, x, Oracle::logSoftmax));
    double[] outer = new Numbers(7).uniform(x.length);
    Tolerance t = call.tolerance();
    Operand y = call.input("y", shape, out).defining();
    Operand dy = call.input("dy", shape, outer);
    Operand dx =
        call.output(
            "dx",
            shape,
            rows(shape)
                .flatMap(
                    r ->
                        Arrays.stream(
                            Oracle.logSoftmaxBackward(
                                t, t.exact(row(out, shape, r)), t.exact(row(outer, shape, r)))))
                .toArray(Bounded[]::new));
    return call.mayBe(dx, dy)
        .of(b -> b.softmax().logSoftmaxBackward(y.tensor(), dy.tensor(), dx.tensor()));
  }

  private static Bounded[] byRow(
      Call call, Shape shape, double[] values, UnaryOperator<Bounded[]> f) {
    return rows(shape)
        .flatMap(r -> Arrays.stream(f.apply(call.tolerance().exact(row(values, shape, r)))))
        .toArray(Bounded[]::new);
  }

  /** The rows that have an element. */
  private static Stream<Integer> rows(Shape shape) {
    return IntStream.range(0, shape.elements() == 0 ? 0 : shape.rows()).boxed();
  }

  private static double[] row(double[] values, Shape shape, int row) {
    return Arrays.copyOfRange(values, row * shape.columns(), (row + 1) * shape.columns());
  }

  /** What a FLOAT32 forward pass would have kept. */
  private static double[] floats(Bounded[] numbers) {
    return Arrays.stream(numbers).mapToDouble(number -> (float) number.value()).toArray();
  }
}

package dev.tandem.engine.conformance;

import dev.tandem.engine.Broadcast;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Elementwise;
import dev.tandem.engine.Elementwise.Binary;
import dev.tandem.engine.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Elementwise} must do. */
abstract class ElementwiseConformance extends FamilyConformance {
  private static final double NAN = Double.NaN;
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  ElementwiseConformance() {
    super(Elementwise.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    Stream<Call> binaries =
        Arrays.stream(Binary.values())
            .flatMap(
                operation ->
                    Stream.of(
                        binary(type, operation, Broadcast.SAME, Shape.of(2, 3, 5)),
                        binary(type, operation, Broadcast.SCALAR, Shape.of(2, 3, 5)),
                        binary(type, operation, Broadcast.ROW, Shape.of(2, 3, 5)),
                        binary(type, operation, Broadcast.CHANNEL, Shape.of(2, 3, 5)),
                        named(type, operation)));
    Stream<Call> others =
        Stream.of(
            scale(type, 19, 0.7),
            axpy(type, 19, -0.7),
            multiplyAdd(type, 19),
            clamp(type, -0.5, 0.25, new Numbers(1).uniform(19)),
            transpose(type, 3, 7),
            swapAxes(type, 3, 2, 7));
    return Stream.concat(binaries, others);
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    Call call = new Call("binary", "subtract", type);
    Operand x = call.input("x", Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Operand y = call.input("y", Shape.of(3), 10, 20, 30);
    Bounded[] expected = call.tolerance().exact(-9, -18, -27, -6, -15, -24);
    Operand out = call.output("out", Shape.of(2, 3), expected);
    check(
        call.of(
            b -> b.elementwise().subtract(x.tensor(), y.tensor(), Broadcast.ROW, out.tensor())));
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everySize(DataType type, int size) {
    for (Binary operation : Binary.values()) {
      check(binary(type, operation, Broadcast.SAME, Shape.of(size)));
      check(binary(type, operation, Broadcast.SCALAR, Shape.of(size)));
    }
    check(scale(type, size, 3));
    check(axpy(type, size, -0.3));
    check(multiplyAdd(type, size));
    check(clamp(type, -0.5, 0.5, new Numbers(size).uniform(size)));
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everyRowLength(DataType type, int size) {
    int columns = Math.min(size, Numbers.LARGE / 3);
    check(binary(type, Binary.ADD, Broadcast.ROW, Shape.of(3, columns)));
    check(binary(type, Binary.MULTIPLY, Broadcast.ROW, Shape.of(3, columns)));
    check(binary(type, Binary.ADD, Broadcast.CHANNEL, Shape.of(2, 3, columns)));
    check(binary(type, Binary.DIVIDE, Broadcast.CHANNEL, Shape.of(2, columns)));
    check(transpose(type, 3, columns));
    check(transpose(type, columns, 2));
  }

  @ParameterizedTest
  @MethodSource("types")
  void manyRowsAndChannels(DataType type) {
    check(binary(type, Binary.ADD, Broadcast.ROW, Shape.of(1_009, 101)));
    check(binary(type, Binary.SUBTRACT, Broadcast.CHANNEL, Shape.of(7, 61, 13, 19)));
    check(binary(type, Binary.ADD, Broadcast.ROW, Shape.of(0, 5)));
    check(binary(type, Binary.ADD, Broadcast.CHANNEL, Shape.of(0, 5, 2)));
    check(transpose(type, 257, 393));
    check(swapAxes(type, 2, 257, 193));
    check(swapAxes(type, 257, 3, 1));
    check(swapAxes(type, 4, 0, 3));
  }

  @ParameterizedTest
  @MethodSource("types")
  void specialNumbersFollowIeee754(DataType type) {
    double[] x = {1, -1, 0, INFINITY, INFINITY, NAN, 0, 0x1p100, -0.0, INFINITY};
    double[] y = {0, 0, 0, INFINITY, 2, 1, NAN, 0x1p-100, 3, 0};
    for (Binary operation : Binary.values()) {
      check(binary(type, operation, Broadcast.SAME, Shape.of(x.length), x, y));
    }
    check(clamp(type, -1, 1, new double[] {NAN, INFINITY, -INFINITY, 0x1p100, -0x1p100, 0.5}));
    check(clamp(type, -INFINITY, INFINITY, new double[] {NAN, INFINITY, -INFINITY, 0x1p100}));
  }

  @ParameterizedTest
  @MethodSource("types")
  void addsATensorToItself(DataType type) {
    Call call = new Call("axpy", "axpy", type);
    Bounded[] expected = call.tolerance().exact(3, 6, 9);
    Operand x = call.updated("x", Shape.of(3), new double[] {1, 2, 3}, expected);
    check(call.of(b -> b.elementwise().axpy(2, x.tensor(), x.tensor())));
  }

  @Test
  void refusesWhatHasNoMeaning() {
    Call channels = binary(DataType.FLOAT32, Binary.ADD, Broadcast.SAME, Shape.of(3));
    bound(
        channels,
        () -> {
          var x = channels.operands().get(0).tensor();
          var out = channels.operands().get(2).tensor();
          refuses(
              () -> backend().elementwise().add(x, x, Broadcast.CHANNEL, out),
              "add: 'x' is x[3] FLOAT32, but broadcast CHANNEL needs [N,C,...]");
          refuses(
              () -> backend().elementwise().clamp(2, 1, x, out),
              "clamp: low 2.0 is not below high 1.0 (give an interval)");
          refuses(
              () -> backend().elementwise().clamp(NAN, 1, x, out),
              "clamp: low NaN is not below high 1.0 (give an interval)");
          refuses(
              () -> backend().elementwise().transpose2d(x, out),
              "transpose2d: 'x' is x[3] FLOAT32 and 'out' is out[3] FLOAT32, expected [M,N] and [N,M]");
          refuses(
              () -> backend().elementwise().swapAxes(x, out),
              "swapAxes: 'x' is x[3] FLOAT32 and 'out' is out[3] FLOAT32, expected [A,B,C] and [B,A,C]");
        });
  }

  /** One of the four methods that stand for {@link Elementwise#binary}. */
  private static Call named(DataType type, Binary operation) {
    Call call = binary(type, operation, Broadcast.SAME, Shape.of(7));
    String method = operation.name().toLowerCase(Locale.ROOT);
    Operand x = call.operands().get(0);
    Operand y = call.operands().get(1);
    Operand out = call.operands().get(2);
    Call named = call.as(method);
    return switch (operation) {
      case ADD ->
          named.of(b -> b.elementwise().add(x.tensor(), y.tensor(), Broadcast.SAME, out.tensor()));
      case SUBTRACT ->
          named.of(
              b -> b.elementwise().subtract(x.tensor(), y.tensor(), Broadcast.SAME, out.tensor()));
      case MULTIPLY ->
          named.of(
              b -> b.elementwise().multiply(x.tensor(), y.tensor(), Broadcast.SAME, out.tensor()));
      case DIVIDE ->
          named.of(
              b -> b.elementwise().divide(x.tensor(), y.tensor(), Broadcast.SAME, out.tensor()));
    };
  }

  private static Call binary(DataType type, Binary operation, Broadcast broadcast, Shape shape) {
    int elements = (int) shape.elements();
    Numbers numbers = new Numbers(elements);
    double[] y = numbers.uniform(repeated(shape, broadcast), 0.5, 2);
    return binary(type, operation, broadcast, shape, numbers.uniform(elements), y);
  }

  private static Call binary(
      DataType type, Binary operation, Broadcast broadcast, Shape shape, double[] x, double[] y) {
    Call call = new Call("binary", operation.name().toLowerCase(Locale.ROOT), type);
    Shape small = broadcast == Broadcast.SAME ? shape : Shape.of(y.length);
    Operand left = call.input("x", shape, x).defining();
    Operand right = call.input("y", small, y);
    int behind =
        shape.rank() < 3
            ? 1
            : (int) (shape.elements() / Math.max(1, shape.dimension(0) * shape.dimension(1)));
    IntUnaryOperator partner =
        switch (broadcast) {
          case SAME -> i -> i;
          case SCALAR -> i -> 0;
          case ROW -> i -> i % y.length;
          case CHANNEL -> i -> i / behind % y.length;
        };
    Tolerance t = call.tolerance();
    Bounded[] expected =
        IntStream.range(0, x.length)
            .mapToObj(i -> combine(operation, t.exact(x[i]), t.exact(y[partner.applyAsInt(i)])))
            .toArray(Bounded[]::new);
    Operand out = call.output("out", shape, expected);
    call.mayBe(out, left);
    if (small.elements() == shape.elements()) {
      call.mayBe(out, right);
    }
    return call.of(
        b ->
            b.elementwise()
                .binary(operation, left.tensor(), right.tensor(), broadcast, out.tensor()));
  }

  private static int repeated(Shape shape, Broadcast broadcast) {
    return switch (broadcast) {
      case SAME -> (int) shape.elements();
      case SCALAR -> 1;
      case ROW -> shape.columns();
      case CHANNEL -> shape.dimension(1);
    };
  }

  private static Bounded combine(Binary operation, Bounded x, Bounded y) {
    return switch (operation) {
      case ADD -> x.plus(y);
      case SUBTRACT -> x.minus(y);
      case MULTIPLY -> x.times(y);
      case DIVIDE -> x.over(y);
    };
  }

  private static Call scale(DataType type, int size, double alpha) {
    Call call = new Call("scale", "scale", type);
    double[] values = new Numbers(size).uniform(size);
    Operand x = call.input("x", Shape.of(size), values).defining();
    Bounded factor = call.tolerance().rounded(alpha);
    Operand out =
        call.output(
            "out", Shape.of(size), Oracle.map(call.tolerance().exact(values), factor::times));
    return call.mayBe(out, x).of(b -> b.elementwise().scale(alpha, x.tensor(), out.tensor()));
  }

  private static Call axpy(DataType type, int size, double alpha) {
    Call call = new Call("axpy", "axpy", type);
    Numbers numbers = new Numbers(size);
    Tolerance t = call.tolerance();
    Bounded[] x = t.exact(numbers.uniform(size));
    double[] before = numbers.uniform(size);
    Bounded[] after = Oracle.indexed(size, i -> t.rounded(alpha).times(x[i]).plus(before[i]));
    Operand in = call.input("x", Shape.of(size), Oracle.values(x)).defining();
    Operand y = call.updated("y", Shape.of(size), before, after);
    return call.mayBe(y, in).of(b -> b.elementwise().axpy(alpha, in.tensor(), y.tensor()));
  }

  private static Call multiplyAdd(DataType type, int size) {
    Call call = new Call("multiplyAdd", "multiplyAdd", type);
    Numbers numbers = new Numbers(size);
    Tolerance t = call.tolerance();
    Bounded[] x = t.exact(numbers.uniform(size));
    Bounded[] y = t.exact(numbers.uniform(size));
    Bounded[] z = t.exact(numbers.uniform(size));
    Shape shape = Shape.of(size);
    Operand first = call.input("x", shape, Oracle.values(x)).defining();
    Operand second = call.input("y", shape, Oracle.values(y));
    Operand third = call.input("z", shape, Oracle.values(z));
    Operand out = call.output("out", shape, Oracle.indexed(size, i -> x[i].times(y[i]).plus(z[i])));
    return call.mayBe(out, first)
        .mayBe(out, second)
        .mayBe(out, third)
        .of(
            b ->
                b.elementwise()
                    .multiplyAdd(first.tensor(), second.tensor(), third.tensor(), out.tensor()));
  }

  private static Call clamp(DataType type, double low, double high, double[] values) {
    Call call = new Call("clamp", "clamp", type);
    Tolerance t = call.tolerance();
    Shape shape = Shape.of(values.length);
    Operand x = call.input("x", shape, values).defining();
    Operand out =
        call.output(
            "out",
            shape,
            Oracle.map(t.exact(values), value -> Oracle.clamp(value, t.exact(low), t.exact(high))));
    return call.mayBe(out, x).of(b -> b.elementwise().clamp(low, high, x.tensor(), out.tensor()));
  }

  private static Call transpose(DataType type, int rows, int columns) {
    Call call = new Call("transpose2d", "transpose2d", type);
    double[] values = new Numbers(rows).uniform(rows * columns);
    Tolerance t = call.tolerance();
    Operand x = call.input("x", Shape.of(rows, columns), values).defining();
    Operand out =
        call.output(
            "out",
            Shape.of(columns, rows),
            Oracle.indexed(values.length, at -> t.exact(values[at % rows * columns + at / rows])));
    return call.of(b -> b.elementwise().transpose2d(x.tensor(), out.tensor()));
  }

  private static Call swapAxes(DataType type, int first, int second, int third) {
    Call call = new Call("swapAxes", "swapAxes", type);
    double[] values = new Numbers(first).uniform(first * second * third);
    Tolerance t = call.tolerance();
    Operand x = call.input("x", Shape.of(first, second, third), values).defining();
    Operand out =
        call.output(
            "out",
            Shape.of(second, first, third),
            Oracle.indexed(
                values.length,
                at -> {
                  int b = at / third / first;
                  int a = at / third % first;
                  return t.exact(values[(a * second + b) * third + at % third]);
                }));
    return call.of(b -> b.elementwise().swapAxes(x.tensor(), out.tensor()));
  }
}

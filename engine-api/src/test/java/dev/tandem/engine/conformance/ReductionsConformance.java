package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Reductions;
import dev.tandem.engine.Reductions.Axis;
import dev.tandem.engine.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Reductions} must do. */
abstract class ReductionsConformance extends FamilyConformance {
  private static final double NAN = Double.NaN;
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  ReductionsConformance() {
    super(Reductions.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    Shape shape = Shape.of(2, 3, 5);
    double[] x = new Numbers(1).uniform(30);
    Stream<Call> byAxis =
        Arrays.stream(Axis.values())
            .flatMap(
                axis ->
                    Stream.of(
                        sum(type, axis, false, shape, x),
                        sum(type, axis, true, shape, x),
                        mean(type, axis, shape, x),
                        max(type, axis, shape, x)));
    Stream<Call> others =
        Stream.of(
            argmax(type, shape, x),
            sumOfSquares(type, x),
            dot(type, x, new Numbers(2).uniform(30)),
            countNonFinite(type, x));
    return Stream.concat(byAxis, others);
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    Call call = new Call("sum", "sum", type);
    Operand x = call.input("x", Shape.of(2, 3), 1, 2, 3, 40, 50, 60);
    Operand out = call.output("out", Shape.of(3), call.tolerance().exact(41, 52, 63));
    check(call.of(b -> b.reductions().sum(x.tensor(), Axis.ROWS, false, out.tensor())));
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everySize(DataType type, int size) {
    Numbers numbers = new Numbers(size);
    for (double[] x : new double[][] {numbers.uniform(size), numbers.integers(size)}) {
      double[] y = numbers.integers(size);
      check(sum(type, Axis.ALL, false, Shape.of(size), x));
      check(sum(type, Axis.ALL, true, Shape.of(size), x));
      check(mean(type, Axis.ALL, Shape.of(size), x));
      check(sumOfSquares(type, x));
      check(dot(type, x, y));
      check(countNonFinite(type, x));
      if (size > 0) {
        check(max(type, Axis.ALL, Shape.of(size), x));
        check(argmax(type, Shape.of(size), x));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everyRowAndColumnLength(DataType type, int size) {
    Numbers numbers = new Numbers(size);
    int length = Math.min(size, Numbers.LARGE / 3);
    for (Shape shape : new Shape[] {Shape.of(3, length), Shape.of(length, 3)}) {
      double[] x = numbers.integers(3 * length);
      for (Axis axis : Axis.values()) {
        check(sum(type, axis, false, shape, x));
        check(sum(type, axis, true, shape, x));
        check(mean(type, axis, shape, x));
        if (size > 0) {
          check(max(type, axis, shape, x));
        }
      }
      if (size > 0) {
        check(argmax(type, shape, x));
      }
    }
  }

  @Test
  void manyRowsAndColumns() {
    Shape shape = Shape.of(331, 317);
    Numbers numbers = new Numbers(3);
    double[] x = numbers.uniform((int) shape.elements());
    double[] whole = numbers.integers((int) shape.elements());
    for (Axis axis : Axis.values()) {
      check(sum(DataType.FLOAT32, axis, false, shape, x));
      check(sum(DataType.FLOAT32, axis, true, shape, whole));
      check(mean(DataType.FLOAT32, axis, shape, x));
      check(max(DataType.FLOAT32, axis, shape, x));
    }
    check(argmax(DataType.FLOAT32, shape, x));
  }

  @ParameterizedTest
  @MethodSource("types")
  void nothingToReduce(DataType type) {
    check(sum(type, Axis.ROWS, false, Shape.of(0, 5)));
    check(sum(type, Axis.ROWS, true, Shape.of(0, 5)));
    check(mean(type, Axis.ROWS, Shape.of(0, 5)));
    check(sum(type, Axis.COLUMNS, false, Shape.of(5, 0)));
    check(mean(type, Axis.COLUMNS, Shape.of(5, 0)));
  }

  @ParameterizedTest
  @MethodSource("types")
  void notANumberAndInfinityAnywhere(DataType type) {
    int size = 67;
    double[] numbers = new Numbers(4).integers(size);
    for (int at = 0; at < size; at++) {
      double[] x = numbers.clone();
      x[at] = NAN;
      check(max(type, Axis.ALL, Shape.of(size), x));
      check(argmax(type, Shape.of(size), x));
      check(sum(type, Axis.ALL, false, Shape.of(size), x));
      check(countNonFinite(type, x));
      x[at] = -INFINITY;
      check(max(type, Axis.ALL, Shape.of(size), x));
      check(argmax(type, Shape.of(size), x));
      check(countNonFinite(type, x));
      x[(at * 7 + 5) % size] = INFINITY;
      check(argmax(type, Shape.of(size), x));
      check(sum(type, Axis.ALL, false, Shape.of(size), x));
    }
    check(max(type, Axis.ROWS, Shape.of(2, 3), new double[] {1, NAN, 3, NAN, 2, -INFINITY}));
    check(max(type, Axis.COLUMNS, Shape.of(2, 3), new double[] {1, NAN, 3, -1, -2, -INFINITY}));
    double[] lowest = {-INFINITY, -INFINITY};
    check(max(type, Axis.ALL, Shape.of(2), lowest));
    check(argmax(type, Shape.of(2), lowest));
  }

  @ParameterizedTest
  @MethodSource("types")
  void firstOfEqualMaxima(DataType type) {
    for (int size : Numbers.sizes().toArray()) {
      double[] x = new double[2 * size];
      Arrays.fill(x, -7);
      x[size / 2] = 5;
      x[size - 1] = 5;
      check(argmax(type, Shape.of(2, size), x));
    }
    check(argmax(type, Shape.of(5), new double[] {1, NAN, INFINITY, NAN, 2}));
  }

  Stream<Arguments> golden() {
    return typesAndGolden("linear");
  }

  /** The gradient of a bias. */
  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithPyTorch(DataType type, Golden golden) {
    Call call = sum(type, Axis.ROWS, false, golden.shape("dy"), golden.doubles("dy"));
    check(call.anchor("out", golden.doubles("dbias")));
  }

  @Test
  void refusesTheMaximumOfNothing() {
    Call call = sum(DataType.FLOAT32, Axis.ALL, false, Shape.of(0));
    bound(
        call,
        () -> {
          var x = call.operands().get(0).tensor();
          var out = call.operands().get(1).tensor();
          refuses(
              () -> backend().reductions().max(x, Axis.ALL, out),
              "max: 'x' is x[0] FLOAT32, which has no elements (a maximum needs one)");
        });
  }

  /** The elements of x that go into each result. */
  private static double[][] groups(Axis axis, Shape shape, double[] x) {
    int rows = shape.rows();
    int columns = shape.columns();
    return switch (axis) {
      case ALL -> new double[][] {x};
      case ROWS ->
          IntStream.range(0, columns)
              .mapToObj(
                  j -> IntStream.range(0, rows).mapToDouble(i -> x[i * columns + j]).toArray())
              .toArray(double[][]::new);
      case COLUMNS ->
          IntStream.range(0, rows)
              .mapToObj(i -> Arrays.copyOfRange(x, i * columns, (i + 1) * columns))
              .toArray(double[][]::new);
    };
  }

  private static Call sum(DataType type, Axis axis, boolean accumulate, Shape shape, double... x) {
    Call call = new Call("sum", "sum", type);
    Tolerance t = call.tolerance();
    double[][] groups = groups(axis, shape, x);
    double[] held = new Numbers(9).integers(groups.length);
    Bounded[] sums = Oracle.indexed(groups.length, r -> t.sum(t.exact(groups[r])));
    Operand in = call.input("x", shape, x).defining();
    Shape results = Shape.of(groups.length);
    Operand out =
        accumulate
            ? call.updated(
                "out", results, held, Oracle.indexed(held.length, r -> sums[r].plus(held[r])))
            : call.output("out", results, sums);
    return call.of(b -> b.reductions().sum(in.tensor(), axis, accumulate, out.tensor()));
  }

  private static Call mean(DataType type, Axis axis, Shape shape, double... x) {
    Call call = new Call("mean", "mean", type);
    Tolerance t = call.tolerance();
    double[][] groups = groups(axis, shape, x);
    Operand in = call.input("x", shape, x).defining();
    Bounded[] means =
        Oracle.indexed(groups.length, r -> t.sum(t.exact(groups[r])).over(groups[r].length));
    Operand out = call.output("out", Shape.of(groups.length), means);
    return call.of(b -> b.reductions().mean(in.tensor(), axis, out.tensor()));
  }

  private static Call max(DataType type, Axis axis, Shape shape, double[] x) {
    Call call = new Call("max", "max", type);
    double[] largest =
        Arrays.stream(groups(axis, shape, x))
            .mapToDouble(group -> Arrays.stream(group).reduce(-INFINITY, Math::max))
            .toArray();
    Operand in = call.input("x", shape, x).defining();
    Operand out = call.output("out", Shape.of(largest.length), call.tolerance().exact(largest));
    return call.of(b -> b.reductions().max(in.tensor(), axis, out.tensor()));
  }

  private static Call argmax(DataType type, Shape shape, double[] x) {
    Call call = new Call("argmax", "argmax", type);
    int[] places =
        Arrays.stream(groups(Axis.COLUMNS, shape, x))
            .mapToInt(ReductionsConformance::firstLargest)
            .toArray();
    Operand in = call.input("x", shape, x).defining();
    Operand out = call.outputIndices("out", Shape.of(places.length), places);
    return call.of(b -> b.reductions().argmax(in.tensor(), out.tensor()));
  }

  private static int firstLargest(double[] row) {
    double largest = Arrays.stream(row).reduce(-INFINITY, Math::max);
    return IntStream.range(0, row.length)
        .filter(j -> Double.isNaN(largest) ? Double.isNaN(row[j]) : row[j] == largest)
        .findFirst()
        .orElseThrow();
  }

  private static Call sumOfSquares(DataType type, double[] x) {
    Call call = new Call("sumOfSquares", "sumOfSquares", type);
    Operand in = call.input("x", Shape.of(x.length), x).defining();
    Bounded expected = call.tolerance().dot(x.length, i -> x[i], i -> x[i]);
    Operand out = call.output("out", Shape.of(1), expected);
    return call.of(b -> b.reductions().sumOfSquares(in.tensor(), out.tensor()));
  }

  private static Call dot(DataType type, double[] x, double[] y) {
    Call call = new Call("dot", "dot", type);
    Operand left = call.input("x", Shape.of(x.length), x).defining();
    Operand right = call.input("y", Shape.of(y.length), y);
    Bounded expected = call.tolerance().dot(x.length, i -> x[i], i -> y[i]);
    Operand out = call.output("out", Shape.of(1), expected);
    return call.of(b -> b.reductions().dot(left.tensor(), right.tensor(), out.tensor()));
  }

  private static Call countNonFinite(DataType type, double[] x) {
    Call call = new Call("countNonFinite", "countNonFinite", type);
    int count = (int) Arrays.stream(x).filter(value -> !Double.isFinite(value)).count();
    Operand in = call.input("x", Shape.of(x.length), x).defining();
    Operand out = call.outputIndices("out", Shape.of(1), count);
    return call.of(b -> b.reductions().countNonFinite(in.tensor(), out.tensor()));
  }
}

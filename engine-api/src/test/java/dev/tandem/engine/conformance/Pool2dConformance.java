package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Pool2d;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Pool2dSpec.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Pool2d} must do. */
abstract class Pool2dConformance extends FamilyConformance {
  /** Batch, channels, inHeight, inWidth, then height and width of kernel, stride, padding. */
  private static final int[][] SPECS = {
    {2, 3, 1, 1, 1, 1, 1, 1, 0, 0},
    {1, 2, 1, 1, 2, 2, 1, 1, 1, 1},
    {2, 3, 4, 6, 2, 2, 2, 2, 0, 0},
    {1, 2, 5, 7, 2, 2, 2, 2, 0, 0},
    {1, 2, 5, 7, 2, 2, 2, 2, 1, 1},
    {2, 2, 7, 9, 3, 3, 2, 2, 1, 1},
    {1, 3, 6, 11, 3, 3, 1, 1, 1, 1},
    {1, 2, 8, 13, 2, 3, 3, 3, 1, 0},
    {1, 2, 9, 10, 4, 5, 1, 4, 2, 2},
    {1, 2, 9, 10, 1, 1, 2, 3, 0, 0},
    {2, 5, 7, 7, 7, 7, 1, 1, 0, 0},
    {1, 2, 5, 3, 5, 3, 2, 2, 2, 1},
    {1, 1, 3, 67, 2, 2, 2, 2, 0, 0},
    {3, 2, 7, 7, 2, 2, 2, 2, 0, 0},
    {1, 5, 10, 3, 2, 2, 2, 2, 0, 0},
    {1, 3, 12, 34, 2, 2, 2, 2, 0, 0},
    {2, 2, 9, 35, 2, 2, 2, 2, 0, 0},
    {1, 1, 3, 67, 3, 2, 1, 2, 1, 1}
  };

  Pool2dConformance() {
    super(Pool2d.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    int[] sizes = {2, 3, 5, 6, 3, 2, 2, 1, 1, 1};
    return poolings(sizes).flatMap(spec -> Stream.of(forward(type, spec), backward(type, spec)));
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    Pool2dSpec max = Pool2dSpec.of(Mode.MAX, 1, 1, 2, 4, 2, 2, 0);
    double[] x = {1, 5, 2, 2, 3, 4, 2, 2};
    double[] dy = {10, 20};
    check(forward(type, max, x).anchor("y", 5, 2));
    check(backward(type, max, x, dy).anchor("dx", 0, 10, 20, 0, 0, 0, 0, 0));
    Pool2dSpec mean = Pool2dSpec.of(Mode.AVERAGE, 1, 1, 2, 4, 2, 2, 0);
    check(forward(type, mean, x).anchor("y", 3.25, 2));
    check(backward(type, mean, x, dy).anchor("dx", 2.5, 2.5, 5, 5, 2.5, 2.5, 5, 5));
    Pool2dSpec global = Pool2dSpec.globalAverage(1, 2, 2, 2);
    check(forward(type, global, x).anchor("y", 2.5, 2.75));
  }

  Stream<Arguments> specs() {
    return types()
        .flatMap(
            type ->
                Arrays.stream(SPECS)
                    .flatMap(Pool2dConformance::poolings)
                    .map(spec -> Arguments.of(type, spec)));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void everyKindOfSizes(DataType type, Pool2dSpec spec) {
    check(forward(type, spec));
    check(backward(type, spec));
  }

  @ParameterizedTest
  @MethodSource("types")
  void widthsAroundLaneCounts(DataType type) {
    for (int size : new int[] {2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64}) {
      for (int stride = 1; stride <= 3; stride++) {
        int[] sizes = {1, 2, 4, size, 2, 2, stride, stride, 0, 0};
        poolings(sizes)
            .forEach(
                spec -> {
                  check(forward(type, spec));
                  check(backward(type, spec));
                });
      }
    }
  }

  @Test
  void largeSizes() {
    int[][] large = {
      {5, 23, 28, 28, 2, 2, 2, 2, 0, 0},
      {3, 17, 31, 29, 3, 3, 2, 2, 1, 1},
      {7, 101, 8, 8, 8, 8, 1, 1, 0, 0}
    };
    for (int[] sizes : large) {
      poolings(sizes)
          .forEach(
              spec -> {
                check(forward(DataType.FLOAT32, spec));
                check(backward(DataType.FLOAT32, spec));
              });
    }
  }

  /** NaN is the maximum and the last one gets the gradient; a window of -inf alone has a first. */
  @ParameterizedTest
  @MethodSource("types")
  void notANumberAndInfinities(DataType type) {
    for (int stride = 1; stride <= 3; stride++) {
      for (int padding = 0; padding <= 1; padding++) {
        for (Mode mode : Mode.values()) {
          Pool2dSpec spec = Pool2dSpec.of(mode, 1, 2, 5, 37, 3, stride, padding);
          double[] x = new Numbers(stride).integers((int) spec.input().elements());
          Arrays.fill(x, 0, 90, Double.NEGATIVE_INFINITY);
          for (int i = 100; i < x.length; i += 31) {
            x[i] = Double.NaN;
            x[i + 1] = i % 2 == 0 ? Double.NaN : Double.POSITIVE_INFINITY;
          }
          check(forward(type, spec, x));
          int outputs = (int) spec.output().elements();
          check(backward(type, spec, x, new Numbers(stride).integers(outputs)));
        }
      }
    }
  }

  /** The same in windows that do not overlap, in rows that are vectors and in rows that are not. */
  @ParameterizedTest
  @MethodSource("types")
  void notANumberAndInfinitiesInPairs(DataType type) {
    for (int width : new int[] {2, 7, 14, 28, 64}) {
      Pool2dSpec spec = Pool2dSpec.of(Mode.MAX, 2, 3, 12, width, 2, 2, 0);
      double[] x = new Numbers(width).integers((int) spec.input().elements());
      Arrays.fill(x, 0, 4 * width, Double.NEGATIVE_INFINITY);
      for (int i = 5 * width; i < x.length; i += 13) {
        x[i] = Double.NaN;
        x[i - 1] = i % 2 == 0 ? Double.NaN : Double.POSITIVE_INFINITY;
      }
      check(forward(type, spec, x));
      int outputs = (int) spec.output().elements();
      check(backward(type, spec, x, new Numbers(width).integers(outputs)));
    }
  }

  Stream<Arguments> golden() {
    return typesAndGolden("pool2d");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithPyTorch(DataType type, Golden golden) {
    String mode = golden.text("mode");
    Pool2dSpec spec =
        spec(
            mode.equals("MAX") ? Mode.MAX : Mode.AVERAGE,
            mode.equals("AVERAGE"),
            golden.ints("spec"));
    double[] x = golden.doubles("x");
    check(forward(type, spec, x).anchor("y", golden.doubles("y")));
    check(backward(type, spec, x, golden.doubles("dy")).anchor("dx", golden.doubles("dx")));
  }

  @Test
  void refusesImpossibleSizes() {
    refuses(
        () -> Pool2dSpec.of(Mode.MAX, 1, 0, 4, 4, 2, 2, 0), "pool2d: channels=0 (give 1 or more)");
    refuses(
        () -> Pool2dSpec.of(Mode.MAX, 1, 1, 4, 4, 3, 2, 2),
        "pool2d: paddingHeight=2 is more than half of kernelHeight=3 (give at most 1)");
    refuses(
        () -> Pool2dSpec.of(Mode.MAX, 1, 1, 4, 2, 4, 2, 0),
        "pool2d: kernelWidth=4 is more than inWidth=2 with paddingWidth=0 on either side (use a smaller kernel)");
    Call call = forward(DataType.FLOAT32, Pool2dSpec.of(Mode.MAX, 1, 2, 4, 4, 2, 2, 0));
    bound(
        call,
        () -> {
          var x = call.operands().get(0).tensor();
          var y = call.operands().get(1).tensor();
          Pool2dSpec other = Pool2dSpec.of(Mode.MAX, 1, 3, 4, 4, 2, 2, 0);
          refuses(
              () -> backend().pool2d().forward(other, x, y),
              "pool2d: 'x' is x[1,2,4,4] FLOAT32 with 32 elements, expected 48");
          refuses(
              () -> backend().pool2d().backward(other, x, y, y, x),
              "pool2d backward: 'x' is x[1,2,4,4] FLOAT32 with 32 elements, expected 48");
        });
  }

  private static Stream<Pool2dSpec> poolings(int... sizes) {
    return Stream.of(
        spec(Mode.MAX, true, sizes),
        spec(Mode.AVERAGE, true, sizes),
        spec(Mode.AVERAGE, false, sizes));
  }

  private static Pool2dSpec spec(Mode mode, boolean countIncludePad, int... s) {
    return new Pool2dSpec(
        mode, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], countIncludePad);
  }

  /** Whole numbers for maxima, so that some are equal. */
  private static double[] numbers(Pool2dSpec spec) {
    Numbers numbers = new Numbers(spec.inWidth());
    int count = (int) spec.input().elements();
    return spec.mode() == Mode.MAX ? numbers.integers(count) : numbers.uniform(count);
  }

  private static Call forward(DataType type, Pool2dSpec spec) {
    return forward(type, spec, numbers(spec));
  }

  private static Call backward(DataType type, Pool2dSpec spec) {
    double[] dy = new Numbers(7).uniform((int) spec.output().elements());
    return backward(type, spec, numbers(spec), dy);
  }

  private static Call forward(DataType type, Pool2dSpec spec, double[] values) {
    Call call = new Call("forward", "pool2d", type);
    Operand x = call.input("x", spec.input(), values).defining();
    Operand y = call.output("y", spec.output(), results(call.tolerance(), spec, values));
    return call.of(b -> b.pool2d().forward(spec, x.tensor(), y.tensor()));
  }

  private static Call backward(DataType type, Pool2dSpec spec, double[] values, double[] outer) {
    Call call = new Call("backward", "pool2d backward", type);
    Tolerance t = call.tolerance();
    Operand x = call.input("x", spec.input(), values).defining();
    double[] results = Oracle.values(results(t, spec, values));
    Operand y = call.input("y", spec.output(), results);
    Operand dy = call.input("dy", spec.output(), outer);
    List<List<Bounded>> terms =
        Stream.generate(() -> (List<Bounded>) new ArrayList<Bounded>())
            .limit(values.length)
            .toList();
    for (int at = 0; at < outer.length; at++) {
      int[] window = window(spec, at);
      Bounded gradient = t.exact(dy.before()[at]);
      if (spec.mode() == Mode.MAX) {
        terms.get(largest(window, values)).add(gradient);
      } else {
        Bounded share = gradient.over(count(spec, window));
        Arrays.stream(window).forEach(i -> terms.get(i).add(share));
      }
    }
    Bounded[] sums =
        Oracle.indexed(values.length, i -> t.sum(terms.get(i).toArray(Bounded[]::new)));
    Operand dx = call.output("dx", spec.input(), sums);
    return call.of(
        b -> b.pool2d().backward(spec, x.tensor(), y.tensor(), dy.tensor(), dx.tensor()));
  }

  private static Bounded[] results(Tolerance t, Pool2dSpec spec, double[] x) {
    return Oracle.indexed(
        (int) spec.output().elements(),
        at -> {
          int[] window = window(spec, at);
          if (spec.mode() == Mode.MAX) {
            return t.exact(x[largest(window, x)]);
          }
          Bounded sum = t.sum(Oracle.indexed(window.length, i -> t.exact(x[window[i]])));
          return sum.over(count(spec, window));
        });
  }

  private static int count(Pool2dSpec spec, int[] window) {
    return spec.countIncludePad() ? spec.kernelHeight() * spec.kernelWidth() : window.length;
  }

  /** Returns the indices of the input in the window of an element of the output, row by row. */
  private static int[] window(Pool2dSpec spec, int at) {
    int channel = at / (spec.outHeight() * spec.outWidth());
    int i = at / spec.outWidth() % spec.outHeight();
    int j = at % spec.outWidth();
    List<Integer> indices = new ArrayList<>();
    for (int r = 0; r < spec.kernelHeight(); r++) {
      for (int t = 0; t < spec.kernelWidth(); t++) {
        int h = i * spec.strideHeight() + r - spec.paddingHeight();
        int v = j * spec.strideWidth() + t - spec.paddingWidth();
        if (h >= 0 && h < spec.inHeight() && v >= 0 && v < spec.inWidth()) {
          indices.add((channel * spec.inHeight() + h) * spec.inWidth() + v);
        }
      }
    }
    return indices.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Returns the first maximum of a window, or its last NaN. */
  private static int largest(int[] window, double[] x) {
    int largest = window[0];
    for (int index : window) {
      if (x[index] > x[largest] || Double.isNaN(x[index])) {
        largest = index;
      }
    }
    return largest;
  }
}

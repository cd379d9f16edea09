package dev.tandem.engine.conformance;

import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Losses.Pointwise;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Losses} must do. */
abstract class LossesConformance extends FamilyConformance {
  private static final int IGNORED = -100;
  private static final double DELTA = 0.75;

  LossesConformance() {
    super(Losses.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    Shape shape = Shape.of(2, 3, 5);
    CrossEntropySpec smooth = new CrossEntropySpec(IGNORED, 0.1);
    int[] labels = {0, 4, IGNORED, 2, 2, 1};
    Stream<Call> pointwise =
        Arrays.stream(Pointwise.values())
            .flatMap(
                f ->
                    Stream.of(
                        pointwise(type, f, 19, false, true),
                        pointwise(type, f, 19, false, false),
                        pointwise(type, f, 19, true, true),
                        pointwise(type, f, 19, true, false)));
    Stream<Call> crossEntropy =
        Stream.of(
            crossEntropy(type, CrossEntropySpec.PLAIN, shape, false, true, 0, 1, 2, 3, 4, 0),
            crossEntropy(type, CrossEntropySpec.PLAIN, shape, false, false, 0, 1, 2, 3, 4, 0),
            crossEntropy(type, smooth, shape, true, true, labels),
            crossEntropy(type, smooth, shape, true, false, labels));
    return Stream.concat(pointwise, crossEntropy);
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    Call call = new Call("pointwise", "mse", type);
    Operand p = call.input("prediction", Shape.of(4), 1, 2, 3, 4);
    Operand target = call.input("target", Shape.of(4), 1, 0, 6, 3);
    Operand loss = call.output("loss", Shape.of(2), call.tolerance().exact(3.5, 4));
    Operand dp = call.output("dprediction", Shape.of(4), call.tolerance().exact(0, 1, -1.5, 0.5));
    check(
        call.of(
            b ->
                b.losses()
                    .pointwise(
                        Pointwise.MSE,
                        0,
                        p.tensor(),
                        target.tensor(),
                        null,
                        loss.tensor(),
                        dp.tensor())));
  }

  /**
   * Errors 0, 2, -3, 1 with weights 5, 0.5, 2, 0: the mean over all four of 5 x 0 + 0.5 x 4 + 2 x 9
   * + 0 x 1 = 20 is 5, the gradient w e / 2.
   */
  @ParameterizedTest
  @MethodSource("types")
  void workedExampleWithWeights(DataType type) {
    Call call =
        pointwise(
            type,
            Pointwise.MSE,
            DELTA,
            new double[] {1, 2, 3, 4},
            new double[] {1, 0, 6, 3},
            new double[] {5, 0.5, 2, 0},
            true);
    check(call.anchor("loss", 5, 4).anchor("dprediction", 0, 0.5, -3, 0));
  }

  @ParameterizedTest
  @MethodSource("types")
  void weightZeroLeavesOut(DataType type) {
    for (Pointwise function : Pointwise.values()) {
      double[] p = new Numbers(8).uniform(37, -3, 3);
      double[] target = new Numbers(9).uniform(37, 0, 1);
      double[] none = new double[37];
      double[] zeros = new double[37];
      check(
          pointwise(type, function, DELTA, p, target, none, true)
              .anchor("loss", 0, 37)
              .anchor("dprediction", zeros));
    }
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everySize(DataType type, int size) {
    for (Pointwise function : Pointwise.values()) {
      for (boolean weighted : new boolean[] {false, true}) {
        check(pointwise(type, function, size, weighted, true));
        check(pointwise(type, function, size, weighted, false));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyNumberOfClasses(DataType type) {
    for (int classes : Numbers.sizes().toArray()) {
      int[] labels = new Numbers(classes).indices(7, classes);
      Shape shape = Shape.of(7, classes);
      check(crossEntropy(type, CrossEntropySpec.PLAIN, shape, false, true, labels));
      labels[3] = IGNORED;
      check(crossEntropy(type, new CrossEntropySpec(IGNORED, 0.2), shape, true, true, labels));
      check(crossEntropy(type, new CrossEntropySpec(IGNORED, 1), shape, false, true, labels));
    }
  }

  @Test
  void manyRows() {
    Shape shape = Shape.of(10_007, 10);
    int[] labels = new Numbers(3).indices(10_007, 10);
    check(crossEntropy(DataType.FLOAT32, CrossEntropySpec.PLAIN, shape, false, true, labels));
    check(crossEntropy(DataType.FLOAT32, new CrossEntropySpec(4, 0.1), shape, true, true, labels));
  }

  @Test
  void manyClasses() {
    for (int classes : new int[] {1_031, 10_007}) {
      int[] labels = {classes - 1, 0, IGNORED, classes / 2};
      Shape shape = Shape.of(4, classes);
      CrossEntropySpec smooth = new CrossEntropySpec(IGNORED, 0.1);
      check(crossEntropy(DataType.FLOAT32, smooth, shape, false, true, labels));
      check(crossEntropy(DataType.FLOAT32, smooth, shape, true, true, labels));
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void meanOverNothingIsZero(DataType type) {
    CrossEntropySpec spec = new CrossEntropySpec(2, 0);
    check(crossEntropy(type, spec, Shape.of(3, 5), false, true, 2, 2, 2));
    check(crossEntropy(type, spec, Shape.of(3, 5), true, true, 2, 2, 2));
    check(crossEntropy(type, spec, Shape.of(0, 5), false, true));
  }

  @ParameterizedTest
  @MethodSource("types")
  void labelOutOfRangeGivesNotANumber(DataType type) {
    for (int wrong : new int[] {-1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE + 1, 1 << 30}) {
      for (boolean weighted : new boolean[] {false, true}) {
        CrossEntropySpec spec = new CrossEntropySpec(IGNORED, 0.1);
        check(crossEntropy(type, spec, Shape.of(4, 5), weighted, true, 0, wrong, IGNORED, 3));
        check(crossEntropy(type, spec, Shape.of(1, 5), weighted, true, wrong));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void ignoredLabelMayBeAClass(DataType type) {
    check(crossEntropy(type, new CrossEntropySpec(0, 0), Shape.of(4, 3), true, true, 0, 1, 2, 0));
  }

  @ParameterizedTest
  @MethodSource("types")
  void hugeLogits(DataType type) {
    double[] logits = {1000, -1000, 0, -0x1p100, 0x1p100, 5, 88, -88, 90};
    check(crossEntropy(type, CrossEntropySpec.PLAIN, Shape.of(3, 3), logits, null, true, 0, 1, 2));
    check(crossEntropy(type, CrossEntropySpec.PLAIN, Shape.of(3, 3), logits, null, true, 1, 2, 0));
    double[] targets = {0, 1, 1, 0, 1, 0, 0.5, 0.25, 1};
    check(pointwise(type, Pointwise.SIGMOID_BCE, DELTA, logits, targets, null, true));
    check(pointwise(type, Pointwise.HUBER, DELTA, logits, targets, null, true));
    check(pointwise(type, Pointwise.MAE, DELTA, logits, targets, null, true));
  }

  @ParameterizedTest
  @MethodSource("types")
  void impossibleClassesCostNothing(DataType type) {
    double infinity = Double.POSITIVE_INFINITY;
    double[] logits = {-infinity, 1, 2, 0, -infinity, 1};
    check(crossEntropy(type, CrossEntropySpec.PLAIN, Shape.of(2, 3), logits, null, true, 1, 2));
    check(crossEntropy(type, CrossEntropySpec.PLAIN, Shape.of(2, 3), logits, null, true, 1, 1));
  }

  @ParameterizedTest
  @MethodSource("types")
  void notANumberReachesTheLoss(DataType type) {
    for (int at = 0; at < 19; at++) {
      double[] x = new Numbers(at).uniform(19);
      double[] targets = new Numbers(20).uniform(19, 0, 1);
      x[at] = Double.NaN;
      for (Pointwise function : Pointwise.values()) {
        check(pointwise(type, function, DELTA, x, targets, null, false));
      }
      int[] labels = {18};
      check(crossEntropy(type, CrossEntropySpec.PLAIN, Shape.of(1, 19), x, null, true, labels));
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void equalValuesHaveNoSlope(DataType type) {
    double[] same = {1, -2, 0.5};
    for (Pointwise f : new Pointwise[] {Pointwise.MAE, Pointwise.MSE, Pointwise.HUBER}) {
      check(pointwise(type, f, DELTA, same, same.clone(), null, true));
    }
  }

  Stream<Arguments> goldenCrossEntropy() {
    return typesAndGolden("cross_entropy");
  }

  @ParameterizedTest
  @MethodSource("goldenCrossEntropy")
  void crossEntropyAgreesWithPyTorch(DataType type, Golden golden) {
    CrossEntropySpec spec = new CrossEntropySpec(IGNORED, golden.number("smoothing"));
    double[] weights = golden.has("classWeights") ? golden.doubles("classWeights") : null;
    double[] logits = golden.doubles("logits");
    Call call =
        crossEntropy(
            type, spec, golden.shape("logits"), logits, weights, true, golden.ints("labels"));
    check(call.anchor("loss", golden.doubles("loss")).anchor("dlogits", golden.doubles("dlogits")));
  }

  Stream<Arguments> goldenPointwise() {
    return typesAndGolden("pointwise");
  }

  @ParameterizedTest
  @MethodSource("goldenPointwise")
  void pointwiseAgreesWithPyTorch(DataType type, Golden golden) {
    Call call =
        pointwise(
            type,
            Pointwise.valueOf(golden.name()),
            golden.number("delta"),
            golden.doubles("prediction"),
            golden.doubles("target"),
            golden.has("weights") ? golden.doubles("weights") : null,
            true);
    check(
        call.anchor("loss", golden.doubles("loss"))
            .anchor("dprediction", golden.doubles("dprediction")));
  }

  @Test
  void refusesWhatHasNoMeaning() {
    refuses(
        () -> new CrossEntropySpec(0, 1.5),
        "softmaxCrossEntropy: label smoothing is 1.5 (give a number from 0.0 to 1.0)");
    Call call = pointwise(DataType.FLOAT32, Pointwise.MSE, 3, false, true);
    bound(
        call,
        () -> {
          Tensor[] x = call.operands().stream().map(Operand::tensor).toArray(Tensor[]::new);
          refuses(
              () -> backend().losses().pointwise(Pointwise.HUBER, 0, x[0], x[1], null, x[2], x[3]),
              "huber: delta is 0.0 (give a number above 0)");
        });
  }

  private static Call crossEntropy(
      DataType type,
      CrossEntropySpec spec,
      Shape shape,
      boolean weighted,
      boolean withGradient,
      int... labels) {
    Numbers numbers = new Numbers(shape.elements());
    double[] logits = numbers.uniform((int) shape.elements(), -4, 4);
    double[] weights = weighted ? numbers.uniform(shape.columns(), 0.25, 2) : null;
    return crossEntropy(type, spec, shape, logits, weights, withGradient, labels);
  }

  /** Describes a cross-entropy; weights null for none. */
  private static Call crossEntropy(
      DataType type,
      CrossEntropySpec spec,
      Shape shape,
      double[] logits,
      double[] weights,
      boolean withGradient,
      int... labels) {
    Tolerance t = Tolerance.of(type);
    int classes = shape.columns();
    Bounded[][] rows =
        IntStream.range(0, labels.length)
            .mapToObj(i -> t.exact(Arrays.copyOfRange(logits, i * classes, (i + 1) * classes)))
            .toArray(Bounded[][]::new);
    Oracle.Loss expected =
        Oracle.crossEntropy(spec, rows, labels, weights == null ? null : t.exact(weights), t);
    Call call = new Call("softmaxCrossEntropy", "softmaxCrossEntropy", type);
    Operand z = call.input("logits", shape, logits).defining();
    Operand y = call.indices("labels", Shape.of(labels.length), labels);
    Operand w =
        weights == null
            ? null
            : call.input("classWeights", Shape.of(weights.length), weights).optional();
    Operand loss = call.output("loss", Shape.of(2), expected.mean(), expected.count());
    Operand dz =
        withGradient ? call.output("dlogits", shape, expected.gradient()).optional() : null;
    return call.of(
        b ->
            b.losses()
                .softmaxCrossEntropy(
                    spec, z.tensor(), y.tensor(), tensor(w), loss.tensor(), tensor(dz)));
  }

  private static Call pointwise(
      DataType type, Pointwise function, int size, boolean weighted, boolean withGradient) {
    Numbers numbers = new Numbers(size);
    double[] p = numbers.uniform(size, -3, 3);
    double[] target = numbers.uniform(size, 0, 1);
    double[] weights = weighted ? numbers.uniform(size, 0, 2) : null;
    return pointwise(type, function, DELTA, p, target, weights, withGradient);
  }

  /** Describes a loss of pairs; weights null for none. */
  private static Call pointwise(
      DataType type,
      Pointwise function,
      double delta,
      double[] p,
      double[] target,
      double[] weights,
      boolean withGradient) {
    Tolerance t = Tolerance.of(type);
    Oracle.Loss expected =
        Oracle.pointwise(
            function,
            delta,
            t.exact(p),
            t.exact(target),
            weights == null ? null : t.exact(weights),
            t);
    String name =
        function == Pointwise.SIGMOID_BCE ? "sigmoidBce" : function.name().toLowerCase(Locale.ROOT);
    Call call = new Call("pointwise", name, type);
    Shape shape = Shape.of(p.length);
    Operand prediction = call.input("prediction", shape, p).defining();
    Operand wanted = call.input("target", shape, target);
    Operand w = weights == null ? null : call.input("weights", shape, weights).optional();
    Operand loss = call.output("loss", Shape.of(2), expected.mean(), expected.count());
    Operand dp =
        withGradient ? call.output("dprediction", shape, expected.gradient()).optional() : null;
    return call.of(
        b ->
            b.losses()
                .pointwise(
                    function,
                    delta,
                    prediction.tensor(),
                    wanted.tensor(),
                    tensor(w),
                    loss.tensor(),
                    tensor(dp)));
  }

  private static Tensor tensor(Operand operand) {
    return operand == null ? null : operand.tensor();
  }
}

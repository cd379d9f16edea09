package dev.tandem.engine.conformance;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Conv2d} must do. */
abstract class Conv2dConformance extends FamilyConformance {
  Conv2dConformance() {
    super(Conv2d.class);
  }

  @Override
  Set<String> testedApart() {
    return Set.of("plan");
  }

  @Override
  Stream<Call> calls(DataType type) {
    Conv2dSpec spec = new Conv2dSpec(2, 4, 5, 6, 6, 3, 2, 2, 1, 1, 1, 1, 2, 2);
    Operands operands = new Operands(spec, new Numbers(3), true);
    Stream<Call> activated =
        Arrays.stream(Activation.values()).map(f -> forward(type, operands, true, f));
    return Stream.concat(
        activated,
        Stream.of(
            forward(type, operands, false, Activation.IDENTITY),
            backwardData(type, operands),
            backwardFilter(type, operands),
            backwardBias(type, operands)));
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    // The difference of neighbours to the left and right, of a row 1 4 9 16.
    Conv2dSpec spec = new Conv2dSpec(1, 1, 1, 4, 1, 1, 3, 1, 1, 0, 1, 1, 1, 1);
    Operands operands = new Operands(spec, new Numbers(1), true);
    operands.x = new double[] {1, 4, 9, 16};
    operands.w = new double[] {-1, 0, 1};
    operands.bias = new double[] {-5};
    operands.dy = new double[] {1, 2, 3, 4};
    operands.dw = new double[] {100, 200, 300};
    check(forward(type, operands, false, Activation.IDENTITY).anchor("y", 4, 8, 12, -9));
    check(forward(type, operands, true, Activation.RELU).anchor("y", 0, 3, 7, 0));
    check(backwardData(type, operands).anchor("dx", -2, -2, -2, 3));
    check(backwardFilter(type, operands).anchor("dw", 150, 300, 370));
  }

  Stream<Arguments> specs() {
    return types()
        .flatMap(
            type ->
                Arrays.stream(Conv2dSizes.ALL_KINDS)
                    .map(sizes -> Arguments.of(type, Conv2dSizes.spec(sizes))));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void everyKindOfSizes(DataType type, Conv2dSpec spec) {
    checkAll(type, spec);
  }

  Stream<Arguments> tiledSpecs() {
    return Arrays.stream(Conv2dSizes.TILED).map(sizes -> Arguments.of(Conv2dSizes.spec(sizes)));
  }

  @ParameterizedTest
  @MethodSource("tiledSpecs")
  void manyChannelsUnderSmallFilters(Conv2dSpec spec) {
    checkAll(DataType.FLOAT32, spec);
    Operands operands = new Operands(spec, new Numbers(spec.flops()), false);
    check(backwardData(DataType.FLOAT32, operands));
    for (Activation f : Activation.values()) {
      check(forward(DataType.FLOAT32, operands, true, f));
    }
  }

  /** Widths and channels around lane counts. */
  @ParameterizedTest
  @MethodSource("types")
  void sizesAroundLaneCounts(DataType type) {
    for (int size : new int[] {2, 7, 8, 9, 15, 16, 17, 31, 33}) {
      checkAll(type, Conv2dSpec.of(1, 2, 3, size, size, 3, 1, 1));
      checkAll(type, Conv2dSpec.of(2, size, 2, 2, 3, 2, 1, 1));
    }
  }

  @Test
  void largeSizes() {
    Arrays.stream(Conv2dSizes.LARGE)
        .forEach(sizes -> checkAll(DataType.FLOAT32, Conv2dSizes.spec(sizes)));
  }

  /** All directions on whole numbers, where nothing is forgiven, and forward on others. */
  private void checkAll(DataType type, Conv2dSpec spec) {
    Operands whole = new Operands(spec, new Numbers(spec.flops()), true);
    check(forward(type, whole, true, Activation.IDENTITY));
    check(backwardData(type, whole));
    check(backwardFilter(type, whole));
    check(backwardBias(type, whole));
    Operands others = new Operands(spec, new Numbers(spec.flops()), false);
    check(forward(type, others, true, Activation.TANH));
    check(backwardFilter(type, others));
  }

  /** Without padding, whose zeros may or may not meet a NaN. */
  @ParameterizedTest
  @MethodSource("types")
  void notANumberSpreadsAsFarAsItIsUsed(DataType type) {
    for (int stride = 1; stride <= 2; stride++) {
      Operands operands =
          new Operands(Conv2dSpec.of(2, 3, 7, 19, 5, 3, stride, 0), new Numbers(4), true);
      operands.x[40] = Double.NaN;
      operands.x[300] = Double.POSITIVE_INFINITY;
      operands.dy[7] = Double.NEGATIVE_INFINITY;
      operands.dy[31] = Double.NaN;
      check(forward(type, operands, true, Activation.RELU));
      check(backwardData(type, operands));
      check(backwardFilter(type, operands));
      check(backwardBias(type, operands));
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void hugeAndTinyNumbers(DataType type) {
    Operands operands = new Operands(Conv2dSpec.of(1, 3, 5, 18, 4, 3, 1, 1), new Numbers(5), false);
    Arrays.setAll(operands.x, i -> operands.x[i] * (i % 2 == 0 ? 0x1p60 : 0x1p-70));
    Arrays.setAll(operands.w, i -> operands.w[i] * (i % 3 == 0 ? 0x1p60 : 0x1p-70));
    check(forward(type, operands, false, Activation.IDENTITY));
  }

  Stream<Arguments> golden() {
    return typesAndGolden("conv2d");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithPyTorch(DataType type, Golden golden) {
    Operands operands = new Operands(Conv2dSizes.spec(golden.ints("spec")), new Numbers(1), true);
    operands.x = golden.doubles("x");
    operands.w = golden.doubles("weight");
    operands.bias = golden.doubles("bias");
    operands.dy = golden.doubles("dy");
    operands.dw = new double[operands.w.length];
    operands.db = new double[operands.bias.length];
    Call forward = forward(type, operands, true, Activation.IDENTITY);
    check(forward.anchor("y", golden.doubles("y")));
    check(backwardData(type, operands).anchor("dx", golden.doubles("dx")));
    check(backwardFilter(type, operands).anchor("dw", golden.doubles("dweight")));
    check(backwardBias(type, operands).anchor("db", golden.doubles("dbias")));
  }

  @Test
  void plansSayWhatTheyChose() {
    Conv2dSpec spec = Conv2dSpec.of(2, 3, 8, 8, 4, 3, 1, 1);
    Conv2d.Plan plan = backend().conv2d().plan(spec);
    Assertions.assertThat(plan.spec()).isEqualTo(spec);
    Assertions.assertThat(plan.workspaceElements()).isNotNegative();
    Assertions.assertThat(plan.forwardAlgorithm()).isNotBlank();
    Assertions.assertThat(plan.backwardDataAlgorithm()).isNotBlank();
    Assertions.assertThat(plan.backwardFilterAlgorithm()).isNotBlank();
  }

  @Test
  void refusesWhatIsNotOfThePlan() {
    Operands operands = new Operands(Conv2dSpec.of(2, 3, 4, 4, 5, 3, 1, 1), new Numbers(1), true);
    Call call = forward(DataType.FLOAT32, operands, false, Activation.IDENTITY);
    bound(
        call,
        () -> {
          Tensor x = call.operands().get(0).tensor();
          Tensor w = call.operands().get(1).tensor();
          Tensor y = call.operands().get(2).tensor();
          Tensor workspace = call.operands().size() > 3 ? call.operands().get(3).tensor() : null;
          Conv2d conv = backend().conv2d();
          String id = backend().info().id();
          Conv2d.Plan other = subject().stranger().conv2d().plan(operands.spec);
          refuses(
              () -> conv.forward(other, x, w, null, Activation.IDENTITY, y, workspace),
              "conv2d: the plan is of another backend '%s', not of this backend '%s' (make it by the plan method of the backend that computes)",
              id,
              id);
          Conv2d.Plan plan = conv.plan(operands.spec.withBatch(1));
          refuses(
              () -> conv.forward(plan, x, w, null, Activation.IDENTITY, y, workspace),
              "conv2d: 'x' is x[2,3,4,4] FLOAT32 with 96 elements, expected 48");
          refuses(
              () -> conv.backwardData(plan, y, w, x, workspace),
              "conv2d backwardData: 'dy' is y[2,5,4,4] FLOAT32 with 160 elements, expected 80");
          refuses(
              () -> conv.backwardFilter(plan, x, y, w, workspace),
              "conv2d backwardFilter: 'x' is x[2,3,4,4] FLOAT32 with 96 elements, expected 48");
          refuses(
              () -> conv.backwardBias(plan, y, w),
              "conv2d backwardBias: 'dy' is y[2,5,4,4] FLOAT32 with 160 elements, expected 80");
          long needed = conv.plan(operands.spec).workspaceElements();
          if (needed > 0) {
            Tensor small = workspace.view("workspace", 0, Shape.of((int) needed - 1));
            refuses(
                () ->
                    conv.forward(
                        conv.plan(operands.spec), x, w, null, Activation.IDENTITY, y, small),
                "conv2d: 'workspace' is workspace[%d] FLOAT32 with %d elements, but the plan needs %d (give as many or more)",
                needed - 1,
                needed - 1,
                needed);
          }
        });
  }

  @Test
  void refusesImpossibleSizes() {
    refuses(() -> Conv2dSpec.of(0, 3, 4, 4, 5, 3, 1, 1), "conv2d: batch=0 (give 1 or more)");
    refuses(
        () -> Conv2dSpec.of(1, 3, 4, 4, 5, 3, 1, -1), "conv2d: paddingHeight=-1 (give 0 or more)");
    refuses(() -> Conv2dSpec.of(1, 3, 4, 4, 5, 3, 0, 1), "conv2d: strideHeight=0 (give 1 or more)");
    refuses(
        () -> Conv2dSpec.of(1, 3, 4, 4, 5, 3, 1, 1).withGroups(3),
        "conv2d: inChannels=3 and outChannels=5 are not multiples of groups=3 (choose channels that groups divides)");
    refuses(
        () -> Conv2dSpec.of(1, 3, 4, 5, 5, 3, 1, 1).withDilation(1, 4),
        "conv2d: kernelWidth=3 with dilationWidth=4 covers 9, more than inWidth=5 with paddingWidth=1 on either side (use a smaller kernel or more padding)");
  }

  /** What the calls of one convolution read. */
  private static final class Operands {
    private final Conv2dSpec spec;
    private final Conv2dOracle oracle;
    private double[] x;
    private double[] w;
    private double[] bias;
    private double[] dy;
    private double[] dw;
    private double[] db;

    Operands(Conv2dSpec spec, Numbers numbers, boolean whole) {
      this.spec = spec;
      oracle = new Conv2dOracle(spec);
      x = some(numbers, whole, spec.input());
      w = some(numbers, whole, spec.filter());
      bias = some(numbers, whole, Shape.of(spec.outChannels()));
      dy = some(numbers, whole, spec.output());
      dw = some(numbers, whole, spec.filter());
      db = some(numbers, whole, Shape.of(spec.outChannels()));
    }

    private static double[] some(Numbers numbers, boolean whole, Shape shape) {
      int count = (int) shape.elements();
      return whole ? numbers.integers(count) : numbers.uniform(count);
    }
  }

  /** The plans of one convolution on the backends that it is computed on. */
  private static final class Plans {
    private final Conv2dSpec spec;
    private final Map<Backend, Conv2d.Plan> plans = new IdentityHashMap<>();

    Plans(Conv2dSpec spec) {
      this.spec = spec;
    }

    Conv2d.Plan of(Backend backend) {
      return plans.computeIfAbsent(backend, b -> b.conv2d().plan(spec));
    }
  }

  private Call forward(DataType type, Operands of, boolean withBias, Activation f) {
    Call call = new Call("forward", "conv2d", type);
    Tolerance t = call.tolerance();
    Operand x = call.input("x", of.spec.input(), of.x).defining();
    Operand w = call.input("w", of.spec.filter(), of.w);
    Operand bias =
        withBias ? call.input("bias", Shape.of(of.spec.outChannels()), of.bias).optional() : null;
    Bounded[] sums = of.oracle.forward(t, x.before(), w.before());
    int plane = of.spec.outHeight() * of.spec.outWidth();
    Bounded[] results =
        Oracle.indexed(
            sums.length,
            i -> {
              Bounded sum = sums[i];
              if (withBias) {
                sum = sum.plus(bias.before()[i / plane % of.spec.outChannels()]);
              }
              return Oracle.activation(f, sum);
            });
    Operand y = call.output("y", of.spec.output(), results);
    Operand workspace = workspace(call, of.spec);
    Plans plans = new Plans(of.spec);
    return call.of(
        b ->
            b.conv2d()
                .forward(
                    plans.of(b),
                    x.tensor(),
                    w.tensor(),
                    tensor(bias),
                    f,
                    y.tensor(),
                    tensor(workspace)));
  }

  private Call backwardData(DataType type, Operands of) {
    Call call = new Call("backwardData", "conv2d backwardData", type);
    Operand dy = call.input("dy", of.spec.output(), of.dy).defining();
    Operand w = call.input("w", of.spec.filter(), of.w);
    Bounded[] sums = of.oracle.backwardData(call.tolerance(), dy.before(), w.before());
    Operand dx = call.output("dx", of.spec.input(), sums);
    Operand workspace = workspace(call, of.spec);
    Plans plans = new Plans(of.spec);
    return call.of(
        b ->
            b.conv2d()
                .backwardData(
                    plans.of(b), dy.tensor(), w.tensor(), dx.tensor(), tensor(workspace)));
  }

  private Call backwardFilter(DataType type, Operands of) {
    Call call = new Call("backwardFilter", "conv2d backwardFilter", type);
    Operand x = call.input("x", of.spec.input(), of.x).defining();
    Operand dy = call.input("dy", of.spec.output(), of.dy);
    Bounded[] sums = of.oracle.backwardFilter(call.tolerance(), x.before(), dy.before());
    Bounded[] after = Oracle.indexed(sums.length, i -> sums[i].plus((float) of.dw[i]));
    Operand dw = call.updated("dw", of.spec.filter(), of.dw, after);
    Operand workspace = workspace(call, of.spec);
    Plans plans = new Plans(of.spec);
    return call.of(
        b ->
            b.conv2d()
                .backwardFilter(
                    plans.of(b), x.tensor(), dy.tensor(), dw.tensor(), tensor(workspace)));
  }

  private static Call backwardBias(DataType type, Operands of) {
    Call call = new Call("backwardBias", "conv2d backwardBias", type);
    Tolerance t = call.tolerance();
    int plane = of.spec.outHeight() * of.spec.outWidth();
    int channels = of.spec.outChannels();
    Operand dy = call.input("dy", of.spec.output(), of.dy).defining();
    Bounded[] after =
        Oracle.indexed(
            channels,
            k ->
                t.sum(
                        Oracle.indexed(
                            of.spec.batch() * plane,
                            i ->
                                t.exact(
                                    dy.before()[(i / plane * channels + k) * plane + i % plane])))
                    .plus((float) of.db[k]));
    Operand db = call.updated("db", Shape.of(channels), of.db, after);
    Plans plans = new Plans(of.spec);
    return call.of(b -> b.conv2d().backwardBias(plans.of(b), dy.tensor(), db.tensor()));
  }

  /** Adds the scratch memory that the backends want; null if none. */
  private Operand workspace(Call call, Conv2dSpec spec) {
    long needed =
        Stream.concat(Stream.of(backend()), subject().threaded().stream())
            .mapToLong(backend -> backend.conv2d().plan(spec).workspaceElements())
            .max()
            .orElseThrow();
    return needed == 0 ? null : call.scratch("workspace", (int) needed);
  }

  private static Tensor tensor(Operand operand) {
    return operand == null ? null : operand.tensor();
  }
}

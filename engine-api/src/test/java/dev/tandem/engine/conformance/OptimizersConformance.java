package dev.tandem.engine.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Optimizers;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Optimizers} must do. */
abstract class OptimizersConformance extends FamilyConformance {
  OptimizersConformance() {
    super(Optimizers.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    Stream<Call> rules = Arrays.stream(UpdateRule.values()).map(rule -> step(type, rule, 19));
    double[] gradients = new Numbers(2).uniform(19);
    return Stream.concat(
        rules, Stream.of(clipByValue(type, 0.5, gradients), clipByNorm(type, 0.5, gradients)));
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    Call call = new Call("sgd", "sgd", type);
    double[] numbers = new double[Hyperparameters.LENGTH];
    numbers[Hyperparameters.STEP_SIZE] = 0.5;
    numbers[Hyperparameters.MOMENTUM] = 2;
    numbers[Hyperparameters.WEIGHT_DECAY] = 1;
    Tolerance t = call.tolerance();
    Operand hyper = call.input("hyper", Shape.of(Hyperparameters.LENGTH), numbers);
    // g = 3 + 5 = 8, v = 2 * 4 + 8 = 16, w = 5 - (8 + 2 * 16) / 2
    Operand weights = call.updated("weights", Shape.of(1), new double[] {5}, t.exact(-15.0));
    Operand gradients = call.input("gradients", Shape.of(1), 3.0);
    Operand velocity = call.updated("velocity", Shape.of(1), new double[] {4}, t.exact(16.0));
    check(
        call.of(
            b ->
                b.optimizers()
                    .sgd(
                        true,
                        hyper.tensor(),
                        weights.tensor(),
                        gradients.tensor(),
                        velocity.tensor())));
  }

  @ParameterizedTest
  @MethodSource("typesAndSizes")
  void everySize(DataType type, int size) {
    for (UpdateRule rule : UpdateRule.values()) {
      check(step(type, rule, size));
    }
    double[] gradients = new Numbers(size).uniform(size);
    check(clipByValue(type, 0.25, gradients));
    check(clipByNorm(type, 0.25, gradients));
    check(clipByNorm(type, 1_000_000, gradients));
    check(clipByNorm(type, Double.POSITIVE_INFINITY, new Numbers(size).integers(size)));
  }

  @ParameterizedTest
  @MethodSource("types")
  void hugeTinyAndNoGradients(DataType type) {
    double[] gradients = {0, 0x1p-60, -0x1p-60, 0x1p60, -0x1p60, 1, 0, -0.0};
    for (UpdateRule rule : UpdateRule.values()) {
      double[] zeros = new double[gradients.length];
      check(step(type, rule, new Numbers(5).uniform(8), gradients, zeros, zeros.clone()));
    }
    check(clipByNorm(type, 1, new double[] {0, 0, 0}));
    check(clipByNorm(type, 1, new double[] {0x1p-60, 0, 0x1p-50}));
    check(clipByValue(type, 1, gradients));
  }

  @ParameterizedTest
  @MethodSource("types")
  void notANumberIsNotClippedAway(DataType type) {
    double infinity = Double.POSITIVE_INFINITY;
    for (int at = 0; at < 35; at++) {
      double[] gradients = new Numbers(at).uniform(35);
      gradients[at] = Double.NaN;
      gradients[(at + 17) % 35] = -infinity;
      check(clipByValue(type, 0.5, gradients));
      check(clipByNorm(type, infinity, gradients));
      gradients[(at + 17) % 35] = 1;
      check(clipByNorm(type, 0.5, gradients));
      gradients[at] = infinity;
      check(clipByNorm(type, infinity, gradients));
    }
  }

  Stream<Arguments> golden() {
    return typesAndGolden("optimizers");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithPyTorchAfterFiveSteps(DataType type, Golden golden) {
    UpdateRule rule = UpdateRule.valueOf(golden.name());
    double[] before = golden.doubles("before");
    double[] flat = golden.doubles("gradients");
    int steps = golden.shape("gradients").rows();
    double[][] hypers = new double[steps][];
    double[][] gradients = new double[steps][];
    for (int step = 0; step < steps; step++) {
      hypers[step] = hyper(rule, golden, step + 1);
      gradients[step] = Arrays.copyOfRange(flat, step * before.length, (step + 1) * before.length);
    }
    double[] zeros = new double[before.length];
    Call call = rule.steps(type, hypers, before, gradients, zeros, zeros);
    check(call.anchor("weights", golden.doubles("after")));
  }

  /** The numbers of a step, counted from 1. */
  private static double[] hyper(UpdateRule rule, Golden golden, int step) {
    double rate = golden.number("lr");
    double decay = golden.number("weightDecay");
    double beta1 = golden.number("beta1");
    double beta2 = golden.number("beta2");
    double[] hyper = new double[Hyperparameters.LENGTH];
    hyper[Hyperparameters.STEP_SIZE] = rate / (1 - Math.pow(beta1, step));
    hyper[Hyperparameters.WEIGHT_DECAY] = rule.isDecoupled() ? 1 - rate * decay : decay;
    hyper[Hyperparameters.EPSILON] = golden.number("epsilon");
    hyper[Hyperparameters.MOMENTUM] = golden.number("momentum");
    hyper[Hyperparameters.DECAY1] = beta1;
    hyper[Hyperparameters.COMPLEMENT1] = 1 - beta1;
    hyper[Hyperparameters.DECAY2] = beta2;
    hyper[Hyperparameters.COMPLEMENT2] = 1 - beta2;
    hyper[Hyperparameters.ROOT_CORRECTION2] = 1 / Math.sqrt(1 - Math.pow(beta2, step));
    return hyper;
  }

  Stream<Arguments> goldenClipping() {
    return typesAndGolden("clipping");
  }

  @ParameterizedTest
  @MethodSource("goldenClipping")
  void clippingAgreesWithPyTorch(DataType type, Golden golden) {
    double limit = golden.number("limit");
    double[] before = golden.doubles("before");
    boolean byNorm = golden.name().equals("clipByNorm");
    Call call = byNorm ? clipByNorm(type, limit, before) : clipByValue(type, limit, before);
    if (byNorm) {
      call.anchor("norm", golden.doubles("norm"));
    }
    check(call.anchor("gradients", golden.doubles("after")));
  }

  @ParameterizedTest
  @EnumSource(UpdateRule.class)
  void replayTakesTheLearningRateInTheTensor(UpdateRule rule) {
    Call call = step(DataType.FLOAT32, rule, 19);
    try (Binding binding = new Binding(call, backend(), false)) {
      binding.fill();
      var step = backend().capture(() -> call.invoke(backend()));
      call.verify(binding.results());
      binding.fill();
      double[] other = new double[Hyperparameters.LENGTH];
      other[Hyperparameters.DECAY1] = 1;
      other[Hyperparameters.DECAY2] = 1;
      other[Hyperparameters.EPSILON] = 1;
      other[Hyperparameters.WEIGHT_DECAY] = rule.isDecoupled() ? 1 : 0;
      Operand hyper = call.operands().get(0);
      Operand weights = call.operands().get(1);
      backend().transfers().upload(other, 0, hyper.tensor());
      step.replay();
      // A step of size 0 leaves the weights as they were.
      double[][] results = binding.results();
      assertThat(results[1]).isEqualTo(weights.before());
    }
  }

  @Test
  void refusesWhatHasNoMeaning() {
    Call call = step(DataType.FLOAT32, UpdateRule.SGD, 3);
    bound(
        call,
        () -> {
          Tensor[] x = call.operands().stream().map(Operand::tensor).toArray(Tensor[]::new);
          Optimizers optimizers = backend().optimizers();
          refuses(
              () -> optimizers.sgd(true, x[0], x[1], x[2], null),
              "sgd: Nesterov needs a velocity (give one)");
          refuses(
              () -> optimizers.clipByValue(0, x[1]),
              "clipByValue: limit is 0.0 (give a number above 0)");
          refuses(
              () -> optimizers.clipByNorm(Double.NaN, x[1], x[2]),
              "clipByNorm: limit is NaN (give a number above 0)");
        });
  }

  private static Call step(DataType type, UpdateRule rule, int size) {
    Numbers numbers = new Numbers(size);
    return step(
        type,
        rule,
        numbers.uniform(size),
        numbers.uniform(size),
        numbers.uniform(size),
        numbers.uniform(size, 0, 2));
  }

  /** One step with numbers that are no round binary fractions. */
  private static Call step(
      DataType type,
      UpdateRule rule,
      double[] weights,
      double[] gradients,
      double[] first,
      double[] second) {
    double[] hyper = new double[Hyperparameters.LENGTH];
    hyper[Hyperparameters.STEP_SIZE] = 0.01;
    hyper[Hyperparameters.WEIGHT_DECAY] = rule.isDecoupled() ? 0.999 : 0.1;
    hyper[Hyperparameters.EPSILON] = 1e-8;
    hyper[Hyperparameters.MOMENTUM] = 0.9;
    hyper[Hyperparameters.DECAY1] = 0.9;
    hyper[Hyperparameters.COMPLEMENT1] = 0.1;
    hyper[Hyperparameters.DECAY2] = 0.99;
    hyper[Hyperparameters.COMPLEMENT2] = 0.01;
    hyper[Hyperparameters.ROOT_CORRECTION2] = 1.75;
    return rule.steps(
        type, new double[][] {hyper}, weights, new double[][] {gradients}, first, second);
  }

  private static Call clipByValue(DataType type, double limit, double[] before) {
    Call call = new Call("clipByValue", "clipByValue", type);
    Tolerance t = call.tolerance();
    Bounded high = t.rounded(limit);
    Bounded[] after = Oracle.map(t.exact(before), g -> Oracle.clamp(g, high.negated(), high));
    Operand g = call.updated("gradients", Shape.of(before.length), before, after).defining();
    return call.of(b -> b.optimizers().clipByValue(limit, g.tensor()));
  }

  private static Call clipByNorm(DataType type, double limit, double[] before) {
    Call call = new Call("clipByNorm", "clipByNorm", type);
    Tolerance t = call.tolerance();
    Bounded norm = t.dot(before.length, i -> before[i], i -> before[i]).root();
    Bounded one = t.exact(1);
    Bounded factor =
        limit == Double.POSITIVE_INFINITY
            ? one
            : one.smaller(t.rounded(limit).over(norm.plus(t.rounded(1e-6))));
    Bounded[] after = Oracle.map(t.exact(before), factor::times);
    Operand g = call.updated("gradients", Shape.of(before.length), before, after).defining();
    Operand measured = call.output("norm", Shape.of(1), norm);
    return call.of(b -> b.optimizers().clipByNorm(limit, g.tensor(), measured.tensor()));
  }
}

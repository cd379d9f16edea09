package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Norms;
import dev.tandem.engine.Shape;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Norms} must do. */
abstract class NormsConformance extends FamilyConformance {

  NormsConformance() {
    super(Norms.class);
  }

  @Override
  Stream<Call> calls(DataType type) {
    return all(type, Shape.of(4, 3, 5), 0);
  }

  @ParameterizedTest
  @MethodSource("types")
  void workedExample(DataType type) {
    // Columns (1, 3) and (7, 7): means 2 and 7, deviations sqrt(1 + 3) and sqrt(0 + 3).
    double[] zeros = {0, 0};
    Call call =
        new NormsCalls(type, Shape.of(2, 2), new double[] {1, 7, 3, 7})
            .train(3, 0.5, new double[] {1, 1}, new double[] {2, 2}, zeros, new double[] {4, 4});
    call.anchor("y", 1.5, 2, 2.5, 2).anchor("mean", 2, 7).anchor("runningMean", 1, 3.5);
    check(call.anchor("runningVariance", 3, 2));
  }

  @ParameterizedTest
  @MethodSource("types")
  void everySize(DataType type) {
    for (int size : Numbers.sizes().toArray()) {
      all(type, Shape.of(3, size), 0).forEach(this::check);
      all(type, Shape.of(size + 1, 2), 0).forEach(this::check);
      all(type, Shape.of(2, 3, size), 1).forEach(this::check);
    }
  }

  @Test
  void largeSizes() {
    all(DataType.FLOAT32, Shape.of(5, 3, 83, 81), 0).forEach(this::check);
    all(DataType.FLOAT32, Shape.of(1_009, 101), 0).forEach(this::check);
    all(DataType.FLOAT32, Shape.of(2, 3, 10_007), 0).forEach(this::check);
  }

  /** A mean far from 0, where the difference of two sums would lose the variance. */
  @ParameterizedTest
  @MethodSource("types")
  void meanFarFromZero(DataType type) {
    all(type, Shape.of(8, 3, 33), 100).forEach(this::check);
  }

  @ParameterizedTest
  @MethodSource("types")
  void constantInputHasNoVariance(DataType type) {
    double[] fives = new double[4 * 17];
    Arrays.fill(fives, 5);
    new NormsCalls(type, Shape.of(4, 17), fives).all().forEach(this::check);
  }

  @ParameterizedTest
  @MethodSource("types")
  void notANumberStaysInItsGroup(DataType type) {
    for (int at = 0; at < 38; at++) {
      double[] x = new Numbers(at).uniform(4 * 19);
      x[at] = Double.NaN;
      new NormsCalls(type, Shape.of(4, 19), x).all().forEach(this::check);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void noExamples(DataType type) {
    NormsCalls calls = new NormsCalls(type, Shape.of(0, 3, 5), new double[0]);
    double[] three = {1, 2, 3};
    double[] five = {1, 2, 3, 4, 5};
    double[] none = {};
    check(calls.infer(three, three, three, three));
    check(calls.batchBackward(three, none, three, three));
    check(calls.layer(five, five));
    check(calls.layerBackward(five, none, five, five));
  }

  Stream<Arguments> goldenBatchNorm() {
    return typesAndGolden("batch_norm");
  }

  @ParameterizedTest
  @MethodSource("goldenBatchNorm")
  void batchNormAgreesWithPyTorch(DataType type, Golden golden) {
    NormsCalls calls = new NormsCalls(type, golden.shape("x"), golden.doubles("x"));
    double[] gamma = golden.doubles("gamma");
    double[] beta = golden.doubles("beta");
    double[] mean = golden.doubles("runningMean");
    double[] variance = golden.doubles("runningVariance");
    check(
        calls
            .train(NormsCalls.EPSILON, NormsCalls.MOMENTUM, gamma, beta, mean, variance)
            .anchor("y", golden.doubles("y"))
            .anchor("runningMean", golden.doubles("newMean"))
            .anchor("runningVariance", golden.doubles("newVariance")));
    check(calls.infer(gamma, beta, mean, variance).anchor("y", golden.doubles("inferred")));
    double[] zeros = new double[gamma.length];
    check(gradients(calls.batchBackward(gamma, golden.doubles("dy"), zeros, zeros), golden));
  }

  Stream<Arguments> goldenLayerNorm() {
    return typesAndGolden("layer_norm");
  }

  @ParameterizedTest
  @MethodSource("goldenLayerNorm")
  void layerNormAgreesWithPyTorch(DataType type, Golden golden) {
    NormsCalls calls = new NormsCalls(type, golden.shape("x"), golden.doubles("x"));
    double[] gamma = golden.doubles("gamma");
    check(calls.layer(gamma, golden.doubles("beta")).anchor("y", golden.doubles("y")));
    double[] zeros = new double[gamma.length];
    check(gradients(calls.layerBackward(gamma, golden.doubles("dy"), zeros, zeros), golden));
  }

  private static Call gradients(Call call, Golden golden) {
    return call.anchor("dx", golden.doubles("dx"))
        .anchor("dgamma", golden.doubles("dgamma"))
        .anchor("dbeta", golden.doubles("dbeta"));
  }

  @Test
  void refusesWhatCannotBeNormalised() {
    double[] ones = {1, 1, 1};
    Call call =
        new NormsCalls(DataType.FLOAT32, Shape.of(2, 3), new double[6])
            .infer(ones, ones, ones, ones);
    bound(
        call,
        () -> {
          var x = call.operands().get(0).tensor();
          var c = call.operands().get(1).tensor();
          var y = call.operands().get(5).tensor();
          Norms norms = backend().norms();
          refuses(
              () -> norms.batchNormInfer(NormsCalls.EPSILON, c, c, c, c, c, c),
              "batchNormInfer: 'x' is gamma[3] FLOAT32, expected [N,C,...]");
          var one = x.view("x", 0, Shape.of(1, 3));
          refuses(
              () ->
                  norms.batchNormTrain(
                      NormsCalls.EPSILON, NormsCalls.MOMENTUM, one, c, c, c, c, y, c, c),
              "batchNormTrain: 'x' is x[1,3] FLOAT32 with fewer than 2 values for each channel (use a larger batch)");
          refuses(
              () -> norms.batchNormTrain(NormsCalls.EPSILON, 1.5, x, c, c, c, c, y, c, c),
              "batchNormTrain: momentum is 1.5 (give a number from 0.0 to 1.0)");
        });
  }

  private static Stream<Call> all(DataType type, Shape shape, double center) {
    int elements = (int) shape.elements();
    double[] x = new Numbers(elements).uniform(elements, center - 1, center + 2);
    return new NormsCalls(type, shape, x).all();
  }
}

package dev.tandem.engine.conformance;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Norms;
import dev.tandem.engine.Shape;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Norms} must do. */
abstract class NormsConformance extends FamilyConformance {
  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;

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
    NormsCalls calls = new NormsCalls(type, Shape.of(2, 2), new double[] {1, 7, 3, 7}, 1);
    double[] ones = {1, 1};
    double[] twos = {2, 2};
    // Columns (1, 3) and (7, 7): means 2 and 7, deviations sqrt(1 + 3) and sqrt(0 + 3).
    Call call =
        calls.train(
            3,
            0.5,
            ones,
            twos,
            new double[] {0, 1},
            new double[] {4, 4},
            computed -> Oracle.anchored(computed, 1.5, 2, 2.5, 2));
    check(call);
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

  @ParameterizedTest
  @MethodSource("types")
  void largeSizes(DataType type) {
    all(type, Shape.of(5, 3, 83, 81), 0).forEach(this::check);
    all(type, Shape.of(1_009, 101), 0).forEach(this::check);
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
    new NormsCalls(type, Shape.of(4, 17), fives, 1).all().forEach(this::check);
  }

  @ParameterizedTest
  @MethodSource("types")
  void notANumberStaysInItsGroup(DataType type) {
    for (int at = 0; at < 38; at++) {
      double[] x = new Numbers(at).uniform(4 * 19);
      x[at] = Double.NaN;
      new NormsCalls(type, Shape.of(4, 19), x, at).all().forEach(this::check);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void noExamples(DataType type) {
    NormsCalls calls = new NormsCalls(type, Shape.of(0, 3, 5), new double[0], 1);
    Stream.of(calls.infer(), calls.batchBackward(), calls.layer(), calls.layerBackward())
        .forEach(this::check);
  }

  @Test
  void refusesWhatCannotBeNormalised() {
    Call call =
        new NormsCalls(DataType.FLOAT32, Shape.of(2, 3), new Numbers(1).uniform(6), 1).infer();
    bound(
        call,
        () -> {
          var x = call.operands().get(0).tensor();
          var c = call.operands().get(1).tensor();
          var y = call.operands().get(5).tensor();
          Norms norms = backend().norms();
          refuses(
              () -> norms.batchNormInfer(EPSILON, c, c, c, c, c, c),
              "batchNormInfer: 'x' is gamma[3] FLOAT32, expected [N,C,...]");
          var one = x.prefix(Shape.of(1, 3));
          refuses(
              () -> norms.batchNormTrain(EPSILON, MOMENTUM, one, c, c, c, c, y, c, c),
              "batchNormTrain: 'x' is x[1,3] FLOAT32 with fewer than 2 values for each channel (use a larger batch)");
          refuses(
              () -> norms.batchNormTrain(EPSILON, 1.5, x, c, c, c, c, y, c, c),
              "batchNormTrain: momentum is 1.5 (give a number from 0.0 to 1.0)");
        });
  }

  private static Stream<Call> all(DataType type, Shape shape, double center) {
    int elements = (int) shape.elements();
    double[] x = new Numbers(elements).uniform(elements, center - 1, center + 2);
    return new NormsCalls(type, shape, x, elements).all();
  }
}

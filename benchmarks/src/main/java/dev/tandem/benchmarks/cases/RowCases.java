package dev.tandem.benchmarks.cases;

import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Losses.Pointwise;
import dev.tandem.engine.Reductions.Axis;
import dev.tandem.engine.Tensor;
import java.util.List;
import java.util.Locale;

/** Operations over the rows or columns of a matrix. */
public final class RowCases {
  private static final double EPSILON = 1e-5;

  private RowCases() {}

  /**
   * Softmax of each row.
   *
   * @param shape rows and columns
   */
  public static OperationCase softmax(String shape) {
    int[] s = Sizes.parse(shape, "rowsxclasses");
    double n = (double) s[0] * s[1];
    return new OperationCase(
        Suite.OPS,
        "softmax " + shape,
        Work.of((Work.EXP + 4) * n, n, n),
        null,
        on -> {
          Tensor x = on.random(s);
          Tensor y = on.zeros(s);
          return new OperationCase.Call(
              () -> on.backend().softmax().softmax(x, y), () -> on.values(y), List.of(x));
        });
  }

  /**
   * The gradient of softmax.
   *
   * @param shape rows and columns
   */
  public static OperationCase softmaxBackward(String shape) {
    int[] s = Sizes.parse(shape, "rowsxclasses");
    double n = (double) s[0] * s[1];
    return new OperationCase(
        Suite.OPS,
        "softmax %s backward".formatted(shape),
        Work.of(4 * n, 2 * n, n),
        null,
        on -> {
          Tensor y = on.random(0, 1, s);
          Tensor dy = on.random(s);
          Tensor dx = on.zeros(s);
          return new OperationCase.Call(
              () -> on.backend().softmax().softmaxBackward(y, dy, dx),
              () -> on.values(dx),
              List.of(y, dy));
        });
  }

  /**
   * Softmax cross-entropy with its gradient.
   *
   * @param shape rows and columns
   */
  public static OperationCase crossEntropy(String shape) {
    int[] s = Sizes.parse(shape, "rowsxclasses");
    double n = (double) s[0] * s[1];
    return new OperationCase(
        Suite.OPS,
        "crossEntropy " + shape,
        Work.of((Work.EXP + 5) * n, n + s[0], n),
        null,
        on -> {
          Tensor logits = on.random(s);
          Tensor labels = on.indices(s[1], s[0]);
          Tensor loss = on.zeros(2);
          Tensor dlogits = on.zeros(s);
          return new OperationCase.Call(
              () ->
                  on.backend()
                      .losses()
                      .softmaxCrossEntropy(
                          CrossEntropySpec.PLAIN, logits, labels, null, loss, dlogits),
              () -> on.values(dlogits),
              List.of(logits, labels));
        });
  }

  /**
   * Layer normalisation.
   *
   * @param shape rows and columns
   */
  public static OperationCase layerNorm(String shape) {
    int[] s = Sizes.parse(shape, "rowsxcolumns");
    double n = (double) s[0] * s[1];
    return new OperationCase(
        Suite.OPS,
        "layerNorm " + shape,
        Work.of(7 * n, n + 2 * s[1], n + 2 * s[0]),
        null,
        on -> {
          Tensor x = on.random(s);
          Tensor gamma = on.random(s[1]);
          Tensor beta = on.random(s[1]);
          Tensor y = on.zeros(s);
          Tensor mean = on.zeros(s[0]);
          Tensor inverse = on.zeros(s[0]);
          return new OperationCase.Call(
              () -> on.backend().norms().layerNorm(EPSILON, x, gamma, beta, y, mean, inverse),
              () -> on.values(y),
              List.of(x, gamma, beta));
        });
  }

  /**
   * The gradients of layer normalisation.
   *
   * @param shape rows and columns
   */
  public static OperationCase layerNormBackward(String shape) {
    int[] s = Sizes.parse(shape, "rowsxcolumns");
    double n = (double) s[0] * s[1];
    return new OperationCase(
        Suite.OPS,
        "layerNorm %s backward".formatted(shape),
        Work.of(14 * n, 2 * n + 2 * s[0] + s[1], n + 2 * s[1]),
        null,
        on -> {
          Tensor x = on.random(s);
          Tensor gamma = on.random(s[1]);
          Tensor mean = on.random(s[0]);
          Tensor inverse = on.random(0.5f, 2, s[0]);
          Tensor dy = on.random(s);
          Tensor dx = on.zeros(s);
          Tensor dgamma = on.zeros(s[1]);
          Tensor dbeta = on.zeros(s[1]);
          return new OperationCase.Call(
              () ->
                  on.backend()
                      .norms()
                      .layerNormBackward(x, gamma, mean, inverse, dy, dx, dgamma, dbeta),
              () -> on.values(dx),
              List.of(x, gamma, mean, inverse, dy));
        });
  }

  /**
   * Batch normalisation with the statistics of the batch.
   *
   * @param shape batch, channels, height = width
   */
  public static OperationCase batchNorm(String shape) {
    int[] s = Sizes.parse(shape, "batchxchannelsxside");
    double n = (double) s[0] * s[1] * s[2] * s[2];
    return new OperationCase(
        Suite.OPS,
        "batchNorm " + shape,
        Work.of(7 * n, n, n),
        null,
        on -> {
          Tensor x = on.random(s[0], s[1], s[2], s[2]);
          Tensor gamma = on.random(s[1]);
          Tensor beta = on.random(s[1]);
          Tensor runningMean = on.random(s[1]);
          Tensor runningVariance = on.random(0.5f, 2, s[1]);
          Tensor y = on.zeros(s[0], s[1], s[2], s[2]);
          Tensor mean = on.zeros(s[1]);
          Tensor inverse = on.zeros(s[1]);
          return new OperationCase.Call(
              () ->
                  on.backend()
                      .norms()
                      .batchNormTrain(
                          EPSILON,
                          0.1,
                          x,
                          gamma,
                          beta,
                          runningMean,
                          runningVariance,
                          y,
                          mean,
                          inverse),
              () -> on.values(y),
              List.of(x, gamma, beta));
        });
  }

  /**
   * The gradients of batch normalisation.
   *
   * @param shape batch, channels, height = width
   */
  public static OperationCase batchNormBackward(String shape) {
    int[] s = Sizes.parse(shape, "batchxchannelsxside");
    double n = (double) s[0] * s[1] * s[2] * s[2];
    return new OperationCase(
        Suite.OPS,
        "batchNorm %s backward".formatted(shape),
        Work.of(9 * n, 2 * n, n),
        null,
        on -> {
          Tensor x = on.random(s[0], s[1], s[2], s[2]);
          Tensor gamma = on.random(s[1]);
          Tensor mean = on.random(s[1]);
          Tensor inverse = on.random(0.5f, 2, s[1]);
          Tensor dy = on.random(s[0], s[1], s[2], s[2]);
          Tensor dx = on.zeros(s[0], s[1], s[2], s[2]);
          Tensor dgamma = on.zeros(s[1]);
          Tensor dbeta = on.zeros(s[1]);
          return new OperationCase.Call(
              () ->
                  on.backend()
                      .norms()
                      .batchNormBackward(x, gamma, mean, inverse, dy, dx, dgamma, dbeta),
              () -> on.values(dx),
              List.of(x, gamma, mean, inverse, dy));
        });
  }

  /**
   * A loss element by element, with its gradient.
   *
   * @param shape rows and columns
   */
  public static OperationCase pointwise(String shape, Pointwise function) {
    int[] s = Sizes.parse(shape, "rowsxcolumns");
    double n = (double) s[0] * s[1];
    return new OperationCase(
        Suite.OPS,
        "%s %s".formatted(function.name().toLowerCase(Locale.ROOT), shape),
        Work.of(5 * n, 2 * n, n),
        null,
        on -> {
          Tensor prediction = on.random(s);
          Tensor target = on.random(s);
          Tensor loss = on.zeros(2);
          Tensor dprediction = on.zeros(s);
          return new OperationCase.Call(
              () ->
                  on.backend()
                      .losses()
                      .pointwise(function, 1, prediction, target, null, loss, dprediction),
              () -> on.values(dprediction),
              List.of(prediction, target));
        });
  }

  /**
   * Sums over rows, columns or everything.
   *
   * @param shape rows and columns
   */
  public static OperationCase sum(String shape, Axis axis) {
    int[] s = Sizes.parse(shape, "rowsxcolumns");
    double n = (double) s[0] * s[1];
    int results = axis == Axis.ALL ? 1 : axis == Axis.ROWS ? s[1] : s[0];
    return new OperationCase(
        Suite.OPS,
        "sum %s %s".formatted(shape, axis.name().toLowerCase(Locale.ROOT)),
        Work.of(n, n, results),
        null,
        on -> {
          // All positive: the sum of numbers around 0 is rounding alone.
          Tensor x = on.random(0, 1, s);
          Tensor out = on.zeros(results);
          return new OperationCase.Call(
              () -> on.backend().reductions().sum(x, axis, false, out),
              () -> on.values(out),
              List.of(x));
        });
  }
}

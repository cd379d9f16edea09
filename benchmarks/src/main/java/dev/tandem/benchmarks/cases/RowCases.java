package dev.tandem.benchmarks.cases;

import dev.tandem.engine.CrossEntropySpec;
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

package dev.tandem.benchmarks.cases;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.Elementwise.Binary;
import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Tensor;
import java.util.List;
import java.util.Locale;

/** Operations that compute each element by itself. */
public final class ElementCases {
  /** Ten rounds of Philox 4x32-10 make four words: so many integer operations for an element. */
  private static final int PHILOX = 20;

  private ElementCases() {}

  /**
   * Two operands become one.
   *
   * @param shape rows and columns
   * @param broadcast whether the second operand has all elements or one row
   */
  public static OperationCase binary(String shape, Binary operation, Broadcast broadcast) {
    int[] s = Sizes.parse(shape, "rowsxcolumns");
    double n = (double) s[0] * s[1];
    boolean row = broadcast == Broadcast.ROW;
    return new OperationCase(
        Suite.OPS,
        "%s %s%s".formatted(lower(operation), shape, row ? " row" : ""),
        Work.of(n, n + (row ? s[1] : n), n),
        null,
        on -> {
          Tensor x = on.random(s);
          Tensor y = row ? on.random(0.5f, 2, s[1]) : on.random(0.5f, 2, s);
          Tensor out = on.zeros(s);
          return new OperationCase.Call(
              () -> on.backend().elementwise().binary(operation, x, y, broadcast, out),
              () -> on.values(out),
              List.of(x, y));
        });
  }

  /**
   * An activation function or its gradient.
   *
   * @param shape rows and columns
   */
  public static OperationCase activation(String shape, Activation function, boolean backward) {
    int[] s = Sizes.parse(shape, "rowsxcolumns");
    double n = (double) s[0] * s[1];
    int flops = backward && function.derivativeFromOutput() ? 3 : flops(function);
    return new OperationCase(
        Suite.OPS,
        "%s %s%s".formatted(lower(function), shape, backward ? " backward" : ""),
        backward ? Work.of((flops + 1) * n, 2 * n, n) : Work.of(flops * n, n, n),
        null,
        on -> {
          Tensor x = on.random(s);
          Tensor dy = on.random(s);
          Tensor out = on.zeros(s);
          Runnable run =
              backward
                  ? () -> on.backend().activations().backward(function, x, dy, out)
                  : () -> on.backend().activations().forward(function, x, out);
          return new OperationCase.Call(run, () -> on.values(out), List.of(x, dy));
        });
  }

  private static int flops(Activation function) {
    return switch (function) {
      case IDENTITY, RELU, LEAKY_RELU -> 1;
      case SIGMOID, TANH, ELU -> Work.SIGMOID;
      // An error function or a sigmoid, and what goes around it.
      case GELU, SILU -> Work.SIGMOID + 4;
    };
  }

  /**
   * Dropout of half of the elements.
   *
   * @param shape rows and columns
   */
  public static OperationCase dropout(String shape) {
    int[] s = Sizes.parse(shape, "rowsxcolumns");
    double n = (double) s[0] * s[1];
    return new OperationCase(
        Suite.OPS,
        "dropout " + shape,
        Work.of((PHILOX + 1) * n, n, n),
        null,
        on -> {
          Tensor state = on.indices(1 << 30, Dropout.STATE_LENGTH);
          Tensor x = on.random(s);
          Tensor y = on.zeros(s);
          return new OperationCase.Call(
              () -> on.backend().dropout().forward(0.5, 1, state, x, y),
              () -> on.values(y),
              List.of(x));
        });
  }

  /**
   * The vectors of tokens.
   *
   * @param shape tokens, rows of the table, length of a vector
   */
  public static OperationCase embedding(String shape) {
    int[] s = Sizes.parse(shape, "tokensxvocabularyxdimension");
    double n = (double) s[0] * s[2];
    return new OperationCase(
        Suite.OPS,
        "embedding " + shape,
        Work.of(0, n + s[0], n),
        null,
        on -> {
          Tensor indices = on.indices(s[1], s[0]);
          Tensor table = on.random(s[1], s[2]);
          Tensor out = on.zeros(s[0], s[2]);
          return new OperationCase.Call(
              () -> on.backend().embedding().gather(indices, table, out),
              () -> on.values(out),
              List.of(indices, table));
        });
  }

  /**
   * A step of Adam.
   *
   * @param parameters their number
   */
  public static OperationCase adam(int parameters) {
    double n = parameters;
    return new OperationCase(
        Suite.OPS,
        "adam " + parameters,
        Work.of(13 * n, 4 * n, 3 * n),
        null,
        on -> {
          Tensor hyper = adamHyper(on);
          Tensor weights = on.random(parameters);
          Tensor gradients = on.random(parameters);
          Tensor moments = on.random(parameters);
          Tensor squares = on.random(0.5f, 1, parameters);
          return new OperationCase.Call(
              () ->
                  on.backend()
                      .optimizers()
                      .adam(false, hyper, weights, gradients, moments, squares),
              () -> on.values(weights),
              List.of(weights, gradients, moments, squares));
        });
  }

  /** The first step of Adam with PyTorch's defaults. */
  private static Tensor adamHyper(Operands on) {
    float[] hyper = new float[Hyperparameters.LENGTH];
    hyper[Hyperparameters.STEP_SIZE] = 1e-2f;
    hyper[Hyperparameters.EPSILON] = 1e-8f;
    hyper[Hyperparameters.DECAY1] = 0.9f;
    hyper[Hyperparameters.COMPLEMENT1] = 0.1f;
    hyper[Hyperparameters.DECAY2] = 0.999f;
    hyper[Hyperparameters.COMPLEMENT2] = 0.001f;
    hyper[Hyperparameters.ROOT_CORRECTION2] = (float) (1 / Math.sqrt(0.001));
    Tensor tensor = on.zeros(Hyperparameters.LENGTH);
    on.backend().transfers().upload(hyper, 0, tensor);
    return tensor;
  }

  /**
   * A step of SGD with weight decay.
   *
   * @param parameters their number
   */
  public static OperationCase sgd(int parameters) {
    double n = parameters;
    return new OperationCase(
        Suite.OPS,
        "sgd " + parameters,
        Work.of(4 * n, 2 * n, n),
        null,
        on -> {
          Tensor hyper = on.zeros(Hyperparameters.LENGTH);
          on.backend().transfers().fill(hyper, 1e-6);
          Tensor weights = on.random(parameters);
          Tensor gradients = on.random(parameters);
          return new OperationCase.Call(
              () -> on.backend().optimizers().sgd(false, hyper, weights, gradients, null),
              () -> on.values(weights),
              List.of(weights, gradients));
        });
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}

package dev.tandem.benchmarks.cases;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.Elementwise.Binary;
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
   * Twice each element.
   *
   * @param shape rows and columns
   */
  public static OperationCase scale(String shape) {
    int[] s = Sizes.parse(shape, "rowsxcolumns");
    double n = (double) s[0] * s[1];
    return new OperationCase(
        Suite.OPS,
        "scale " + shape,
        Work.of(n, n, n),
        null,
        on -> {
          Tensor x = on.random(s);
          Tensor out = on.zeros(s);
          return new OperationCase.Call(
              () -> on.backend().elementwise().scale(2, x, out), () -> on.values(out), List.of(x));
        });
  }

  /**
   * {@code x y + z}.
   *
   * @param shape rows and columns
   */
  public static OperationCase multiplyAdd(String shape) {
    int[] s = Sizes.parse(shape, "rowsxcolumns");
    double n = (double) s[0] * s[1];
    return new OperationCase(
        Suite.OPS,
        "multiplyAdd " + shape,
        Work.of(2 * n, 3 * n, n),
        null,
        on -> {
          Tensor x = on.random(s);
          Tensor y = on.random(s);
          Tensor z = on.random(s);
          Tensor out = on.zeros(s);
          return new OperationCase.Call(
              () -> on.backend().elementwise().multiplyAdd(x, y, z, out),
              () -> on.values(out),
              List.of(x, y, z));
        });
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}

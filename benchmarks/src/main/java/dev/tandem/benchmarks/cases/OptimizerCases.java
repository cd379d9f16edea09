package dev.tandem.benchmarks.cases;

import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Tensor;
import java.util.List;

/** Updates of all parameters at once, and the norm of their gradients. */
public final class OptimizerCases {
  private OptimizerCases() {}

  /**
   * A step of Adam.
   *
   * @param parameters their number
   * @param decoupled whether weight decay is AdamW's
   */
  public static OperationCase adam(int parameters, boolean decoupled) {
    double n = parameters;
    return new OperationCase(
        Suite.OPS,
        "%s %d".formatted(decoupled ? "adamW" : "adam", parameters),
        Work.of(13 * n, 4 * n, 3 * n),
        null,
        on -> {
          Tensor hyper = hyper(on);
          Tensor weights = on.random(parameters);
          Tensor gradients = on.random(parameters);
          Tensor moments = on.random(parameters);
          Tensor squares = on.random(0.5f, 1, parameters);
          return new OperationCase.Call(
              () ->
                  on.backend()
                      .optimizers()
                      .adam(decoupled, hyper, weights, gradients, moments, squares),
              () -> on.values(weights),
              List.of(weights, gradients, moments, squares));
        });
  }

  /** The first step of Adam with PyTorch's defaults, without weight decay. */
  private static Tensor hyper(Operands on) {
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

  /**
   * A step of SGD with momentum and weight decay.
   *
   * @param parameters their number
   */
  public static OperationCase momentum(int parameters) {
    double n = parameters;
    return new OperationCase(
        Suite.OPS,
        "momentum " + parameters,
        Work.of(6 * n, 3 * n, 2 * n),
        null,
        on -> {
          Tensor hyper = on.zeros(Hyperparameters.LENGTH);
          on.backend().transfers().fill(hyper, 1e-6);
          Tensor weights = on.random(parameters);
          Tensor gradients = on.random(parameters);
          Tensor velocity = on.random(parameters);
          return new OperationCase.Call(
              () -> on.backend().optimizers().sgd(false, hyper, weights, gradients, velocity),
              () -> on.values(weights),
              List.of(weights, gradients, velocity));
        });
  }

  /**
   * The norm of all gradients.
   *
   * @param parameters their number
   */
  public static OperationCase norm(int parameters) {
    double n = parameters;
    return new OperationCase(
        Suite.OPS,
        "norm " + parameters,
        Work.of(2 * n, n, 1),
        null,
        on -> {
          Tensor gradients = on.random(parameters);
          Tensor norm = on.zeros(1);
          return new OperationCase.Call(
              () -> on.backend().optimizers().clipByNorm(Double.POSITIVE_INFINITY, gradients, norm),
              () -> on.values(norm),
              List.of(gradients));
        });
  }
}

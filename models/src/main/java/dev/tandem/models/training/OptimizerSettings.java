package dev.tandem.models.training;

import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Optimizers;
import dev.tandem.engine.Tensor;
import dev.tandem.models.ModelException;
import dev.tandem.models.Parameters;
import java.util.List;
import java.util.Locale;

/**
 * An optimiser with its numbers; formulas and constants are PyTorch's, see {@link Optimizers}.
 *
 * @param kind the update rule
 * @param learningRate lr, above 0
 * @param momentum of SGD and RMSProp, in [0,1)
 * @param nesterov whether SGD looks ahead, which needs momentum
 * @param weightDecay the factor of the L2 term in the gradient; for AdamW the decoupled decay
 */
public record OptimizerSettings(
    Kind kind, double learningRate, double momentum, boolean nesterov, double weightDecay) {

  private static final double ADAM_BETA1 = 0.9;
  private static final double ADAM_BETA2 = 0.999;
  private static final double RMSPROP_ALPHA = 0.99;

  /** The update rules with PyTorch's default learning rate, epsilon and weight decay. */
  public enum Kind {
    /** Stochastic gradient descent. */
    SGD(1e-3, 0, 0),
    /** Hinton's running mean of squares. */
    RMSPROP(1e-2, 1e-8, 0),
    /** Duchi's sum of squares. */
    ADAGRAD(1e-2, 1e-10, 0),
    /** Kingma and Ba's two moments. */
    ADAM(1e-3, 1e-8, 0),
    /** Adam with decoupled weight decay. */
    ADAMW(1e-3, 1e-8, 0.01);

    private final double learningRate;
    private final double epsilon;
    private final double weightDecay;

    Kind(double learningRate, double epsilon, double weightDecay) {
      this.learningRate = learningRate;
      this.epsilon = epsilon;
      this.weightDecay = weightDecay;
    }

    /** Returns this optimiser with its default numbers. */
    public OptimizerSettings defaults() {
      return new OptimizerSettings(this, learningRate, 0, false, weightDecay);
    }
  }

  /** Checks the numbers. */
  public OptimizerSettings {
    require(learningRate > 0 && Double.isFinite(learningRate), "--lr", learningRate, "above 0");
    require(momentum >= 0 && momentum < 1, "--momentum", momentum, "from 0 to below 1");
    require(
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "--weight-decay",
        weightDecay,
        "0 or more");
    if (momentum > 0 && kind != Kind.SGD && kind != Kind.RMSPROP) {
      throw new ModelException(
          "--momentum is for sgd and rmsprop, not for %s (leave it out)"
              .formatted(kind.name().toLowerCase(Locale.ROOT)));
    }
    if (nesterov && (kind != Kind.SGD || momentum == 0)) {
      throw new ModelException(
          "--nesterov needs sgd with --momentum above 0 (for example --optimizer sgd --momentum 0.9)");
    }
  }

  private static void require(boolean valid, String name, double value, String range) {
    if (!valid) {
      throw new ModelException("%s is %s (give a number %s)".formatted(name, value, range));
    }
  }

  /** Returns how many flat ranges of state the update rule keeps. */
  public int states() {
    return switch (kind) {
      case SGD -> momentum > 0 ? 1 : 0;
      case RMSPROP -> momentum > 0 ? 2 : 1;
      case ADAGRAD -> 1;
      case ADAM, ADAMW -> 2;
    };
  }

  /**
   * Works out the numbers of one update.
   *
   * @param rate the learning rate now
   * @param update t, counted from 1
   * @param hyper laid out as {@link Hyperparameters} says, overwritten
   */
  void fill(double rate, long update, double[] hyper) {
    boolean adam = kind == Kind.ADAM || kind == Kind.ADAMW;
    double decay2 = adam ? ADAM_BETA2 : RMSPROP_ALPHA;
    hyper[Hyperparameters.STEP_SIZE] = adam ? rate / (1 - Math.pow(ADAM_BETA1, update)) : rate;
    hyper[Hyperparameters.WEIGHT_DECAY] = kind == Kind.ADAMW ? 1 - rate * weightDecay : weightDecay;
    hyper[Hyperparameters.EPSILON] = kind.epsilon;
    hyper[Hyperparameters.MOMENTUM] = momentum;
    hyper[Hyperparameters.DECAY1] = ADAM_BETA1;
    hyper[Hyperparameters.COMPLEMENT1] = 1 - ADAM_BETA1;
    hyper[Hyperparameters.DECAY2] = decay2;
    hyper[Hyperparameters.COMPLEMENT2] = 1 - decay2;
    hyper[Hyperparameters.ROOT_CORRECTION2] = 1 / Math.sqrt(1 - Math.pow(ADAM_BETA2, update));
  }

  /** Updates all parameters from their gradients. */
  void update(Optimizers optimizers, Tensor hyper, Parameters parameters) {
    Tensor weights = parameters.weights();
    Tensor gradients = parameters.gradients();
    List<Tensor> states = parameters.optimizerState();
    switch (kind) {
      case SGD ->
          optimizers.sgd(nesterov, hyper, weights, gradients, momentum > 0 ? states.get(0) : null);
      case RMSPROP ->
          optimizers.rmsProp(
              hyper, weights, gradients, states.get(0), momentum > 0 ? states.get(1) : null);
      case ADAGRAD -> optimizers.adagrad(hyper, weights, gradients, states.get(0));
      case ADAM, ADAMW ->
          optimizers.adam(
              kind == Kind.ADAMW, hyper, weights, gradients, states.get(0), states.get(1));
    }
  }
}

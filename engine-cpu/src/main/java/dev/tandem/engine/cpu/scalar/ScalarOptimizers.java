package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Optimizers;
import dev.tandem.engine.Tensor;

/** Update rules of optimisers and gradient clipping. */
final class ScalarOptimizers extends Optimizers {
  /** Keeps the factor of {@link #computeClipByNorm} finite for a norm of 0, as in PyTorch. */
  private static final double NORM_EPSILON = 1e-6;

  ScalarOptimizers(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeSgd(
      boolean nesterov, Tensor hyper, Tensor weights, Tensor gradients, Tensor velocity) {
    Values h = Values.of(hyper);
    double rate = h.get(Hyperparameters.STEP_SIZE);
    double decay = h.get(Hyperparameters.WEIGHT_DECAY);
    double momentum = h.get(Hyperparameters.MOMENTUM);
    Values w = Values.of(weights);
    Values gradient = Values.of(gradients);
    Values v = Values.of(velocity);
    for (int i = 0; i < w.length(); i++) {
      // g = g + decay w
      double g = gradient.get(i) + decay * w.get(i);
      double direction = g;
      if (v != null) {
        // v = momentum v + g
        double speed = momentum * v.get(i) + g;
        v.set(i, speed);
        direction = nesterov ? g + momentum * speed : speed;
      }
      // w = w - lr v, with Nesterov w = w - lr (g + momentum v)
      w.add(i, -rate * direction);
    }
  }

  @Override
  protected void computeRmsProp(
      Tensor hyper, Tensor weights, Tensor gradients, Tensor squares, Tensor velocity) {
    Values h = Values.of(hyper);
    double rate = h.get(Hyperparameters.STEP_SIZE);
    double decay = h.get(Hyperparameters.WEIGHT_DECAY);
    double epsilon = h.get(Hyperparameters.EPSILON);
    double momentum = h.get(Hyperparameters.MOMENTUM);
    double alpha = h.get(Hyperparameters.DECAY2);
    double complement = h.get(Hyperparameters.COMPLEMENT2);
    Values w = Values.of(weights);
    Values gradient = Values.of(gradients);
    Values s = Values.of(squares);
    Values v = Values.of(velocity);
    for (int i = 0; i < w.length(); i++) {
      // g = g + decay w
      double g = gradient.get(i) + decay * w.get(i);
      // s = alpha s + (1 - alpha) g^2
      double square = alpha * s.get(i) + complement * g * g;
      s.set(i, square);
      // u = g / (sqrt(s) + epsilon)
      double direction = g / (Math.sqrt(square) + epsilon);
      if (v != null) {
        // v = momentum v + u
        direction = momentum * v.get(i) + direction;
        v.set(i, direction);
      }
      // w = w - lr u, with a velocity w = w - lr v
      w.add(i, -rate * direction);
    }
  }

  @Override
  protected void computeAdagrad(Tensor hyper, Tensor weights, Tensor gradients, Tensor squares) {
    Values h = Values.of(hyper);
    double rate = h.get(Hyperparameters.STEP_SIZE);
    double decay = h.get(Hyperparameters.WEIGHT_DECAY);
    double epsilon = h.get(Hyperparameters.EPSILON);
    Values w = Values.of(weights);
    Values gradient = Values.of(gradients);
    Values s = Values.of(squares);
    for (int i = 0; i < w.length(); i++) {
      // g = g + decay w
      double g = gradient.get(i) + decay * w.get(i);
      // s = s + g^2
      double square = s.get(i) + g * g;
      s.set(i, square);
      // w = w - lr g / (sqrt(s) + epsilon)
      w.add(i, -rate * g / (Math.sqrt(square) + epsilon));
    }
  }

  @Override
  protected void computeAdam(
      boolean decoupled,
      Tensor hyper,
      Tensor weights,
      Tensor gradients,
      Tensor moments,
      Tensor squares) {
    Values h = Values.of(hyper);
    double stepSize = h.get(Hyperparameters.STEP_SIZE);
    double decay = h.get(Hyperparameters.WEIGHT_DECAY);
    double epsilon = h.get(Hyperparameters.EPSILON);
    double beta1 = h.get(Hyperparameters.DECAY1);
    double complement1 = h.get(Hyperparameters.COMPLEMENT1);
    double beta2 = h.get(Hyperparameters.DECAY2);
    double complement2 = h.get(Hyperparameters.COMPLEMENT2);
    double rootCorrection2 = h.get(Hyperparameters.ROOT_CORRECTION2);
    Values w = Values.of(weights);
    Values gradient = Values.of(gradients);
    Values m = Values.of(moments);
    Values s = Values.of(squares);
    for (int i = 0; i < w.length(); i++) {
      // Adam: g = g + decay w; AdamW: w = (1 - lr decay) w
      double weight = decoupled ? decay * w.get(i) : w.get(i);
      double g = decoupled ? gradient.get(i) : gradient.get(i) + decay * weight;
      // m = beta1 m + (1 - beta1) g
      double moment = beta1 * m.get(i) + complement1 * g;
      m.set(i, moment);
      // s = beta2 s + (1 - beta2) g^2
      double square = beta2 * s.get(i) + complement2 * g * g;
      s.set(i, square);
      // w = w - (lr / (1 - beta1^t)) m / (sqrt(s) / sqrt(1 - beta2^t) + epsilon)
      w.set(i, weight - stepSize * moment / (Math.sqrt(square) * rootCorrection2 + epsilon));
    }
  }

  @Override
  protected void computeClipByValue(double limit, Tensor gradients) {
    Values g = Values.of(gradients);
    // g = min(max(g, -limit), limit); Math.min and Math.max keep NaN
    for (int i = 0; i < g.length(); i++) {
      g.set(i, Math.min(Math.max(g.get(i), -limit), limit));
    }
  }

  @Override
  protected void computeClipByNorm(double limit, Tensor gradients, Tensor norm) {
    Values g = Values.of(gradients);
    // norm = sqrt(sum_i g_i^2)
    double sum = 0;
    for (int i = 0; i < g.length(); i++) {
      sum += g.get(i) * g.get(i);
    }
    double size = Math.sqrt(sum);
    Values.of(norm).set(0, size);
    if (limit < Double.POSITIVE_INFINITY) {
      // g = g min(1, limit / (norm + 1e-6))
      double factor = Math.min(1, limit / (size + NORM_EPSILON));
      for (int i = 0; i < g.length(); i++) {
        g.set(i, g.get(i) * factor);
      }
    }
  }
}

package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Activations;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cpu.Erf;

/** Activation functions and their derivatives. */
final class ScalarActivations extends Activations {
  private static final double ROOT_HALF = Math.sqrt(0.5);
  private static final double INVERSE_ROOT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

  ScalarActivations(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeForward(Activation f, Tensor x, Tensor y) {
    Values in = Values.of(x);
    Values out = Values.of(y);
    // y[i] = f(x[i])
    for (int i = 0; i < in.length(); i++) {
      out.set(i, value(f, in.get(i)));
    }
  }

  @Override
  protected void computeBackward(Activation f, Tensor saved, Tensor dy, Tensor dx) {
    Values kept = Values.of(saved);
    Values outer = Values.of(dy);
    Values inner = Values.of(dx);
    // dx[i] = dy[i] f'(x[i])
    for (int i = 0; i < kept.length(); i++) {
      inner.set(i, outer.get(i) * derivative(f, kept.get(i)));
    }
  }

  /** Returns f(x). */
  static double value(Activation f, double x) {
    return switch (f) {
      case IDENTITY -> x;
      case RELU -> Math.max(0, x);
      case LEAKY_RELU -> x > 0 ? x : Activation.LEAKY_SLOPE * x;
      case SIGMOID -> sigmoid(x);
      case TANH -> Math.tanh(x);
      case GELU -> x * normalDistribution(x);
      case SILU -> x * sigmoid(x);
      case ELU -> x > 0 ? x : Math.expm1(x);
    };
  }

  /** Returns f'(x) from the output y = f(x), for GELU and SILU from the input x. */
  private static double derivative(Activation f, double saved) {
    return switch (f) {
      case IDENTITY -> 1;
      case RELU -> saved > 0 ? 1 : 0;
      case LEAKY_RELU -> saved > 0 ? 1 : Activation.LEAKY_SLOPE;
      // y = sigmoid(x): y' = y (1 - y)
      case SIGMOID -> saved * (1 - saved);
      // y = tanh(x): y' = 1 - y^2
      case TANH -> (1 - saved) * (1 + saved);
      // Phi(x) + x phi(x)
      case GELU -> normalDistribution(saved) + saved * normalDensity(saved);
      // s + x s (1 - s) with s = sigmoid(x)
      case SILU -> sigmoid(saved) * (1 + saved * sigmoid(-saved));
      // y = exp(x) - 1 below 0: y' = y + 1
      case ELU -> saved > 0 ? 1 : saved + 1;
    };
  }

  /** {@code 1 / (1 + exp(-x))}. */
  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** {@code Phi(x) = (1 + erf(x / sqrt 2)) / 2}, by erfc so that nothing cancels below 0. */
  private static double normalDistribution(double x) {
    return Erf.erfc(-x * ROOT_HALF) / 2;
  }

  /** {@code phi(x) = exp(-x^2 / 2) / sqrt(2 pi)}. */
  private static double normalDensity(double x) {
    return Math.exp(-x * x / 2) * INVERSE_ROOT_TWO_PI;
  }
}

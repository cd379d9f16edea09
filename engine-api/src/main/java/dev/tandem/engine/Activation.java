package dev.tandem.engine;

/** The activation functions, with the constants of PyTorch's defaults. */
public enum Activation {
  /** {@code y = x}. */
  IDENTITY(true),
  /** {@code y = max(0, x)}; NaN stays NaN; the derivative at 0 is 0. */
  RELU(true),
  /** {@code y = x for x > 0, else 0.01 x}. */
  LEAKY_RELU(true),
  /** {@code y = 1 / (1 + exp(-x))}. */
  SIGMOID(true),
  /** {@code y = tanh(x)}. */
  TANH(true),
  /** {@code y = x (1 + erf(x / sqrt 2)) / 2} (Hendrycks and Gimpel 2016, exact form). */
  GELU(false),
  /** {@code y = x sigmoid(x)} (Elfwing et al. 2018). */
  SILU(false),
  /** {@code y = x for x > 0, else exp(x) - 1} (Clevert et al. 2016, alpha 1). */
  ELU(true);

  /** The slope of {@link #LEAKY_RELU} below 0. */
  public static final double LEAKY_SLOPE = 0.01;

  private final boolean derivativeFromOutput;

  Activation(boolean derivativeFromOutput) {
    this.derivativeFromOutput = derivativeFromOutput;
  }

  /**
   * Returns whether the derivative is a function of the output {@code y} alone. If so, {@link
   * Activations#backward} wants {@code y} and the input need not be kept; if not, it wants the
   * input {@code x}.
   */
  public boolean derivativeFromOutput() {
    return derivativeFromOutput;
  }
}

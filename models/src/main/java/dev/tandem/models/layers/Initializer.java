package dev.tandem.models.layers;

import dev.tandem.engine.Philox;
import java.util.Arrays;

/** How a parameter gets its first values. */
@FunctionalInterface
public interface Initializer {
  /** Which rules layers choose their initialisers by. */
  enum Scheme {
    /** He for layers before a function of the ReLU family, Glorot for the others, biases 0. */
    DEFAULT,
    /** The defaults of PyTorch's modules. */
    PYTORCH
  }

  /** Writes the first values. */
  void fill(double[] values, Philox random);

  /** All the same. */
  static Initializer constant(double value) {
    return (values, random) -> Arrays.fill(values, value);
  }

  /** Uniform in [-bound, bound). */
  static Initializer uniform(double bound) {
    return (values, random) -> {
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextDouble(-bound, bound);
      }
    };
  }

  /** Normal with mean 0. */
  static Initializer normal(double deviation) {
    return (values, random) -> {
      for (int i = 0; i < values.length; i++) {
        values[i] = deviation * random.nextGaussian();
      }
    };
  }

  /**
   * Uniform with bound {@code sqrt(6 / (fanIn + fanOut))} (Glorot and Bengio 2010, equation 16).
   */
  static Initializer glorot(int fanIn, int fanOut) {
    return uniform(Math.sqrt(6.0 / Math.max(1, fanIn + fanOut)));
  }

  /**
   * Uniform with bound {@code sqrt(6 / fanIn)}, whose variance is {@code 2 / fanIn} (He et al.
   * 2015, equation 10).
   */
  static Initializer he(int fanIn) {
    return uniform(Math.sqrt(6.0 / Math.max(1, fanIn)));
  }
}

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
   * Orthogonal matrices below each other (Saxe et al. 2014): rows of normal numbers, each made
   * orthogonal to those above it and of length 1 (Gram and Schmidt, in its modified form).
   *
   * @param side the rows and columns of one matrix
   */
  static Initializer orthogonal(int side) {
    return (values, random) -> {
      normal(1).fill(values, random);
      for (int from = 0; from < values.length; from += side * side) {
        for (int i = 0; i < side; i++) {
          int row = from + i * side;
          for (int other = from; other < row; other += side) {
            double product = 0;
            for (int j = 0; j < side; j++) {
              product += values[row + j] * values[other + j];
            }
            for (int j = 0; j < side; j++) {
              values[row + j] -= product * values[other + j];
            }
          }
          double squares = 0;
          for (int j = 0; j < side; j++) {
            squares += values[row + j] * values[row + j];
          }
          double scale = 1 / Math.sqrt(squares);
          for (int j = 0; j < side; j++) {
            values[row + j] *= scale;
          }
        }
      }
    };
  }

  /** One initialiser for the first values, another for each block of as many that follows. */
  static Initializer blocks(int length, Initializer... initializers) {
    return (values, random) -> {
      double[] block = new double[length];
      for (int i = 0; i < initializers.length; i++) {
        initializers[i].fill(block, random);
        System.arraycopy(block, 0, values, i * length, length);
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

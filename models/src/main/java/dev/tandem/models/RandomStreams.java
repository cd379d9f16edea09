package dev.tandem.models;

import dev.tandem.engine.Philox;

/**
 * The streams of one seed, kept apart by their upper word. Dropout's counters hold the step there,
 * so their upper word is 0.
 */
public final class RandomStreams {
  private static final long WEIGHTS = 1L << 32;
  private static final long SHUFFLE = 2L << 32;
  private static final long SAMPLING = 3L << 32;

  private RandomStreams() {}

  /** Returns the numbers for the initial values of the parameter with an index. */
  public static Philox weights(long seed, int parameter) {
    return new Philox(seed, WEIGHTS + parameter);
  }

  /** Returns the numbers for the order of the examples in an epoch. */
  public static Philox shuffle(long seed, int epoch) {
    return new Philox(seed, SHUFFLE + epoch);
  }

  /** Returns the numbers for the tokens of a text that a language model makes up. */
  public static Philox sampling(long seed) {
    return new Philox(seed, SAMPLING);
  }
}

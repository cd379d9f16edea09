package dev.tandem.models.training;

/** How the learning rate goes on from its first value. */
public enum Schedule {
  /** It stays. */
  CONSTANT,
  /** A tenth after each third of the epochs. */
  STEP,
  /** By the same factor every epoch, to a hundredth after the last. */
  EXPONENTIAL,
  /** Down half a cosine to 0 after the last step (Loshchilov and Hutter 2017, one period). */
  COSINE,
  /**
   * A tenth whenever the validation loss (without one, the training loss) was not better for more
   * than 10 epochs.
   */
  PLATEAU;

  static final int PLATEAU_PATIENCE = 10;

  /**
   * Returns the factor of the learning rate for a step.
   *
   * @param step counted from 0
   * @param steps all steps of the training
   * @param epoch counted from 0
   * @param epochs all epochs of the training
   * @param drops how often a plateau was met
   * @param warmup over how many steps the rate rises in a line to its value
   */
  double factor(long step, long steps, int epoch, int epochs, int drops, int warmup) {
    double factor =
        switch (this) {
          case CONSTANT -> 1;
          case STEP -> Math.pow(0.1, 3L * epoch / epochs);
          case EXPONENTIAL -> Math.pow(0.01, (double) epoch / epochs);
          case COSINE -> 0.5 * (1 + Math.cos(Math.PI * step / steps));
          case PLATEAU -> Math.pow(0.1, drops);
        };
    return step < warmup ? factor * (step + 1) / warmup : factor;
  }
}

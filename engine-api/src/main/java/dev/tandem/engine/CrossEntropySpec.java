package dev.tandem.engine;

/**
 * The options of softmax cross-entropy.
 *
 * @param ignoreIndex a label whose rows count for nothing; {@link #NO_IGNORE_INDEX} for none
 * @param labelSmoothing epsilon in [0,1] (Szegedy et al. 2016, section 7): the target is
 *     (1-epsilon) on the label and epsilon/N on every class
 */
public record CrossEntropySpec(int ignoreIndex, double labelSmoothing) {
  /** An ignore index that no label has. */
  public static final int NO_IGNORE_INDEX = Integer.MIN_VALUE;

  /** Neither ignored labels nor smoothing. */
  public static final CrossEntropySpec PLAIN = new CrossEntropySpec(NO_IGNORE_INDEX, 0);

  /** Checks the values. */
  public CrossEntropySpec {
    Checks.range("softmaxCrossEntropy", "label smoothing", labelSmoothing, 0, 1);
  }
}

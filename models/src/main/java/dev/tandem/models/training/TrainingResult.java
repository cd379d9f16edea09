package dev.tandem.models.training;

import java.util.List;

/**
 * What a training came to.
 *
 * @param epochs the course, one record for each epoch
 * @param training on the training part, after training
 * @param validation on the validation part, null without one
 * @param test on the test part, null without one
 * @param bestEpoch the epoch whose weights were kept
 * @param warnings signs of over- or underfitting, in words
 * @param seconds spent in the epochs
 */
public record TrainingResult(
    List<EpochRecord> epochs,
    Evaluation training,
    Evaluation validation,
    Evaluation test,
    int bestEpoch,
    List<String> warnings,
    double seconds) {

  /** Returns those of the seconds for which steps waited until their batch was prepared. */
  public double waitedSeconds() {
    return epochs.stream().mapToDouble(EpochRecord::waitedSeconds).sum();
  }

  /**
   * Returns the part whose errors are shown in full: the test part, or without one all training.
   */
  public Evaluation shown() {
    return test != null ? test : training;
  }
}

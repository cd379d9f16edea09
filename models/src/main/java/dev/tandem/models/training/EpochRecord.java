package dev.tandem.models.training;

import java.util.Map;

/**
 * What one epoch came to.
 *
 * @param epoch counted from 1
 * @param step the steps done so far
 * @param trainingLoss the mean over the epoch's examples, each with the weights of its step
 * @param validation loss and scores on the validation part after the epoch; empty without one
 * @param learningRate of the last step
 * @param seconds of the epoch, validation included
 * @param waitedSeconds those of them for which steps waited until their batch was prepared
 */
public record EpochRecord(
    int epoch,
    long step,
    double trainingLoss,
    Map<String, Double> validation,
    double learningRate,
    double seconds,
    double waitedSeconds) {

  /** Returns the loss that early stopping and plateaus go by. */
  double watchedLoss() {
    return validation.getOrDefault("loss", trainingLoss);
  }
}

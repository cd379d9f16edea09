package dev.tandem.models.training;

/** Is told how training goes. */
public interface TrainingListener {
  /** A listener that does nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * A step was done.
   *
   * @param step counted from 1
   * @param epoch counted from 1
   * @param loss of the step's batch before its update
   * @param learningRate of the update
   * @param gradientNorm before clipping
   * @param examplesPerSecond since the step before
   */
  default void step(
      long step,
      int epoch,
      double loss,
      double learningRate,
      double gradientNorm,
      double examplesPerSecond) {}

  /**
   * An epoch was done.
   *
   * @param epoch its record
   * @param trainer from which a checkpoint can be taken
   */
  default void epoch(EpochRecord epoch, Trainer trainer) {}
}

package dev.tandem.models.training;

import dev.tandem.datasets.Augmentation;
import dev.tandem.models.ModelException;
import dev.tandem.models.layers.Initializer;

/**
 * How a network is trained.
 *
 * @param epochs passes over the training part, at least 1
 * @param batchSize examples of a step, at least 1; the last batch of an epoch may be smaller
 * @param loss what is made small
 * @param optimizer the update rule
 * @param schedule how the learning rate goes on
 * @param warmup over how many steps the learning rate rises to its value
 * @param clipNorm the largest norm of all gradients together; positive infinity for no limit
 * @param clipValue the largest absolute value of a gradient, after its norm was clipped; positive
 *     infinity for no limit
 * @param seed of initial weights, shuffles and dropout
 * @param shuffle whether every epoch has an order of its own
 * @param maxSteps after how many steps to stop, whatever the epoch
 * @param patience after how many epochs without a smaller validation loss to stop, going back to
 *     the best weights; 0 never stops
 * @param initialization how weights begin
 * @param augmentation how pictures are changed each time they are trained on
 * @param stateful whether each batch of sequences goes on where the one before it ended, so that
 *     states are carried and gradients stop at its first step (truncated backpropagation through
 *     time, Williams and Peng 1990)
 */
public record TrainingOptions(
    int epochs,
    int batchSize,
    Loss loss,
    OptimizerSettings optimizer,
    Schedule schedule,
    int warmup,
    double clipNorm,
    double clipValue,
    long seed,
    boolean shuffle,
    long maxSteps,
    int patience,
    Initializer.Scheme initialization,
    Augmentation augmentation,
    boolean stateful) {

  /** Checks the values. */
  public TrainingOptions {
    require(epochs >= 1, "--epochs", epochs, "1 or more");
    require(batchSize >= 1, "--batch-size", batchSize, "1 or more");
    require(warmup >= 0, "--warmup", warmup, "0 or more steps");
    require(clipNorm > 0, "--clip-norm", clipNorm, "a number above 0");
    require(clipValue > 0, "--clip-value", clipValue, "a number above 0");
    require(maxSteps >= 1, "--max-steps", maxSteps, "1 or more");
    require(patience >= 0, "--patience", patience, "1 or more epochs");
  }

  private static void require(boolean valid, String name, Object value, String range) {
    if (!valid) {
      throw new ModelException("%s is %s (give %s)".formatted(name, value, range));
    }
  }

  /** Returns the usual options: Adam at 0.001, batches of 32, 20 epochs, seed 1. */
  public static TrainingOptions of(Loss loss) {
    return new TrainingOptions(
        20,
        32,
        loss,
        OptimizerSettings.Kind.ADAM.defaults(),
        Schedule.CONSTANT,
        0,
        Double.POSITIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        1,
        true,
        Long.MAX_VALUE,
        0,
        Initializer.Scheme.DEFAULT,
        Augmentation.NONE,
        false);
  }

  /** Returns these options with another number of epochs. */
  public TrainingOptions withEpochs(int number) {
    return new TrainingOptions(
        number,
        batchSize,
        loss,
        optimizer,
        schedule,
        warmup,
        clipNorm,
        clipValue,
        seed,
        shuffle,
        maxSteps,
        patience,
        initialization,
        augmentation,
        stateful);
  }

  /** Returns these options with another batch size. */
  public TrainingOptions withBatchSize(int number) {
    return new TrainingOptions(
        epochs,
        number,
        loss,
        optimizer,
        schedule,
        warmup,
        clipNorm,
        clipValue,
        seed,
        shuffle,
        maxSteps,
        patience,
        initialization,
        augmentation,
        stateful);
  }

  /** Returns these options with another optimiser. */
  public TrainingOptions withOptimizer(OptimizerSettings other) {
    return new TrainingOptions(
        epochs,
        batchSize,
        loss,
        other,
        schedule,
        warmup,
        clipNorm,
        clipValue,
        seed,
        shuffle,
        maxSteps,
        patience,
        initialization,
        augmentation,
        stateful);
  }

  /** Returns these options with another seed. */
  public TrainingOptions withSeed(long other) {
    return new TrainingOptions(
        epochs,
        batchSize,
        loss,
        optimizer,
        schedule,
        warmup,
        clipNorm,
        clipValue,
        other,
        shuffle,
        maxSteps,
        patience,
        initialization,
        augmentation,
        stateful);
  }

  /** Returns these options with early stopping. */
  public TrainingOptions withPatience(int number) {
    return new TrainingOptions(
        epochs,
        batchSize,
        loss,
        optimizer,
        schedule,
        warmup,
        clipNorm,
        clipValue,
        seed,
        shuffle,
        maxSteps,
        number,
        initialization,
        augmentation,
        stateful);
  }
}

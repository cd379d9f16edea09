package dev.tandem.models.runs;

import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Catalog;
import dev.tandem.datasets.DataException;
import dev.tandem.datasets.Task;
import dev.tandem.models.ModelException;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.training.Loss;
import dev.tandem.models.training.OptimizerSettings;
import dev.tandem.models.training.Schedule;
import dev.tandem.models.training.TrainingOptions;
import java.util.Objects;

/**
 * Everything that decides what a run computes, with nothing left to defaults; written to {@code
 * run.json} and read back to resume, evaluate and predict. Paths are absolute. A null means that
 * the option was not given and has no value.
 *
 * @param model a preset, or the path of an architecture file
 * @param weights a safetensors file to begin with, or null
 * @param dataset the id of a data set, or null
 * @param data a file of the user's own, or null
 * @param labels the file of the labels of an array, or null
 * @param target the column of a table that is predicted, or null
 * @param task what is learnt; null leaves it to the data
 * @param standardize whether the inputs of an array are standardised
 * @param backend the backend's id, never {@code auto}
 * @param threads of the CPU
 * @param math the arithmetic of products
 * @param hidden units of a preset's hidden layers; null for the preset's
 * @param layers a preset's hidden layers; null for the preset's
 * @param dropout a preset's dropout rate; null for the preset's
 * @param loss what is made small; null for the task's
 * @param optimizer the update rule with its numbers
 * @param epochs passes over the training part
 * @param batchSize examples of a step
 * @param schedule how the learning rate goes on
 * @param warmup steps over which it rises
 * @param clipNorm the largest norm of the gradients; null for no limit
 * @param clipValue the largest absolute gradient; null for no limit
 * @param validationSplit the fraction of what is not test that validates
 * @param testSplit the fraction that tests, where the data set has no test part of its own
 * @param folds the number of folds; null without cross-validation
 * @param patience epochs without a smaller validation loss before training stops; null never stops
 * @param seed of everything random
 * @param shuffle whether each epoch has an order of its own
 * @param maxSteps the most steps; null for no limit
 * @param init how weights begin
 * @param bidirectional whether a recurrent preset also reads from the end; null for the preset's
 * @param window steps of a series that a forecast sees, or tokens that a language model is trained
 *     on at once; null for the data's
 * @param horizon steps that are forecast; null for 1
 * @param tbptt tokens after which gradients stop while states go on; null without
 * @param augment how pictures are changed, see {@link Augmentation#parse}; null for not at all
 * @param pictureSize the side that pictures are brought to; null for the most frequent
 * @param strict whether a picture that cannot be read is an error
 * @param gradientFlow whether the gradients through time are recorded
 */
public record RunSettings(
    String model,
    String weights,
    String dataset,
    String data,
    String labels,
    String target,
    Task task,
    boolean standardize,
    String backend,
    int threads,
    String math,
    Integer hidden,
    Integer layers,
    Double dropout,
    Loss loss,
    OptimizerSettings optimizer,
    int epochs,
    int batchSize,
    Schedule schedule,
    int warmup,
    Double clipNorm,
    Double clipValue,
    double validationSplit,
    double testSplit,
    Integer folds,
    Integer patience,
    long seed,
    boolean shuffle,
    Long maxSteps,
    Initializer.Scheme init,
    Boolean bidirectional,
    Integer window,
    Integer horizon,
    Integer tbptt,
    String augment,
    Integer pictureSize,
    boolean strict,
    boolean gradientFlow) {

  /** Checks that nothing is missing that every run has, as it may be in a damaged file. */
  public RunSettings {
    Objects.requireNonNull(model, "model is missing");
    Objects.requireNonNull(backend, "backend is missing");
    Objects.requireNonNull(math, "math is missing");
    Objects.requireNonNull(optimizer, "optimizer is missing");
    Objects.requireNonNull(schedule, "schedule is missing");
    Objects.requireNonNull(init, "init is missing");
  }

  /**
   * Checks every value that can be judged without the data.
   *
   * @throws ModelException or {@link DataException} if one is not possible; the message names it
   */
  public void check() {
    RunModel.check(this);
    trainingOptions(Loss.MSE);
    requireFraction("--validation-split", validationSplit);
    requireFraction("--test-split", testSplit);
    requireAtLeast(2, "--k-fold", folds);
    requireAtLeast(1, "--window", window);
    requireAtLeast(1, "--horizon", horizon);
    requireAtLeast(1, "--tbptt", tbptt);
    requireAtLeast(1, "--picture-size", pictureSize);
    if (dataset != null) {
      Catalog.entry(dataset);
    }
  }

  private static void requireFraction(String option, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new ModelException(
          "%s is %s (give a fraction from 0 to below 1)".formatted(option, value));
    }
  }

  private static void requireAtLeast(int least, String option, Integer value) {
    if (value != null && value < least) {
      throw new ModelException("%s is %d (give %d or more)".formatted(option, value, least));
    }
  }

  /** Returns what the trainer needs to know, for data of a task. */
  public TrainingOptions trainingOptions(Task ofData) {
    if (ofData == Task.DETECTION) {
      augmentation().requireBoxes();
    }
    return trainingOptions(loss(ofData));
  }

  private TrainingOptions trainingOptions(Loss ofRun) {
    return new TrainingOptions(
        epochs,
        batchSize,
        ofRun,
        optimizer,
        schedule,
        warmup,
        clipNorm == null ? Double.POSITIVE_INFINITY : clipNorm,
        clipValue == null ? Double.POSITIVE_INFINITY : clipValue,
        seed,
        shuffle,
        maxSteps == null ? Long.MAX_VALUE : maxSteps,
        patience == null ? 0 : patience,
        init,
        augmentation(),
        continues());
  }

  /** Returns whether each window of a text goes on with the state that the one before it left. */
  public boolean continues() {
    return tbptt != null;
  }

  /** Returns how pictures are changed. */
  public Augmentation augmentation() {
    return augment == null ? Augmentation.NONE : Augmentation.parse(augment);
  }

  /** Returns the loss for data of a task. */
  public Loss loss(Task ofData) {
    return loss == null ? Loss.of(ofData) : loss;
  }
}

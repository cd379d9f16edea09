package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Dataset;
import dev.tandem.engine.Backend;
import dev.tandem.models.ModelException;
import dev.tandem.models.layers.Initializer;
import java.nio.file.Path;
import java.util.Comparator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  private static final Dataset IRIS = TrainingFixtures.iris();
  private static final int EPOCHS = 60;

  /** High enough that the validation loss goes up and down. */
  private static final double RESTLESS_RATE = 0.05;

  private static Backend backend;

  @TempDir private Path directory;

  @BeforeAll
  static void open() {
    backend = TrainingFixtures.cpu(2);
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static Trainer trainer(OptimizerSettings.Kind kind, int patience) {
    TrainingOptions options =
        new TrainingOptions(
            EPOCHS,
            16,
            Loss.CCE,
            new OptimizerSettings(kind, RESTLESS_RATE, 0, false, 0.001),
            Schedule.PLATEAU,
            3,
            1,
            Double.POSITIVE_INFINITY,
            5,
            true,
            Long.MAX_VALUE,
            patience,
            Initializer.Scheme.DEFAULT,
            Augmentation.NONE,
            false);
    return new Trainer(TrainingFixtures.ann(IRIS, 24, 0.3), IRIS, backend, options);
  }

  @Test
  void goesOnAsIfNothingHadHappened() {
    Path file = directory.resolve("state");
    TrainingResult whole;
    float[] weights;
    try (Trainer trainer = trainer(OptimizerSettings.Kind.ADAM, 25)) {
      whole =
          trainer.fit(
              new TrainingListener() {
                @Override
                public void epoch(EpochRecord epoch, Trainer running) {
                  if (epoch.epoch() == 20) {
                    running.checkpoint(file);
                  }
                }
              });
      weights = TrainingFixtures.weights(trainer, backend);
    }
    assertThat(whole.epochs()).as("stopped by patience").hasSizeBetween(26, EPOCHS - 1);
    assertThat(whole.epochs().getLast().learningRate())
        .as("dropped at a plateau")
        .isLessThan(RESTLESS_RATE);

    try (Trainer trainer = trainer(OptimizerSettings.Kind.ADAM, 25)) {
      trainer.restore(file);
      assertThat(trainer.epochsDone()).isEqualTo(20);
      assertThat(trainer.stepsDone()).isEqualTo(whole.epochs().get(19).step());
      TrainingResult resumed = trainer.fit(TrainingListener.NONE);

      assertThat(TrainingFixtures.weights(trainer, backend)).isEqualTo(weights);
      assertThat(resumed.epochs())
          .usingElementComparator(
              Comparator.comparing(record -> record.epoch() + " " + record.watchedLoss()))
          .containsExactlyElementsOf(whole.epochs());
      assertThat(resumed.bestEpoch()).isEqualTo(whole.bestEpoch());
      assertThat(resumed.validation().metrics()).isEqualTo(whole.validation().metrics());
    }
  }

  @Test
  void earlyStoppingKeepsTheBestWeights() {
    try (Trainer trainer = trainer(OptimizerSettings.Kind.ADAM, 25)) {
      TrainingResult result = trainer.fit(TrainingListener.NONE);

      EpochRecord best = result.epochs().get(result.bestEpoch() - 1);
      assertThat(result.epochs()).hasSize(result.bestEpoch() + 25);
      assertThat(result.epochs())
          .allMatch(epoch -> epoch.watchedLoss() >= best.watchedLoss())
          .last()
          .matches(last -> last.watchedLoss() > best.watchedLoss());
      assertThat(result.validation().metrics()).isEqualTo(best.validation());
    }
  }

  @Test
  void aTrainingThatPatienceEndedDoesNotGoOn() {
    Path file = directory.resolve("state");
    TrainingResult whole;
    float[] weights;
    try (Trainer trainer = trainer(OptimizerSettings.Kind.ADAM, 25)) {
      whole = trainer.fit(TrainingListener.NONE);
      trainer.checkpoint(file);
      weights = TrainingFixtures.weights(trainer, backend);
    }
    try (Trainer trainer = trainer(OptimizerSettings.Kind.ADAM, 25)) {
      trainer.restore(file);
      TrainingResult resumed = trainer.fit(TrainingListener.NONE);

      assertThat(resumed.epochs()).isEqualTo(whole.epochs());
      assertThat(TrainingFixtures.weights(trainer, backend)).isEqualTo(weights);
    }
  }

  @Test
  void aCheckpointOfAnotherOptimizerIsRefused() {
    Path file = directory.resolve("state");
    try (Trainer trainer = trainer(OptimizerSettings.Kind.SGD, 0)) {
      trainer.checkpoint(file);
    }
    try (Trainer trainer = trainer(OptimizerSettings.Kind.ADAM, 0)) {
      float[] before = TrainingFixtures.weights(trainer, backend);
      assertThatThrownBy(() -> trainer.restore(file))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              file
                  + ": the checkpoint is of another model or optimiser (resume with the settings of its run)");
      assertThat(TrainingFixtures.weights(trainer, backend)).isEqualTo(before);
      assertThat(trainer.epochsDone()).isZero();
    }
  }
}

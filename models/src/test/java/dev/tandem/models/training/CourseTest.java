package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.LanguageDataset;
import dev.tandem.datasets.Splits;
import dev.tandem.engine.Backend;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.Network;
import dev.tandem.models.layers.Conv2dLayer;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.RecurrentLayer;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks of pictures and sequences take the same course to the bit, however they are run. */
class CourseTest {
  private static final int EPOCHS = 4;

  @TempDir private Path directory;

  /** A network, what it is trained on, and how. */
  private record Case(
      String name, Network network, Dataset dataset, String augmentation, boolean stateful) {
    @Override
    public String toString() {
      return name;
    }

    Trainer trainer(Backend backend) {
      return new Trainer(
          network,
          dataset,
          backend,
          new TrainingOptions(
              EPOCHS,
              8,
              Loss.CCE,
              OptimizerSettings.Kind.ADAM.defaults(),
              Schedule.COSINE,
              0,
              1,
              Double.POSITIVE_INFINITY,
              7,
              true,
              Long.MAX_VALUE,
              0,
              Initializer.Scheme.DEFAULT,
              Augmentation.parse(augmentation),
              stateful));
    }
  }

  static Stream<Case> cases() {
    return Stream.of(pictures(), sentences(), text());
  }

  private static Case pictures() {
    Network network =
        Network.builder("cnn", Shape.of(1, 9, 9))
            .conv2d(Conv2dLayer.Settings.same(8, 3).withoutBias())
            .batchNorm2d()
            .relu()
            .maxPool2d(2)
            .residual(block -> block.conv2d(8, 3).relu())
            .conv2d(16, 3)
            .relu()
            .globalAveragePool2d()
            .dropout(0.3)
            .linear(3)
            .build();
    Dataset dataset =
        TrainingFixtures.arrays(
            TrainingFixtures.random(1, 37, 1, 9, 9), TrainingFixtures.ids(37, 3));
    return new Case("cnn", network, dataset, "shift=1,flip,rotate=15,cutout=3", false);
  }

  private static Case sentences() {
    Network network =
        Network.tokenBuilder("bi-lstm", Shape.of(19))
            .embedding(12, 8)
            .dropout(0.2)
            .recurrent(new RecurrentLayer.Settings(RecurrentCell.LSTM, 9, 2, true, 0.3, false))
            .dropout(0.2)
            .linear(3)
            .build();
    HostArray sentences = TrainingFixtures.tokens(2, 12, TrainingFixtures.lengths(37, 19));
    Dataset dataset = TrainingFixtures.arrays(sentences, TrainingFixtures.ids(37, 3));
    return new Case("bi-lstm", network, dataset, "none", false);
  }

  private static Case text() {
    LanguageDataset raw =
        new LanguageDataset(
            "text",
            "she sells sea shells by the sea shore; ".repeat(8),
            LanguageDataset.Options.CHARACTERS.withSteps(6),
            TrainingFixtures.provenance());
    Dataset dataset = raw.prepare(Splits.holdout(raw, 0, 0, 1));
    int vocabulary = dataset.preprocessing().text().vocabulary().size();
    Network network =
        Network.tokenBuilder("gru", Shape.of(6))
            .embedding(vocabulary, 8)
            .recurrent(new RecurrentLayer.Settings(RecurrentCell.GRU, 9, 2, false, 0.2, true))
            .linear(vocabulary)
            .build();
    return new Case("stateful gru", network, dataset, "none", true);
  }

  private float[] train(Case example, int threads) {
    try (Backend backend = TrainingFixtures.cpu(threads);
        Trainer trainer = example.trainer(backend)) {
      trainer.fit(TrainingListener.NONE);
      return TrainingFixtures.weights(trainer, backend);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theSameSeedGivesTheSameBitsWhateverTheNumberOfThreads(Case example) {
    float[] once = train(example, 1);

    assertThat(train(example, 1)).as("again").isEqualTo(once);
    assertThat(train(example, 2)).as("two threads").isEqualTo(once);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCheckpointGoesOnAsIfNothingHadHappened(Case example) {
    Path file = directory.resolve("state");
    try (Backend backend = TrainingFixtures.cpu(2)) {
      float[] weights;
      TrainingResult whole;
      try (Trainer trainer = example.trainer(backend)) {
        whole =
            trainer.fit(
                new TrainingListener() {
                  @Override
                  public void epoch(EpochRecord epoch, Trainer running) {
                    if (epoch.epoch() == 2) {
                      running.checkpoint(file);
                    }
                  }
                });
        weights = TrainingFixtures.weights(trainer, backend);
      }
      try (Trainer trainer = example.trainer(backend)) {
        trainer.restore(file);
        TrainingResult resumed = trainer.fit(TrainingListener.NONE);

        assertThat(TrainingFixtures.weights(trainer, backend)).isEqualTo(weights);
        assertThat(resumed.training().metrics()).isEqualTo(whole.training().metrics());
        assertThat(resumed.epochs()).extracting(EpochRecord::epoch).containsExactly(1, 2, 3, 4);
      }
    }
  }
}

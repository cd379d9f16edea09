package dev.tandem.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.Catalog;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.Splits;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.Shape;
import dev.tandem.models.training.Loss;
import dev.tandem.models.training.Trainer;
import dev.tandem.models.training.TrainingListener;
import dev.tandem.models.training.TrainingOptions;
import dev.tandem.models.training.TrainingResult;
import org.junit.jupiter.api.Test;

/** The program of the README, with fewer epochs. */
class ReadmeExampleTest {
  @Test
  void trainsOnRealDigits() {
    Network network =
        Network.builder("mlp", Shape.of(1, 8, 8))
            .flatten()
            .linear(128)
            .relu()
            .dropout(0.2)
            .linear(128)
            .relu()
            .linear(10)
            .build();

    RawDataset digits = Catalog.load("digits", null);
    Dataset data = digits.prepare(Splits.holdout(digits, 0.1, 0.2, 1));
    TrainingOptions options = TrainingOptions.of(Loss.CCE).withEpochs(10);

    try (Backend backend = Backends.open("auto", BackendOptions.defaults());
        Trainer trainer = new Trainer(network, data, backend, options)) {
      TrainingResult result = trainer.fit(TrainingListener.NONE);
      assertThat(result.test().metrics())
          .containsOnlyKeys("loss", "accuracy", "precision", "recall", "f1");
      assertThat(result.test().metrics().get("accuracy")).isGreaterThan(0.9);
    }
  }
}

package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.HostArray;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.Presets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryNeedTest {
  private static final int BATCH = 16;

  private static Network build(String preset, Shape input, int outputs) {
    return Presets.get(preset)
        .build(new Presets.Data(input, DataType.FLOAT32, 0, outputs), Presets.Options.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "cpu"})
  void isWhatATrainerTakes(String id) {
    try (Backend backend = id.equals("cpu") ? TrainingFixtures.cpu(2) : TrainingFixtures.scalar()) {
      for (String preset : List.of("ann", "lstm", "deep-gru", "rnn")) {
        Dataset data =
            TrainingFixtures.arrays(
                TrainingFixtures.random(1, 2 * BATCH, 20, 3), TrainingFixtures.ids(2 * BATCH, 4));
        expectTaken(preset, data, Shape.of(20, 3), backend);
      }
      HostArray pictures = TrainingFixtures.random(1, 2 * BATCH, 1, 8, 8);
      Dataset data = TrainingFixtures.arrays(pictures, TrainingFixtures.ids(2 * BATCH, 4));
      for (String preset : List.of("cnn", "deep-cnn")) {
        expectTaken(preset, data, Shape.of(1, 8, 8), backend);
      }
    }
  }

  private static void expectTaken(String preset, Dataset data, Shape input, Backend backend) {
    Network network = build(preset, input, 4);
    TrainingOptions options =
        TrainingOptions.of(Loss.CCE)
            .withBatchSize(BATCH)
            .withOptimizer(Presets.get(preset).training().optimizer());
    try (Trainer trainer = new Trainer(network, data, backend, options)) {
      assertThat(MemoryNeed.toTrain(network, backend, BATCH, options))
          .as(preset)
          .isEqualTo(trainer.bytes());
    }
  }

  @Test
  void aBatchOfOneExampleIsPredictedThoughItCannotBeTrainedOn() {
    Network network = build("deep-cnn", Shape.of(1, 1, 1), 4);
    try (Backend backend = TrainingFixtures.scalar()) {
      assertThat(MemoryNeed.toPredict(network, backend, 1)).isPositive();
      assertThatThrownBy(
              () -> MemoryNeed.toTrain(network, backend, 1, TrainingOptions.of(Loss.CCE)))
          .isInstanceOf(ModelException.class);
    }
  }
}

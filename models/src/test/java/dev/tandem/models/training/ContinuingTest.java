package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.LanguageDataset;
import dev.tandem.datasets.Splits;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.Network;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.RecurrentLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Truncated backpropagation through time: states go on from batch to batch. */
class ContinuingTest {
  /** Three rows of 24 steps, whose successors begin with the last character of each. */
  private static final String TEXT =
      "the quick brown fox jumps over a lazy dog while five boxing wizards jump!";

  /** Too small to change a weight. */
  private static final double NO_RATE = 1e-30;

  static Stream<Arguments> cells() {
    return TrainingFixtures.available().stream()
        .flatMap(id -> Stream.of(RecurrentCell.values()).map(cell -> Arguments.of(id, cell)));
  }

  private static List<Double> losses(String id, RecurrentCell cell, int window, boolean stateful) {
    LanguageDataset text =
        new LanguageDataset(
            "text",
            TEXT,
            LanguageDataset.Options.CHARACTERS.withSteps(window),
            TrainingFixtures.provenance());
    Dataset dataset = text.prepare(Splits.holdout(text, 0, 0, 1));
    int vocabulary = dataset.preprocessing().text().vocabulary().size();
    Network network =
        Network.tokenBuilder("lm", Shape.of(window))
            .embedding(vocabulary, 6)
            .recurrent(new RecurrentLayer.Settings(cell, 7, 2, false, 0, true))
            .linear(vocabulary)
            .build();
    TrainingOptions options =
        new TrainingOptions(
            2,
            3,
            Loss.CCE,
            new OptimizerSettings(OptimizerSettings.Kind.SGD, NO_RATE, 0, false, 0),
            Schedule.CONSTANT,
            0,
            Double.POSITIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            1,
            false,
            Long.MAX_VALUE,
            0,
            Initializer.Scheme.DEFAULT,
            Augmentation.NONE,
            stateful);
    List<Double> losses = new ArrayList<>();
    try (Backend backend = Backends.open(id, BackendOptions.defaults());
        Trainer trainer = new Trainer(network, dataset, backend, options)) {
      trainer.fit(
          new TrainingListener() {
            @Override
            public void step(
                long step,
                int epoch,
                double loss,
                double learningRate,
                double gradientNorm,
                double examplesPerSecond) {
              losses.add(loss);
            }
          });
    }
    return losses;
  }

  private static double mean(List<Double> losses) {
    return losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void shortWindowsWithStatesSeeWhatOneLongWindowSees(String id, RecurrentCell cell) {
    List<Double> whole = losses(id, cell, 24, false);
    List<Double> parts = losses(id, cell, 6, true);
    List<Double> forgetting = losses(id, cell, 6, false);

    assertThat(whole).hasSize(2);
    assertThat(parts).hasSize(8);
    assertThat(mean(parts.subList(0, 4))).isCloseTo(whole.get(0), within(1e-6));
    assertThat(mean(forgetting.subList(0, 4))).isNotCloseTo(whole.get(0), within(1e-4));
    assertThat(parts.subList(4, 8))
        .as("an epoch begins without memory of the one before")
        .isEqualTo(parts.subList(0, 4));
  }
}

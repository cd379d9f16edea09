package dev.tandem.models.selftest;

import dev.tandem.datasets.ArrayDataset;
import dev.tandem.datasets.Catalog;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Provenance;
import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.Splits;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Philox;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.Network;
import dev.tandem.models.layers.RecurrentLayer;
import dev.tandem.models.training.Loss;
import dev.tandem.models.training.Trainer;
import dev.tandem.models.training.TrainingListener;
import dev.tandem.models.training.TrainingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A short training: the loss of every step is to be within 1e-4 of the oracle's, and the last below
 * the first.
 *
 * @param name of the network
 * @param data what it is trained on
 * @param layers adds its hidden layers
 */
record TrainingCheck(
    String name, Supplier<RawDataset> data, UnaryOperator<Network.Builder> layers) {
  private static final int EPOCHS = 1;
  private static final int BATCH = 64;
  private static final double TOLERANCE = 1e-4;

  static List<TrainingCheck> all() {
    Supplier<RawDataset> digits = () -> Catalog.load("digits", null);
    return List.of(
        new TrainingCheck(
            "train ann", digits, network -> network.flatten().linear(64).relu().dropout(0.2)),
        new TrainingCheck(
            "train cnn",
            digits,
            network ->
                network.conv2d(8, 3).batchNorm2d().relu().maxPool2d(2).flatten().linear(32).relu()),
        recurrent("train rnn", RecurrentCell.RNN_TANH),
        recurrent("train lstm", RecurrentCell.LSTM),
        recurrent("train gru", RecurrentCell.GRU));
  }

  private static TrainingCheck recurrent(String name, RecurrentCell cell) {
    return new TrainingCheck(
        name,
        TrainingCheck::sequences,
        network -> network.recurrent(new RecurrentLayer.Settings(cell, 16, 2, true, 0.1, false)));
  }

  /** Noise in which one of four features is raised: the class. */
  private static RawDataset sequences() {
    int count = 640;
    int time = 8;
    int features = 4;
    Philox random = new Philox(1, 0);
    float[] inputs = new float[count * time * features];
    int[] classes = new int[count];
    for (int n = 0; n < count; n++) {
      classes[n] = random.nextInt(features);
      for (int i = 0; i < time * features; i++) {
        float raised = i % features == classes[n] ? 0.5f : 0;
        inputs[n * time * features + i] = random.nextFloat() - 0.5f + raised;
      }
    }
    return new ArrayDataset(
        "raised-features",
        HostArray.of(inputs, count, time, features),
        HostArray.of(classes, count),
        null,
        false,
        new Provenance("Tandem", "none", "made up", "nowhere", ""));
  }

  SelfTest.Result run(Backend subject, Backend oracle) {
    try {
      return compare(losses(subject), losses(oracle));
    } catch (RuntimeException broken) {
      return new SelfTest.Result(name, 1, Double.NaN, List.of(name + ": " + broken.getMessage()));
    }
  }

  private SelfTest.Result compare(List<Double> actual, List<Double> expected) {
    double worst = 0;
    List<String> failed = new ArrayList<>();
    for (int step = 0; step < expected.size(); step++) {
      double error = Math.abs(actual.get(step) - expected.get(step)) / TOLERANCE;
      worst = Math.max(worst, error);
      if (!(error <= 1)) {
        failed.add(
            "%s: step %d has loss %s, expected %s"
                .formatted(name, step + 1, actual.get(step), expected.get(step)));
      }
    }
    if (!(actual.getLast() < actual.getFirst())) {
      failed.add("%s: the loss does not fall".formatted(name));
    }
    return new SelfTest.Result(name, expected.size(), worst, List.copyOf(failed));
  }

  private List<Double> losses(Backend backend) {
    RawDataset raw = data.get();
    Dataset dataset = raw.prepare(Splits.holdout(raw, 0, 0.2, 1));
    Network network =
        layers
            .apply(
                Network.builder(
                    name.replace(' ', '-'), Shape.of(dataset.train().inputs().exampleShape())))
            .linear(dataset.classNames().size())
            .build();
    TrainingOptions options = TrainingOptions.of(Loss.CCE).withEpochs(EPOCHS).withBatchSize(BATCH);
    List<Double> losses = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void step(
              long step, int epoch, double loss, double rate, double norm, double speed) {
            losses.add(loss);
          }
        };
    try (Trainer trainer = new Trainer(network, dataset, backend, options)) {
      trainer.fit(listener);
    }
    return losses;
  }
}

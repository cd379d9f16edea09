package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.ArrayDataset;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Splits;
import dev.tandem.datasets.Task;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.layers.Initializer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  /** Sums of binary32 losses. */
  private static final double ROUNDING = 1e-5;

  private static Backend backend;

  @BeforeAll
  static void open() {
    backend = TrainingFixtures.cpu(2);
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  /** An evaluation with the weights as they begin, and the outputs that it is about. */
  private record Outcome(Evaluation evaluation, HostArray outputs, int[] classes) {}

  private static Outcome evaluate(Network network, Dataset dataset, Loss loss) {
    Examples part = dataset.train();
    try (Parameters parameters =
        new Parameters(
            network.parameters(Initializer.Scheme.DEFAULT), backend, DataType.FLOAT32, false, 0)) {
      parameters.initialize(3);
      try (Evaluator evaluator =
          new Evaluator(network, parameters, backend, loss, List.of(part.inputs()))) {
        HostArray outputs = evaluator.outputs(part.inputs());
        return new Outcome(
            evaluator.evaluate(part, dataset.preprocessing()), outputs, evaluator.classes(outputs));
      }
    }
  }

  @Test
  void theLossOfSeveralBatchesIsTheMeanOverAllExamples() {
    // Two full batches of 256 and one of 88.
    int examples = 600;
    Dataset dataset =
        TrainingFixtures.arrays(
            TrainingFixtures.random(1, examples, 6), TrainingFixtures.ids(examples, 3));
    Network network = Network.builder("n", Shape.of(6)).linear(8).relu().linear(3).build();

    Outcome outcome = evaluate(network, dataset, Loss.CCE);

    float[] logits = outcome.outputs().floats();
    double sum = 0;
    int right = 0;
    for (int i = 0; i < examples; i++) {
      double exponentials = 0;
      int best = 0;
      for (int k = 0; k < 3; k++) {
        exponentials += Math.exp(logits[3 * i + k]);
        best = logits[3 * i + k] > logits[3 * i + best] ? k : best;
      }
      sum += Math.log(exponentials) - logits[3 * i + i % 3];
      right += best == i % 3 ? 1 : 0;
    }
    assertThat(outcome.evaluation().loss()).isCloseTo(sum / examples, within(ROUNDING));
    assertThat(outcome.evaluation().examples()).isEqualTo(examples);
    assertThat(outcome.evaluation().confusion().total()).isEqualTo(examples);
    assertThat(outcome.evaluation().scores()).containsEntry("accuracy", (double) right / examples);
  }

  @Test
  void regressionIsMeasuredInTheUnitsOfTheData() {
    int examples = 300;
    float[] targets = TrainingFixtures.random(2, examples, 1).floats();
    for (int i = 0; i < examples; i++) {
      targets[i] = 5000 + 1000 * targets[i];
    }
    ArrayDataset raw =
        new ArrayDataset(
            "prices",
            TrainingFixtures.random(1, examples, 4),
            HostArray.of(targets, examples, 1),
            Task.REGRESSION,
            true,
            TrainingFixtures.provenance());
    Dataset dataset = raw.prepare(Splits.holdout(raw, 0, 0, 1));
    Network network = Network.builder("n", Shape.of(4)).linear(1).build();

    Outcome outcome = evaluate(network, dataset, Loss.MSE);

    double absolute = 0;
    for (int i = 0; i < examples; i++) {
      double predicted = dataset.preprocessing().target().unscale(0, outcome.outputs().floats()[i]);
      absolute += Math.abs(predicted - targets[i]);
    }
    double mae = absolute / examples;
    assertThat(mae).as("of the order of the targets' deviation").isBetween(100.0, 10_000.0);
    assertThat(outcome.evaluation().scores().get("mae")).isCloseTo(mae, within(mae * ROUNDING));
    assertThat(outcome.evaluation().loss()).as("in the network's units").isLessThan(100);
  }

  @Test
  void aSingleLogitSaysYesAboveZero() {
    Dataset dataset =
        TrainingFixtures.arrays(TrainingFixtures.random(1, 50, 4), TrainingFixtures.ids(50, 2));
    Network network = Network.builder("n", Shape.of(4)).linear(1).build();

    Outcome outcome = evaluate(network, dataset, Loss.BCE);

    int right = 0;
    double sum = 0;
    for (int i = 0; i < 50; i++) {
      float logit = outcome.outputs().floats()[i];
      assertThat(outcome.classes()[i]).isEqualTo(logit > 0 ? 1 : 0);
      right += outcome.classes()[i] == i % 2 ? 1 : 0;
      sum += Math.log1p(Math.exp(i % 2 == 1 ? -logit : logit));
    }
    assertThat(outcome.classes()).as("both occur").contains(0, 1);
    assertThat(outcome.evaluation().scores()).containsEntry("accuracy", right / 50.0);
    assertThat(outcome.evaluation().loss()).isCloseTo(sum / 50, within(ROUNDING));
  }

  @Test
  void severalLabelsOfAnExampleAreCountedOneByOne() {
    float[] labels = new float[80];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 3 == 0 ? 1 : 0;
    }
    Dataset dataset =
        TrainingFixtures.arrays(TrainingFixtures.random(1, 40, 4), HostArray.of(labels, 40, 2));
    Network network = Network.builder("n", Shape.of(4)).linear(2).build();

    Outcome outcome = evaluate(network, dataset, Loss.BCE);

    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      right += (outcome.outputs().floats()[i] > 0) == (labels[i] == 1) ? 1 : 0;
    }
    assertThat(outcome.evaluation().confusion().total()).isEqualTo(80);
    assertThat(outcome.evaluation().scores()).containsEntry("accuracy", right / 80.0);
  }
}

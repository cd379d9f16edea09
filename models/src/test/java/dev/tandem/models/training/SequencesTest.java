package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Task;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.RecurrentLayer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of a sequence does not depend on those that it meets in a batch. */
class SequencesTest {
  private static final int VOCABULARY = 11;
  private static final int[] LENGTHS = TrainingFixtures.lengths(40, 23);
  private static final HostArray SENTENCES = TrainingFixtures.tokens(1, VOCABULARY, LENGTHS);

  /** Rounding in another order: batches of another size are summed in other blocks. */
  private static final double TOLERANCE = 1e-6;

  static List<String> available() {
    return TrainingFixtures.available();
  }

  private static Network network(RecurrentCell cell, boolean bidirectional, boolean sequence) {
    return Network.tokenBuilder("net", Shape.of(23))
        .embedding(VOCABULARY, 5)
        .recurrent(new RecurrentLayer.Settings(cell, 6, 2, bidirectional, 0.3, sequence))
        .tanh()
        .linear(3)
        .build();
  }

  private static Preprocessing preprocessing(Task task) {
    return new Preprocessing(
        Preprocessing.Form.ARRAY,
        List.of(),
        new Preprocessing.Target(
            task, List.of("kind"), List.of("a", "b", "c"), List.of(), List.of()));
  }

  /** A network with its first weights, and what runs it on some arrays. */
  private static final class Session implements AutoCloseable {
    private final Backend backend;
    private final Parameters parameters;
    private final Evaluator evaluator;

    Session(String id, Network network, HostArray... inputs) {
      backend = Backends.open(id, BackendOptions.defaults());
      parameters =
          new Parameters(
              network.parameters(Initializer.Scheme.DEFAULT), backend, DataType.FLOAT32, false, 0);
      parameters.initialize(3);
      evaluator = new Evaluator(network, parameters, backend, Loss.CCE, List.of(inputs));
    }

    @Override
    public void close() {
      evaluator.close();
      parameters.close();
      backend.close();
    }
  }

  private static HostArray alone(HostArray array, int example) {
    return array.select(new int[] {example});
  }

  @ParameterizedTest
  @MethodSource("available")
  void theFinalStateIsThatOfTheSequenceAlone(String id) {
    for (RecurrentCell cell : RecurrentCell.values()) {
      Network network = network(cell, true, false);
      try (Session all = new Session(id, network, SENTENCES)) {
        float[] together = all.evaluator.outputs(SENTENCES).floats();
        for (int example = 0; example < SENTENCES.size(); example += 7) {
          HostArray one = alone(SENTENCES, example);
          try (Session single = new Session(id, network, one)) {
            assertClose(
                Arrays.copyOfRange(together, example * 3, example * 3 + 3),
                single.evaluator.outputs(one).floats());
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("available")
  void everyStepIsAtItsPlaceAndNothingIsBehindTheEnd(String id) {
    Network network = network(RecurrentCell.LSTM, true, true);
    try (Session all = new Session(id, network, SENTENCES)) {
      HostArray together = all.evaluator.outputs(SENTENCES);
      assertThat(together.shape()).containsExactly(40, 23, 3);
      for (int example = 0; example < SENTENCES.size(); example += 3) {
        HostArray one = alone(SENTENCES, example);
        float[] row =
            Arrays.copyOfRange(together.floats(), example * 23 * 3, (example + 1) * 23 * 3);
        int real = LENGTHS[example] * 3;
        try (Session single = new Session(id, network, one)) {
          assertClose(Arrays.copyOf(row, real), single.evaluator.outputs(one).floats());
        }
        assertThat(Arrays.copyOfRange(row, real, row.length)).isEqualTo(new float[69 - real]);
      }
    }
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  @ParameterizedTest
  @MethodSource("available")
  void everyStepCountsOnceInTheLoss(String id) {
    HostArray tags = TrainingFixtures.tokens(2, 3, LENGTHS);
    // A word without a tag counts for nothing.
    tags.ints()[LENGTHS[0] + 1] = -1;
    Network network = network(RecurrentCell.GRU, true, true);
    Preprocessing preprocessing = preprocessing(Task.TAGGING);
    double sum = 0;
    double right = 0;
    try (Session all = new Session(id, network, SENTENCES)) {
      Evaluation together = all.evaluator.evaluate(new Examples(SENTENCES, tags), preprocessing);
      for (int example = 0; example < SENTENCES.size(); example++) {
        HostArray one = alone(SENTENCES, example);
        HostArray wanted = alone(tags, example);
        long counted = Arrays.stream(wanted.ints()).filter(tag -> tag >= 0).count();
        try (Session single = new Session(id, network, one)) {
          Evaluation evaluation =
              single.evaluator.evaluate(new Examples(one, wanted), preprocessing);
          sum += evaluation.loss() * counted;
          right += evaluation.metrics().get("accuracy") * counted;
        }
      }
      int counted = Arrays.stream(LENGTHS).sum() - 1;
      assertThat(together.loss()).isCloseTo(sum / counted, within(TOLERANCE));
      assertThat(together.metrics().get("accuracy")).isCloseTo(right / counted, within(1e-12));
    }
  }

  /** The first steps of a network that reads forwards know nothing of those that follow. */
  @ParameterizedTest
  @MethodSource("available")
  void aLongerSequenceThanTheModelNamesGoesThrough(String id) {
    Network network =
        Network.builder("net", Shape.of(7, 2))
            .recurrent(new RecurrentLayer.Settings(RecurrentCell.GRU, 5, 1, false, 0, true))
            .linear(2)
            .build();
    HostArray longer = TrainingFixtures.random(5, 3, 60, 2);
    float[] begin = new float[3 * 7 * 2];
    for (int i = 0; i < 3; i++) {
      System.arraycopy(longer.floats(), i * 120, begin, i * 14, 14);
    }
    HostArray usual = HostArray.of(begin, 3, 7, 2);
    Inputs.check(network, longer, "the test");
    HostArray wider = TrainingFixtures.random(5, 3, 60, 3);
    assertThatThrownBy(() -> Inputs.check(network, wider, "the test"))
        .hasMessageStartingWith(
            "network 'net' takes examples of shape [T,2], but those of the test have [60,3]");
    try (Session session = new Session(id, network, longer, usual)) {
      HostArray outputs = session.evaluator.outputs(longer);
      assertThat(outputs.shape()).containsExactly(3, 60, 2);
      float[] expected = session.evaluator.outputs(usual).floats();
      for (int i = 0; i < 3; i++) {
        assertClose(
            Arrays.copyOfRange(outputs.floats(), i * 120, i * 120 + 14),
            Arrays.copyOfRange(expected, i * 14, i * 14 + 14));
      }
    }
  }

  /** A block around a recurrent layer knows that time is the first axis too. */
  @ParameterizedTest
  @MethodSource("available")
  void aRecurrentLayerInABlockSeesTimeAndNoOtherExample(String id) {
    Network network =
        Network.builder("net", Shape.of(6, 4))
            .residual(
                block ->
                    block.recurrent(
                        new RecurrentLayer.Settings(RecurrentCell.LSTM, 4, 1, false, 0, true)))
            .linear(2)
            .build();
    HostArray inputs = TrainingFixtures.random(5, 9, 6, 4);
    try (Session all = new Session(id, network, inputs)) {
      float[] together = all.evaluator.outputs(inputs).floats();
      HostArray one = alone(inputs, 7);
      try (Session single = new Session(id, network, one)) {
        assertClose(
            Arrays.copyOfRange(together, 7 * 12, 8 * 12), single.evaluator.outputs(one).floats());
      }
    }
  }

  /** Windows of a text that go on from each other say what the text says as a whole. */
  @ParameterizedTest
  @MethodSource("available")
  void windowsThatGoOnAreTheWholeText(String id) {
    Network network = network(RecurrentCell.LSTM, false, true);
    int windows = 100;
    HostArray text = TrainingFixtures.tokens(4, VOCABULARY, windows * 5);
    HostArray whole = HostArray.of(text.ints(), 1, windows * 5);
    HostArray cut = HostArray.of(text.ints(), windows, 5);
    try (Session session = new Session(id, network, whole);
        Evaluator reading =
            new Evaluator(
                network, session.parameters, session.backend, Loss.CCE, List.of(cut), true)) {
      float[] expected = session.evaluator.outputs(whole).floats();
      assertClose(reading.outputs(cut).floats(), expected);
      assertClose(reading.outputs(cut).floats(), expected);
    }
  }

  /** Numbers of every step are compared with those of the same step of the same example. */
  @ParameterizedTest
  @MethodSource("available")
  void regressionOfEveryStepComparesLikeWithLike(String id) {
    Network network =
        Network.builder("net", Shape.of(4, 2))
            .recurrent(new RecurrentLayer.Settings(RecurrentCell.RNN_TANH, 5, 1, false, 0, true))
            .linear(1)
            .build();
    HostArray inputs = TrainingFixtures.random(8, 6, 4, 2);
    try (Backend backend = Backends.open(id, BackendOptions.defaults());
        Parameters parameters =
            new Parameters(
                network.parameters(Initializer.Scheme.DEFAULT),
                backend,
                DataType.FLOAT32,
                false,
                0)) {
      parameters.initialize(3);
      try (Evaluator evaluator =
          new Evaluator(network, parameters, backend, Loss.MSE, List.of(inputs))) {
        HostArray own = HostArray.of(evaluator.outputs(inputs).floats(), 6, 4);
        Preprocessing preprocessing =
            new Preprocessing(
                Preprocessing.Form.ARRAY,
                List.of(),
                new Preprocessing.Target(
                    Task.REGRESSION,
                    IntStream.range(0, 4).mapToObj(t -> "t" + t).toList(),
                    List.of(),
                    List.of(),
                    List.of()));
        Evaluation evaluation = evaluator.evaluate(new Examples(inputs, own), preprocessing);
        assertThat(evaluation.loss()).isZero();
        assertThat(evaluation.metrics().get("mse")).isZero();
      }
    }
  }
}

package dev.tandem.models.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Vocabulary;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.WeightsFile;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.RecurrentLayer;
import dev.tandem.models.training.Loss;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextGeneratorTest {
  private static final Vocabulary VOCABULARY =
      new Vocabulary(List.of("<padding>", "<unknown>", "e", "t", "\n", "a", "o"));
  private static final int[] PROMPT = {3, 2, 5};

  private static Backend backend;

  @TempDir private Path directory;

  @BeforeAll
  static void open() {
    backend = Backends.open("cpu", BackendOptions.defaults().withThreads(1));
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static Network network(RecurrentCell cell, int layers, boolean both, boolean sequence) {
    return Network.tokenBuilder("lm", Shape.of(8))
        .embedding(VOCABULARY.size(), 6)
        .recurrent(new RecurrentLayer.Settings(cell, 9, layers, both, 0, sequence))
        .linear(VOCABULARY.size())
        .build();
  }

  /** Weights of some size, so that the states matter. */
  private Path weights(Network network) {
    Path file = directory.resolve("w.safetensors");
    try (Parameters parameters =
        new Parameters(
            network.parameters(Initializer.Scheme.DEFAULT), backend, DataType.FLOAT32, false, 0)) {
      parameters.initialize(4);
      parameters
          .table()
          .all()
          .forEach(
              parameter -> {
                double[] values = parameters.download(parameter.name());
                parameters.upload(
                    parameter.name(),
                    IntStream.range(0, values.length).mapToDouble(i -> 3 * values[i]).toArray());
              });
      WeightsFile.save(file, parameters);
    }
    return file;
  }

  @ParameterizedTest
  @CsvSource({"LSTM,1", "LSTM,2", "GRU,2", "RNN_TANH,1"})
  void stepByStepSaysWhatTheWholeSequenceSays(RecurrentCell cell, int layers) {
    Network network = network(cell, layers, false, true);
    Path weights = weights(network);
    int[] made;
    try (TextGenerator generator = new TextGenerator(network, weights, VOCABULARY, backend)) {
      made = generator.generate(PROMPT, 12, new Sampling(0, 1, 1), 1);
      assertThat(generator.generate(PROMPT, 12, new Sampling(0, 1, 1), 2)).isEqualTo(made);
    }
    int[] all = IntStream.concat(IntStream.of(PROMPT), IntStream.of(made)).toArray();
    HostArray sequence = HostArray.of(all, 1, all.length);
    try (TrainedModel model =
        new TrainedModel(network, weights, Loss.CCE, List.of(sequence), backend)) {
      float[] logits = model.outputs(sequence, "text").floats();
      for (int i = 0; i < made.length; i++) {
        assertThat(made[i]).isEqualTo(likeliest(logits, PROMPT.length - 1 + i));
      }
    }
    assertThat(IntStream.of(made).distinct().count()).isGreaterThan(1);
  }

  private static int likeliest(float[] logits, int step) {
    int best = Vocabulary.UNKNOWN + 1;
    for (int id = best; id < VOCABULARY.size(); id++) {
      int row = step * VOCABULARY.size();
      best = logits[row + id] > logits[row + best] ? id : best;
    }
    return best;
  }

  @Test
  void sameSeedGivesTheSameTextAndAnotherAnother() {
    Network network = network(RecurrentCell.GRU, 1, false, true);
    try (TextGenerator generator =
        new TextGenerator(network, weights(network), VOCABULARY, backend)) {
      int[] first = generator.generate(PROMPT, 60, Sampling.PLAIN, 1);
      assertThat(generator.generate(PROMPT, 60, Sampling.PLAIN, 1)).isEqualTo(first);
      assertThat(generator.generate(PROMPT, 60, Sampling.PLAIN, 2)).isNotEqualTo(first);
      assertThat(first).doesNotContain(Vocabulary.PADDING, Vocabulary.UNKNOWN);
      assertThat(generator.beginning()).containsExactly(4);
    }
  }

  @Test
  void otherNetworksAreRefused() {
    Network both = network(RecurrentCell.LSTM, 1, true, true);
    assertThatThrownBy(() -> new TextGenerator(both, weights(both), VOCABULARY, backend))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "layer 'lstm1' (lstm) reads from both ends, and so the next token before it has to tell it (leave --bidirectional out)");
    Network last = network(RecurrentCell.LSTM, 1, false, false);
    assertThatThrownBy(() -> new TextGenerator(last, weights(last), VOCABULARY, backend))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("says nothing about the next of 7 tokens at each step");
  }
}

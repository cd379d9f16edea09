package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelException;
import dev.tandem.models.ModelFile;
import dev.tandem.models.Network;
import dev.tandem.models.layers.EmbeddingLayer;
import dev.tandem.models.layers.RecurrentLayer;
import dev.tandem.models.runs.TrainedModel;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Padding of tokens changes nothing where the embedding knows which it is. */
class PaddingTest {
  /** Both compute in binary32, in another order. */
  private static final float TOLERANCE = 1e-5f;

  static List<String> available() {
    return TrainingFixtures.available();
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(PaddingTest.class.getResource("padding/" + name).toURI());
  }

  private static Network network() throws URISyntaxException {
    return ModelFile.read(resource("packed.json"), OptionalInt.of(6));
  }

  /** The same tokens with more padding behind them. */
  private static HostArray longer(HostArray tokens, int steps) {
    int[] ids = new int[tokens.size() * steps];
    for (int example = 0; example < tokens.size(); example++) {
      System.arraycopy(tokens.ints(), example * 6, ids, example * steps, 6);
    }
    return HostArray.of(ids, tokens.size(), steps);
  }

  @ParameterizedTest
  @MethodSource("available")
  void outputsAreThoseOfPackedSequences(String id) throws URISyntaxException {
    Network network = network();
    HostArray x = Npy.read(resource("x.npy"));
    HostArray expected = Npy.read(resource("y.npy"));
    for (int steps : new int[] {6, 11}) {
      HostArray cut = Padding.cut(network, longer(x, steps), "x");
      try (Backend backend = Backends.open(id, BackendOptions.defaults());
          TrainedModel model =
              new TrainedModel(
                  network, resource("packed.safetensors"), Loss.CCE, List.of(cut), backend)) {
        assertThat(model.outputs(cut, "x").floats())
            .containsExactly(expected.floats(), within(TOLERANCE));
      }
    }
  }

  @Test
  void sequencesEndWhereNothingButPaddingFollows() throws URISyntaxException {
    HostArray x = HostArray.of(new int[] {0, 3, 0, 4, 5, 0}, 2, 3);
    HostArray cut = Padding.cut(network(), x, "x");
    assertThat(cut.ints()).containsExactly(0, 3, 4, 5);
    assertThat(cut.steps(0)).isEqualTo(2);
    assertThat(cut).hasToString("int32 [2,3]");
    HostArray whole = HostArray.of(new int[] {0, 3, 4, 5}, 2, 2);
    assertThat(Padding.cut(network(), whole, "x")).isSameAs(whole);
    HostArray empty = HostArray.of(new int[] {1, 2, 0, 0}, 2, 2);
    assertThatThrownBy(() -> Padding.cut(network(), empty, "x.npy"))
        .isInstanceOf(ModelException.class)
        .hasMessage("example 1 of x.npy is nothing but padding (token id 0; leave it out)");
    int[] ids = {1, 2, 9, 0};
    HostArray foreign = Padding.cut(network(), HostArray.of(ids, 2, 2), "x");
    assertThatThrownBy(() -> Inputs.check(network(), foreign, "x"))
        .hasMessageStartingWith("example 1 of x holds token id 9");
  }

  @Test
  void classesOfStepsEndWithThem() {
    Network tags =
        Network.tokenBuilder("tags", Shape.of(3))
            .add(new EmbeddingLayer("emb", 9, 4, 0))
            .recurrent(new RecurrentLayer.Settings(RecurrentCell.GRU, 4, 1, false, 0, true))
            .linear(2)
            .build();
    HostArray x = HostArray.of(new int[] {7, 3, 0, 4, 5, 6}, 2, 3);
    HostArray y = HostArray.of(new int[] {1, 0, 1, 1, 1, 0}, 2, 3);
    Examples cut = Padding.cut(tags, new Examples(x, y), "x");
    assertThat(cut.targets().ints()).isEqualTo(new int[] {1, 0, 1, 1, 0});
    assertThat(cut.targets().steps(0)).isEqualTo(2);
    assertThat(Arrays.stream(cut.inputs().ints()).sum()).isEqualTo(25);
  }
}

package dev.tandem.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.engine.DataType;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.layers.Conv2dLayer;
import dev.tandem.models.layers.RecurrentLayer;
import org.junit.jupiter.api.Test;

/** Networks whose layers do not go together are refused when they are made, by name. */
class NetworkTest {
  private static RecurrentLayer.Settings gru(boolean sequence) {
    return new RecurrentLayer.Settings(RecurrentCell.GRU, 4, 1, false, 0, sequence);
  }

  private static Network.Builder sequences() {
    return Network.builder("net", Shape.of(6, 3));
  }

  private static Network.Builder pictures(int height, int width) {
    return Network.builder("net", Shape.of(1, height, width));
  }

  private static void assertRefused(Network.Builder network, String message) {
    assertThatThrownBy(network::build).isInstanceOf(ModelException.class).hasMessage(message);
  }

  @Test
  void wholeExamplesAndSequencesAreToldApart() {
    Network last = sequences().recurrent(gru(false)).linear(2).build();
    Network every = sequences().recurrent(gru(true)).linear(2).build();
    Network steps = sequences().linear(2).build();

    assertThat(last.recurs()).isTrue();
    assertThat(last.returnsSequence()).isFalse();
    assertThat(last.output()).isEqualTo(Shape.of(2));
    assertThat(last.inputBatch(5, 9)).as("time first").isEqualTo(Shape.of(9, 5, 3));
    assertThat(every.returnsSequence()).isTrue();
    assertThat(every.output()).isEqualTo(Shape.of(6, 2));
    assertThat(steps.recurs()).isFalse();
    assertThat(steps.returnsSequence()).isFalse();
    assertThat(steps.inputBatch(5, 6)).isEqualTo(Shape.of(5, 6, 3));
  }

  @Test
  void aLayerOfWholeExamplesOnASequenceIsRefused() {
    assertRefused(
        sequences().recurrent(gru(true)).flatten().linear(2),
        "layer 'flatten1' (flatten) takes whole examples, but gets sequences (let the recurrent layer in front of it return \"last\", or leave it out)");
    assertRefused(
        sequences().flatten().recurrent(gru(false)),
        "layer 'gru1' (gru): the input is [18], expected sequences [T,I] (give the input such a shape, or put an embedding in front)");
    assertRefused(
        sequences().batchNorm1d().recurrent(gru(false)),
        "layer 'bn1' (batchnorm1d) takes whole examples, but gets sequences (let the recurrent layer in front of it return \"last\", or leave it out)");
    assertThat(sequences().recurrent(gru(false)).batchNorm1d().linear(2).build().output())
        .as("behind the last state there is no time")
        .isEqualTo(Shape.of(2));
  }

  @Test
  void layersOfPicturesNeedPictures() {
    assertRefused(
        Network.builder("net", Shape.of(12)).conv2d(4, 3),
        "layer 'conv1' (conv2d): the input is [12], expected pictures [C,H,W] (give the input such a shape)");
    assertRefused(
        Network.builder("net", Shape.of(12)).maxPool2d(2),
        "layer 'pool1' (maxpool2d): the input is [12], expected pictures [C,H,W] (give the input such a shape)");
    assertThatThrownBy(
            () -> Network.builder("net", Shape.of(1, 8, 8)).recurrent(gru(false)).build())
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("layer 'gru1' (gru): the input is [1,8,8], expected sequences");
  }

  @Test
  void aKernelLargerThanItsPaddedInputIsRefused() {
    Conv2dLayer.Settings kernel = Conv2dLayer.Settings.same(4, 5).with(1, 1);
    assertThatThrownBy(() -> pictures(2, 8).conv2d(kernel).build())
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("layer 'conv1' (conv2d): ")
        .hasMessageContaining("kernel");
    assertThatThrownBy(() -> pictures(8, 2).maxPool2d(3).build())
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("layer 'pool1' (maxpool2d): ")
        .hasMessageContaining("kernel");
    assertThat(pictures(3, 3).conv2d(kernel).build().output()).isEqualTo(Shape.of(4, 1, 1));
  }

  @Test
  void samePaddingNeedsAnOddKernel() {
    assertThatThrownBy(() -> pictures(8, 8).conv2d(4, 2).build())
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "layer 'conv1' (conv2d): padding is \"same\", but the height of its kernel is 2, which leaves more on one side than on the other (give an odd kernel, or numbers)");
  }

  @Test
  void tokensBeginWithAnEmbedding() {
    assertThat(
            Network.tokenBuilder("net", Shape.of(6))
                .embedding(9, 3)
                .recurrent(gru(true))
                .linear(2)
                .build()
                .inputType())
        .isEqualTo(DataType.INT32);
    assertThatThrownBy(() -> Network.tokenBuilder("net", Shape.of(6)).recurrent(gru(true)).build())
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("layer 'gru1' (gru)");
  }
}

package dev.tandem.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.Presets.Options;
import dev.tandem.models.layers.Layer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresetsTest {
  @Test
  void perceptronIsOneLinearLayer() {
    assertThat(types(build("perceptron", Shape.of(28, 28), Options.NONE)))
        .containsExactly("flatten", "linear");
    assertThat(types(build("perceptron", Shape.of(4), Options.NONE))).containsExactly("linear");
  }

  @Test
  void annHasAsManyHiddenLayersAsAskedFor() {
    Network network = build("ann", Shape.of(2, 3), Options.of(7, 3, 0.5));

    assertThat(types(network))
        .containsExactly(
            "flatten", "linear", "relu", "dropout", "linear", "relu", "dropout", "linear", "relu",
            "dropout", "linear");
    assertThat(network.output()).isEqualTo(Shape.of(10));
    assertThat(network.layers().get(4).settings()).containsEntry("units", 7);
    assertThat(network.layers().get(6).settings()).containsEntry("rate", 0.5);
  }

  @Test
  void whatIsNotChosenIsTheDefault() {
    Network network =
        build(
            "ann",
            Shape.of(5),
            new Options(
                OptionalInt.empty(), OptionalInt.of(1), OptionalDouble.empty(), Optional.empty()));

    assertThat(types(network)).containsExactly("linear", "relu", "linear");
    assertThat(network.layers().get(0).settings()).containsEntry("units", 128);
    assertThat(types(build("ann", Shape.of(5), Options.NONE)))
        .containsExactly("linear", "relu", "linear", "relu", "linear");
  }

  @Test
  void everyPresetIsFoundByItsName() {
    assertThat(Presets.names()).startsWith("perceptron", "ann");
    for (Presets.Preset preset : Presets.all()) {
      assertThat(Presets.get(preset.name())).isSameAs(preset);
      assertThat(preset.description()).isNotBlank().doesNotContain("\n");
    }
  }

  @Test
  void unknownPresetNamesTheNearest() {
    assertThatThrownBy(() -> Presets.get("perceptorn"))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(
            "unknown preset 'perceptorn' (did you mean 'perceptron'? there are: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0  | 2    | 0   | preset 'ann': hidden is 0 (give 1 or more)
          8  | 0    | 0   | preset 'ann': layers is 0 (give a number from 1 to 1000)
          8  | 1001 | 0   | preset 'ann': layers is 1001 (give a number from 1 to 1000)
          8  | 2    | 1   | preset 'ann': dropout is 1.0 (give a number from 0 to below 1)
          8  | 2    | NaN | preset 'ann': dropout is NaN (give a number from 0 to below 1)
          """)
  void optionsOutOfRangeAreErrors(int hidden, int layers, double dropout, String message) {
    assertThatThrownBy(() -> build("ann", Shape.of(5), Options.of(hidden, layers, dropout)))
        .isInstanceOf(ModelException.class)
        .hasMessage(message);
  }

  @Test
  void optionsThatAPresetHasNotAreErrors() {
    Options options =
        new Options(
            OptionalInt.of(64), OptionalInt.empty(), OptionalDouble.empty(), Optional.empty());

    assertThatThrownBy(() -> build("perceptron", Shape.of(5), options))
        .isInstanceOf(ModelException.class)
        .hasMessage("preset 'perceptron': it has no option 'hidden' (leave it out)");
  }

  @Test
  void tokensAreNotNumbers() {
    assertThatThrownBy(
            () ->
                Presets.get("ann")
                    .build(new Presets.Data(Shape.of(5), DataType.INT32, 9, 2), Options.NONE))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "layer 'fc1' (linear) takes numbers, but the input's dtype is int32 (use dtype float32, or begin with an embedding)");
  }

  @ParameterizedTest
  @CsvSource({
    "cnn, 'pictures [C,H,W]'",
    "lenet, 'pictures [C,H,W]'",
    "deep-cnn, 'pictures [C,H,W]'",
    "detector, 'pictures [C,H,W]'",
    "lstm, 'sequences [T,I]'",
    "tagger, 'sequences [T,I]'"
  })
  void whatAPresetCannotSeeNamesOneThatCan(String preset, String takes) {
    assertThatThrownBy(() -> build(preset, Shape.of(4), Options.NONE))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "preset '%s': it takes %s, but examples are [4] (use --model ann, which takes any shape of numbers)",
            preset, takes);
  }

  @Test
  void detectorHasCellsOf8PixelsAndOf16InLargePictures() {
    assertThat(build("detector", Shape.of(1, 64, 64), Options.NONE).output())
        .isEqualTo(Shape.of(15, 8, 8));
    Network large = build("detector", Shape.of(3, 192, 192), Options.of(4, 1, 0.1));
    assertThat(large.output()).isEqualTo(Shape.of(15, 12, 12));
    assertThat(types(large)).containsOnlyOnce("dropout").endsWith("relu", "dropout", "conv2d");
    for (Shape input : List.of(Shape.of(3, 64, 32), Shape.of(3, 60, 60))) {
      assertThatThrownBy(() -> build("detector", input, Options.NONE))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("whose side is a multiple of 8, but examples are " + input);
    }
  }

  private static Network build(String name, Shape input, Options options) {
    return Presets.get(name).build(new Presets.Data(input, DataType.FLOAT32, 0, 10), options);
  }

  private static List<String> types(Network network) {
    return network.layers().stream().map(Layer::type).toList();
  }
}

package dev.tandem.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.engine.Activation;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.layers.ActivationLayer;
import dev.tandem.models.layers.Conv2dLayer;
import dev.tandem.models.layers.EmbeddingLayer;
import dev.tandem.models.layers.LayerTypes;
import dev.tandem.models.layers.Linear;
import dev.tandem.models.layers.Pair;
import dev.tandem.models.layers.Pool2dLayer;
import dev.tandem.models.layers.RecurrentLayer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFileTest {
  @TempDir Path folder;

  @Test
  void readsAndWritesEveryLayerType() throws IOException {
    Network pictures =
        Network.builder("pictures", Shape.of(4, 9, 8))
            .conv2d(4, 3)
            .conv2d(
                new Conv2dLayer.Settings(
                    6, new Pair(2, 3), Pair.of(2), new Pair(1, 2), new Pair(2, 1), 2, false))
            .batchNorm2d()
            .maxPool2d(2)
            .add(
                new Pool2dLayer(
                    "mean", Pool2dSpec.Mode.AVERAGE, Pair.of(2), Pair.ONE, Pair.ONE, false))
            .globalAveragePool2d()
            .build();
    Network.Builder sequences = Network.builder("sequences", Shape.of(5, 3));
    for (RecurrentCell cell : RecurrentCell.values()) {
      sequences.recurrent(new RecurrentLayer.Settings(cell, 4, 2, true, 0.25, true));
    }
    sequences.recurrent(new RecurrentLayer.Settings(RecurrentCell.GRU, 3, 1, false, 0, false));
    String others = rewritten(pictures) + rewritten(sequences.build());
    Network.Builder builder =
        Network.tokenBuilder("everything", Shape.of(6))
            .add(new EmbeddingLayer("tokens", 11, 4, 3))
            .layerNorm()
            .batchNorm1d()
            .dropout(0.25)
            .residual(outer -> outer.linear(4).residual(inner -> inner.relu().linear(4)).softmax())
            .add(new ActivationLayer("first", Activation.TANH))
            .add(new Linear("no-bias", 5, false))
            .flatten();
    for (Activation function : Activation.values()) {
      if (function != Activation.IDENTITY) {
        builder.activation(function);
      }
    }
    Network network = builder.linear(3).build();
    Path file = folder.resolve("model.json");

    ModelFile.write(file, network);
    Network read = ModelFile.read(file, OptionalInt.empty());

    assertThat(ModelFile.toJson(read)).isEqualTo(ModelFile.toJson(network));
    assertThat(read.name()).isEqualTo("everything");
    assertThat(read.input()).isEqualTo(Shape.of(6));
    assertThat(read.inputType()).isEqualTo(DataType.INT32);
    assertThat(read.output()).isEqualTo(Shape.of(3));
    assertThat(NetworkSummary.of(read)).isEqualTo(NetworkSummary.of(network));
    String text = others + Files.readString(file);
    LayerTypes.names().forEach(type -> assertThat(text).contains("\"type\" : \"" + type + "\""));
    assertThat(text).doesNotContain("\r").endsWith("}\n");
  }

  /** Writes a network, reads it, and returns what was written. */
  private String rewritten(Network network) throws IOException {
    Path file = folder.resolve(network.name() + ".json");
    ModelFile.write(file, network);
    assertThat(ModelFile.toJson(ModelFile.read(file, OptionalInt.empty())))
        .isEqualTo(ModelFile.toJson(network));
    return Files.readString(file);
  }

  @Test
  void defaultsAreFilledIn() {
    Network network =
        read("{\"input\":{\"shape\":[4]},\"layers\":[{\"type\":\"linear\",\"units\":2}]}");

    assertThat(network.name()).isEqualTo("model");
    assertThat(network.inputType()).isEqualTo(DataType.FLOAT32);
    assertThat(network.layers().get(0).name()).isEqualTo("linear1");
    assertThat(network.layers().get(0).settings()).containsEntry("bias", true);
  }

  @Test
  void timeComesFromTheCaller() throws IOException {
    Path file = file("{\"input\":{\"shape\":[\"T\",3]},\"layers\":[{\"type\":\"relu\"}]}");

    assertThat(ModelFile.read(file, OptionalInt.of(9)).input()).isEqualTo(Shape.of(9, 3));
    assertThatThrownBy(() -> ModelFile.read(file, OptionalInt.empty()))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            file
                + ": key 'input.shape' is [T, 3]: the length of the time axis comes from the data (give data, or a number instead of \"T\")");
  }

  @Test
  void writingReplacesAndLeavesNothingElse() throws IOException {
    Path file = file("old");

    ModelFile.write(file, Network.builder("new", Shape.of(2)).linear(2).build());

    assertThat(ModelFile.read(file, OptionalInt.empty()).name()).isEqualTo("new");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void writingThatFailsLeavesNothing() throws IOException {
    Path occupied = Files.createDirectories(folder.resolve("occupied").resolve("inside"));
    Network network = Network.builder("new", Shape.of(2)).linear(2).build();

    assertThatThrownBy(() -> ModelFile.write(occupied.getParent(), network))
        .isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(() -> ModelFile.write(folder.resolve("missing").resolve("a.json"), network))
        .isInstanceOf(UncheckedIOException.class);

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(occupied.getParent());
    }
  }

  /** Errors of the file around the layers; every one begins with the file's path. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                                | the file is empty (write {...})
          []                                | the file: [] is not an object (write {...})
          {"inputs": 1}                     | unknown key 'inputs' (did you mean 'input'? there are: name, input, layers)
          {"input": {"shape": [1]}}         | key 'layers' is missing (add it)
          {"layers": []}                    | key 'input' is missing (add it)
          {"name": 7}                       | key 'name' is 7 (give a text)
          {"name": " "}                     | key 'name' is   (give a text)
          {"name": null}                    | key 'name' is null (give a text)
          {"input": 3}                      | key 'input': 3 is not an object (write {...})
          {"input": {}}                     | key 'input.shape' is missing (add it)
          {"input": {"shap": [1]}}          | unknown key of 'input' 'shap' (did you mean 'shape'? there are: shape, dtype)
          {"input": {"shape": 4}}           | key 'input.shape' is 4 (give a list of extents, such as [28,28])
          {"input": {"shape": []}}          | key 'input.shape' is [] (give a list of extents, such as [28,28])
          {"input": {"shape": [0]}}         | key 'input.shape' is [0]: extent 1 is 0 (give 1 or more)
          {"input": {"shape": [2,-3]}}      | key 'input.shape' is [2, -3]: extent 2 is -3 (give 1 or more)
          {"input": {"shape": [2,1.5]}}     | key 'input.shape' is [2, 1.5]: extent 2 is 1.5 (give a whole number, or "T" as the first)
          {"input": {"shape": [2,"T"]}}     | key 'input.shape' is [2, T]: extent 2 is T (give a whole number, or "T" as the first)
          {"input": {"shape": [4294967296]}} | key 'input.shape' is [4294967296]: extent 1 is 4294967296 (give a whole number, or "T" as the first)
          {"input": {"shape": [65536,65536]}} | key 'input.shape' is [65536, 65536]: an example has more than 2147483647 elements (give smaller extents)
          {"input": {"shape": [2147483647,2147483647,2147483647,2147483647]}} | key 'input.shape' is [2147483647, 2147483647, 2147483647, 2147483647]: an example has more than 2147483647 elements (give smaller extents)
          {"input": {"shape": [1], "dtype": "float"}} | key 'input.dtype': unknown dtype 'float' (did you mean 'float32'? there are: float32, int32)
          {"input": {"shape": [1], "dtype": 7}, "layers": []} | key 'input.dtype': unknown dtype '7' (did you mean 'int32'? there are: float32, int32)
          {"input": {"shape": [1]}, "layers": {}} | key 'layers' is {} (give a list)
          {"input": {"shape": [1]}, "layers": [7]} | layer 1: 7 is not an object (write {...})
          {"input": {"shape": [1]}, "layers": []} | network 'model' has no layers (add some)
          {"name": "a", "name": "b"}        | line 1, column 21: Duplicate Object property "name" (correct the JSON)
          {"name": a}                       | line 1, column 10: Unrecognized token 'a': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false') (correct the JSON)
          {} {}                             | line 1, column 4: something follows the first value (correct the JSON)
          """)
  void errorsNameTheKey(String json, String message) throws IOException {
    assertError(json, message);
  }

  /** Errors of layers; {@code input} has the shape [6,4]. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                        | layer 1: key 'type' is missing (give a text)
          {"type": 3}                               | layer 1: key 'type' is 3 (give a text)
          {"type": "relu", "name": 3}               | layer 1: key 'name' is 3 (give a text)
          {"type": "liner", "units": 2}             | layer 'liner1': unknown type 'liner' (did you mean 'linear'? there are: TYPES)
          {"type": "linear"}                        | layer 'linear1' (linear): key 'units' is missing (add it)
          {"type": "linear", "units": "2"}          | layer 'linear1' (linear): key 'units' is 2 (give a whole number)
          {"type": "linear", "units": 0}            | layer 'linear1' (linear): units is 0 (give 1 or more)
          {"type": "linear", "units": 2.5}          | layer 'linear1' (linear): key 'units' is 2.5 (give a whole number)
          {"type": "linear", "units": 9999999999}   | layer 'linear1' (linear): key 'units' is 9999999999 (give a whole number)
          {"type": "linear", "units": 2, "bias": 1} | layer 'linear1' (linear): key 'bias' is 1 (give true or false)
          {"type": "linear", "units": 2, "baised": true} | layer 'linear1' (linear): unknown key 'baised' (did you mean 'bias'? there are: bias, name, type, units)
          {"type": "conv2d", "filterz": 2, "kernel": 3} | layer 'conv2d1' (conv2d): unknown key 'filterz' (did you mean 'filters'? there are: bias, dilation, filters, groups, kernel, name, padding, stride, type)
          {"type": "lstm", "hiddensize": 2}         | layer 'lstm1' (lstm): unknown key 'hiddensize' (did you mean 'hiddenSize'? there are: bidirectional, dropout, hiddenSize, layers, name, return, type)
          {"type": "relu", "name": "r", "rate": 1}  | layer 'r' (relu): unknown key 'rate' (did you mean 'name'? there are: name, type)
          {"type": "dropout", "rate": 1}            | layer 'dropout1' (dropout): rate is 1.0 (give a number from 0 to below 1)
          {"type": "dropout", "rate": "x"}          | layer 'dropout1' (dropout): key 'rate' is x (give a number)
          {"type": "layernorm", "epsilon": 1e999}   | layer 'layernorm1' (layernorm): key 'epsilon' is Infinity (give a number)
          {"type": "layernorm", "epsilon": 0}       | layer 'layernorm1' (layernorm): epsilon is 0.0 (give a number above 0)
          {"type": "batchnorm1d", "momentum": 2}    | layer 'batchnorm1d1' (batchnorm1d): momentum is 2.0 (give a number from 0 to 1)
          {"type": "embedding", "vocabulary": 3, "dimension": 2} | layer 'embedding1' (embedding) takes token ids, but the input's dtype is float32 (use dtype int32)
          {"type": "embedding", "vocabulary": 3, "dimension": 2, "paddingIndex": 3} | layer 'embedding1' (embedding): paddingIndex is 3 (give an id below the vocabulary of 3)
          {"type": "relu"}, {"type": "embedding", "vocabulary": 3, "dimension": 2} | layer 'embedding1' (embedding) takes token ids, which only the input has (put it first)
          {"type": "relu", "name": "a"}, {"type": "tanh", "name": "a"} | two layers are called 'a' (give them different names)
          {"type": "residual", "layers": []}        | layer 'residual1' (residual): it has no layers (give it some)
          {"type": "residual", "layers": 3}         | layer 'residual1' (residual): key 'layers' is 3 (give a list)
          {"type": "residual", "layers": [3]}       | layer 'residual1' (residual), key 'layers': 3 is not an object (write {...})
          {"type": "residual", "layers": [{"type": "linear", "units": 3}]} | layer 'residual1' (residual): its layers turn [6,4] into [6,3], which cannot be added to the input (end with a layer that gives [6,4])
          {"type": "linear", "units": 2000000000}   | layer 'linear1' (linear): the output for an input of [6,4] has more than 2147483647 elements (make the layer or the input smaller)
          {"type": "flatten"}, {"type": "linear", "units": 100000000} | layer 'linear1': with its parameter 'linear1.weight' of shape [100000000,24] the network has more than 2147483647 parameters (make the layer smaller)
          {"type": "residual", "layers": [{"type": "linear", "name": "wide", "units": 2000000000}]} | layer 'residual1.wide' (linear): the output for an input of [6,4] has more than 2147483647 elements (make the layer or the input smaller)
          """)
  void errorsNameTheLayer(String layers, String message) throws IOException {
    assertError(
        "{\"input\": {\"shape\": [6,4]}, \"layers\": [" + layers + "]}",
        message.replace("TYPES", String.join(", ", LayerTypes.names())));
  }

  @Test
  void missingFileIsAnError() {
    Path file = folder.resolve("nothing.json");

    assertThatThrownBy(() -> ModelFile.read(file, OptionalInt.empty()))
        .isInstanceOf(ModelException.class)
        .hasMessage(file + ": there is no such file (give the path of an architecture file)");
  }

  @Test
  void hugeFileIsNotRead() throws IOException {
    Path file = folder.resolve("huge.json");
    byte[] blanks = new byte[(16 << 20) + 1];
    Arrays.fill(blanks, (byte) ' ');
    Files.write(file, blanks);

    assertThatThrownBy(() -> ModelFile.read(file, OptionalInt.empty()))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            file
                + ": the file is larger than 16 MiB (give an architecture file, not weights or data)");
  }

  @Test
  void deepNestingIsNotFollowed() throws IOException {
    assertError(
        "[".repeat(100_000),
        "the JSON is nested deeper than 64 levels, or a number or text in it is too long to be meant (simplify it)");
  }

  @Test
  void truncatedFileSaysWhere() throws IOException {
    Path file = file("{\"name\": \"a\",\n \"layers\": [");

    assertThatThrownBy(() -> ModelFile.read(file, OptionalInt.empty()))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(file + ": line 2, column 13: Unexpected end-of-input")
        .hasMessageEndingWith(" (correct the JSON)")
        .hasMessageNotContaining("\n");
  }

  private void assertError(String json, String message) throws IOException {
    Path file = file(json);
    assertThatThrownBy(() -> ModelFile.read(file, OptionalInt.empty()))
        .isInstanceOf(ModelException.class)
        .hasMessage(file + ": " + message);
  }

  private Network read(String json) {
    try {
      return ModelFile.read(file(json), OptionalInt.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("model.json"), text);
  }
}

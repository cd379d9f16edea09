package dev.tandem.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.weights.NamedTensor;
import dev.tandem.models.weights.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsFileTest {
  private static final Network NETWORK =
      Network.builder("n", Shape.of(4))
          .linear(3)
          .batchNorm1d()
          .residual(block -> block.linear(3).relu())
          .linear(2)
          .build();

  private static Backend backend;

  @TempDir private Path directory;

  @BeforeAll
  static void open() {
    backend = Backends.open("scalar", BackendOptions.defaults());
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static Parameters parameters(long seed) {
    Parameters parameters =
        new Parameters(
            NETWORK.parameters(Initializer.Scheme.DEFAULT), backend, DataType.FLOAT32, false, 0);
    parameters.initialize(seed);
    return parameters;
  }

  private static float[] values(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    backend.transfers().download(tensor, values, 0);
    return values;
  }

  private Path saved(Parameters parameters) {
    Path file = directory.resolve("weights.safetensors");
    WeightsFile.save(file, parameters);
    return file;
  }

  @Test
  void whatIsSavedIsReadBackBitByBit() {
    try (Parameters first = parameters(1);
        Parameters second = parameters(2)) {
      float[] variance = {4, 5, 6};
      backend.transfers().upload(variance, 0, first.get("bn1.running_var"));
      assertThat(values(second.weights())).isNotEqualTo(values(first.weights()));

      WeightsFile.load(saved(first), second);

      assertThat(values(second.weights())).isEqualTo(values(first.weights()));
      assertThat(values(second.get("bn1.running_var"))).isEqualTo(variance);
    }
  }

  @Test
  void namesArePyTorchs() {
    try (Parameters parameters = parameters(1)) {
      assertThat(Safetensors.read(saved(parameters)).tensors().stream().map(NamedTensor::name))
          .containsExactlyInAnyOrder(
              "fc1.weight",
              "fc1.bias",
              "bn1.weight",
              "bn1.bias",
              "bn1.running_mean",
              "bn1.running_var",
              "block1.fc1.weight",
              "block1.fc1.bias",
              "fc2.weight",
              "fc2.bias");
    }
  }

  @Test
  void aFileThatDoesNotFitChangesNothing() {
    try (Parameters saved = parameters(1);
        Parameters target = parameters(2)) {
      Path file = saved(saved);
      List<NamedTensor> tensors = Safetensors.read(file).tensors();
      float[] before = values(target.weights());

      Safetensors.write(file, without("fc2.bias", tensors), Map.of());
      refused(
          file,
          target,
          ": tensor 'fc2.bias' of shape [2] is missing (is this file of another model?)");

      List<NamedTensor> wrong = without("fc2.bias", tensors);
      wrong.add(new NamedTensor("fc2.bias", new int[] {3}, new float[3]));
      Safetensors.write(file, wrong, Map.of());
      refused(
          file,
          target,
          ": tensor 'fc2.bias' has shape [3], but the model's is [2] (is this file of another model?)");

      List<NamedTensor> more = new ArrayList<>(tensors);
      more.add(new NamedTensor("fc3.bias", new int[] {2}, new float[2]));
      Safetensors.write(file, more, Map.of());
      assertThatThrownBy(() -> WeightsFile.load(file, target))
          .isInstanceOf(ModelException.class)
          .hasMessageStartingWith(file + ": ")
          .hasMessageContaining("'fc3.bias'")
          .hasMessageContaining("fc2.bias");

      assertThat(values(target.weights())).isEqualTo(before);
    }
  }

  private static List<NamedTensor> without(String name, List<NamedTensor> tensors) {
    return new ArrayList<>(tensors.stream().filter(tensor -> !tensor.name().equals(name)).toList());
  }

  private static void refused(Path file, Parameters target, String message) {
    assertThatThrownBy(() -> WeightsFile.load(file, target))
        .isInstanceOf(ModelException.class)
        .hasMessage(file + message);
  }
}

package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.ArrayDataset;
import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import dev.tandem.datasets.Splits;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.models.ModelFile;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.WeightsFile;
import dev.tandem.models.layers.Initializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Networks, weights and data saved from PyTorch give its outputs, and train as they do there, on
 * every backend; {@code src/test/python/make_training_goldens.py} wrote them.
 */
class PyTorchParityTest {
  /** Both compute in binary32, in another order. */
  private static final double OUTPUT_TOLERANCE = 1e-5;

  /** Steps hand rounding errors on. */
  private static final double TRAINING_TOLERANCE = 1e-4;

  /** What T stands for; sequences may have any number of steps all the same. */
  private static final OptionalInt STEPS = OptionalInt.of(9);

  @TestFactory
  Stream<DynamicTest> outputs() {
    return TrainingFixtures.available().stream()
        .flatMap(
            id ->
                goldens()
                    .get("outputs")
                    .propertyStream()
                    .map(
                        golden ->
                            DynamicTest.dynamicTest(
                                id + " " + golden.getKey(),
                                () -> checkOutputs(id, golden.getKey(), golden.getValue()))));
  }

  @TestFactory
  Stream<DynamicTest> training() {
    return TrainingFixtures.available().stream()
        .flatMap(
            id ->
                goldens()
                    .get("cases")
                    .valueStream()
                    .map(
                        golden ->
                            DynamicTest.dynamicTest(
                                "%s %s %s %s %s"
                                    .formatted(
                                        id,
                                        golden.get("model").asString(),
                                        golden.get("loss").asString(),
                                        golden.get("optimizer").asString(),
                                        golden.get("settings")),
                                () -> checkTraining(id, golden))));
  }

  private static void checkOutputs(String id, String model, JsonNode golden) {
    Network network = ModelFile.read(resource(model + ".json"), STEPS);
    HostArray inputs = Npy.read(resource(golden.get("inputs").asString() + ".npy"));
    try (Backend backend = Backends.open(id, BackendOptions.defaults());
        Parameters parameters =
            new Parameters(
                network.parameters(Initializer.Scheme.DEFAULT),
                backend,
                DataType.FLOAT32,
                false,
                0)) {
      WeightsFile.load(resource(model + ".safetensors"), parameters);
      try (Evaluator evaluator =
          new Evaluator(network, parameters, backend, Loss.CCE, List.of(inputs))) {
        assertClose(evaluator.outputs(inputs), golden.get("values"), OUTPUT_TOLERANCE);
      }
    }
  }

  private static void checkTraining(String id, JsonNode golden) {
    String model = golden.get("model").asString();
    Network network = ModelFile.read(resource(model + ".json"), STEPS);
    Path inputs = resource(golden.get("inputs").asString() + ".npy");
    ArrayDataset raw =
        ArrayDataset.read(inputs, resource(golden.get("labels").asString() + ".npy"), null, false);
    Dataset dataset = raw.prepare(Splits.holdout(raw, 0, 0, 1));
    List<Double> losses = new ArrayList<>();
    TrainingListener listener =
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
        };
    try (Backend backend = Backends.open(id, BackendOptions.defaults());
        Trainer trainer = new Trainer(network, dataset, backend, options(golden))) {
      WeightsFile.load(resource(model + ".safetensors"), trainer.parameters());
      trainer.fit(listener);

      List<Double> expected = golden.get("losses").valueStream().map(JsonNode::asDouble).toList();
      assertThat(losses).hasSameSizeAs(expected);
      for (int step = 0; step < expected.size(); step++) {
        assertThat(losses.get(step))
            .as("loss of step %d", step + 1)
            .isCloseTo(expected.get(step), within(TRAINING_TOLERANCE));
      }
      assertClose(
          trainer.evaluator().outputs(dataset.train().inputs()),
          golden.get("outputs"),
          TRAINING_TOLERANCE);
    }
  }

  private static TrainingOptions options(JsonNode golden) {
    OptimizerSettings defaults =
        OptimizerSettings.Kind.valueOf(golden.get("optimizer").asString().toUpperCase(Locale.ROOT))
            .defaults();
    JsonNode settings = golden.get("settings");
    return new TrainingOptions(
        golden.get("losses").size(),
        goldens().get("batch").asInt(),
        Loss.valueOf(golden.get("loss").asString().toUpperCase(Locale.ROOT)),
        new OptimizerSettings(
            defaults.kind(),
            settings.path("lr").asDouble(defaults.learningRate()),
            settings.path("momentum").asDouble(0),
            settings.path("nesterov").asBoolean(false),
            settings.path("weight_decay").asDouble(defaults.weightDecay())),
        Schedule.CONSTANT,
        0,
        settings.path("clip_norm").asDouble(Double.POSITIVE_INFINITY),
        settings.path("clip_value").asDouble(Double.POSITIVE_INFINITY),
        1,
        false,
        golden.get("losses").size(),
        0,
        Initializer.Scheme.DEFAULT,
        Augmentation.NONE,
        false);
  }

  private static void assertClose(HostArray outputs, JsonNode golden, double tolerance) {
    assertThat(outputs.floats()).hasSize(golden.size());
    for (int i = 0; i < golden.size(); i++) {
      assertThat((double) outputs.floats()[i])
          .as("output %d", i)
          .isCloseTo(golden.get(i).asDouble(), within(tolerance));
    }
  }

  private static JsonNode goldens() {
    return Goldens.ROOT;
  }

  private static Path resource(String name) {
    try {
      return Path.of(PyTorchParityTest.class.getResource(name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Read once. */
  private static final class Goldens {
    private static final JsonNode ROOT = read();

    private static JsonNode read() {
      try {
        return JsonMapper.shared().readTree(Files.readString(resource("training_goldens.json")));
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }
}

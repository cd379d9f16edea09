package dev.tandem.models.runs;

import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Task;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelException;
import dev.tandem.models.ModelFile;
import dev.tandem.models.Network;
import dev.tandem.models.Presets;
import dev.tandem.models.training.Loss;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Makes the network of a run: a preset for the data at hand, or an architecture file. */
public final class RunModel {
  private static final String DETECTOR = "detector";

  private RunModel() {}

  /** Returns whether a model is an architecture file rather than a preset. */
  public static boolean isFile(String model) {
    return model.toLowerCase(Locale.ROOT).endsWith(".json");
  }

  /** Makes the network that settings name, for a data set. */
  public static Network network(RunSettings settings, Dataset dataset) {
    HostArray inputs = dataset.train().inputs();
    int[] example = inputs.exampleShape();
    check(settings);
    if (isFile(settings.model())) {
      return ModelFile.read(
          Path.of(settings.model()),
          example.length == 0 ? OptionalInt.empty() : OptionalInt.of(example[0]));
    }
    requireDetector(settings.model(), dataset);
    return Presets.get(settings.model())
        .build(
            new Presets.Data(
                Shape.of(example),
                inputs.isFloat() ? DataType.FLOAT32 : DataType.INT32,
                vocabulary(dataset),
                outputs(dataset, settings.loss(dataset.task()))),
            options(settings));
  }

  /** Checks that boxes and what finds them meet. */
  private static void requireDetector(String preset, Dataset dataset) {
    boolean finds = preset.equals(DETECTOR);
    if (finds && dataset.task() != Task.DETECTION) {
      throw new ModelException(
          "preset '%s' finds things in pictures and learns it from boxes around them, but data set '%s' is for %s and has none (use --dataset scenes, or --data FOLDER with pictures and their boxes in annotations.csv)"
              .formatted(preset, dataset.name(), dataset.task().name().toLowerCase(Locale.ROOT)));
    }
    if (!finds && dataset.task() == Task.DETECTION) {
      throw new ModelException(
          "preset '%s' finds no boxes, but data set '%s' is for detection (use --model %s)"
              .formatted(preset, dataset.name(), DETECTOR));
    }
  }

  /** Checks what settings choose of a model, whatever the data. */
  static void check(RunSettings settings) {
    Presets.Options options = options(settings);
    if (!isFile(settings.model())) {
      Presets.get(settings.model()).check(options);
    } else if (!options.equals(Presets.Options.NONE)) {
      throw new ModelException(
          "--hidden, --layers, --dropout and --bidirectional go with presets; %s says what it has (leave them out)"
              .formatted(settings.model()));
    }
  }

  private static Presets.Options options(RunSettings settings) {
    return new Presets.Options(
        optional(settings.hidden()),
        optional(settings.layers()),
        rate(settings.dropout()),
        Optional.ofNullable(settings.bidirectional()));
  }

  /** The ids of a text's vocabulary; of an array those up to the largest that occurs. */
  private static int vocabulary(Dataset dataset) {
    if (dataset.preprocessing().text() != null) {
      return dataset.preprocessing().text().vocabulary().size();
    }
    return dataset.train().inputs().isFloat()
        ? 0
        : 1
            + Stream.of(dataset.train(), dataset.validation(), dataset.test())
                .flatMapToInt(part -> Arrays.stream(part.inputs().ints()))
                .max()
                .orElse(0);
  }

  /** Checks that a network tells no more classes apart than the data has. */
  static void requireNoSpareClasses(Network network, Dataset dataset) {
    int classes = dataset.classNames().size();
    if (dataset.task() == Task.CLASSIFICATION
        && network.output().columns() > Math.max(1, classes)) {
      throw new ModelException(
          "network '%s' tells %d classes apart, but data set '%s' has %d (change the last layer's units to %d)"
              .formatted(
                  network.name(), network.output().columns(), dataset.name(), classes, classes));
    }
  }

  /** One output for each class or target; a single one for two classes under {@link Loss#BCE}. */
  private static int outputs(Dataset dataset, Loss loss) {
    if (dataset.task() == Task.LANGUAGE) {
      return vocabulary(dataset);
    }
    if (dataset.task() == Task.TAGGING || dataset.task() == Task.DETECTION) {
      return dataset.classNames().size();
    }
    if (dataset.task() == Task.CLASSIFICATION && !dataset.train().targets().isFloat()) {
      int classes = dataset.classNames().size();
      return loss == Loss.BCE && classes == 2 ? 1 : classes;
    }
    return dataset.train().targets().exampleLength();
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static OptionalDouble rate(Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}

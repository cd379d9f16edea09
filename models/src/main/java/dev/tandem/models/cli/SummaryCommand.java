package dev.tandem.models.cli;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelException;
import dev.tandem.models.ModelFile;
import dev.tandem.models.Network;
import dev.tandem.models.NetworkSummary;
import dev.tandem.models.Presets;
import dev.tandem.models.runs.RunModel;
import dev.tandem.models.training.Loss;
import dev.tandem.models.training.MemoryNeed;
import dev.tandem.models.training.OptimizerSettings;
import dev.tandem.models.training.TrainingOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tandem summary}. */
@Command(
    name = "summary",
    description = {
      "Shows a model's layers with output shapes, parameters, FLOPs and bytes.",
      "The bytes of a layer are those of its parameters and of its output for one example. Below"
          + " stands the memory that the engine takes for a batch, with all that it keeps for the"
          + " backward pass."
    },
    footer = {
      "  tandem summary model.json",
      "  tandem summary ann --input 784 --outputs 10 --hidden 256",
      "  tandem summary ann --input 1,28,28 --outputs 10 --batch-size 128"
    })
final class SummaryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private BackendChoice backendChoice;

  @Parameters(
      paramLabel = "PRESET|FILE.json",
      description = "A preset (see tandem train --help) or an architecture file.")
  private String model;

  @Option(
      names = "--input",
      paramLabel = "EXTENT",
      split = ",",
      defaultValue = "1,8,8",
      description = "The shape of one example for a preset, outermost extent first.")
  private int[] input;

  @Option(
      names = "--outputs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Classes or targets of a preset.")
  private int outputs;

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      description = "Token ids of a preset whose input is ids rather than numbers.")
  private Integer vocabulary;

  @Option(names = "--hidden", paramLabel = "UNITS", description = "Units of a preset's layers.")
  private Integer hidden;

  @Option(names = "--layers", paramLabel = "N", description = "Hidden layers of a preset.")
  private Integer layers;

  @Option(
      names = "--time",
      paramLabel = "T",
      defaultValue = "1",
      description = "What the free extent \"T\" of an architecture file stands for.")
  private int time;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description =
          "The examples of a batch for which memory is shown (default: the preset's; of an"
              + " architecture file 32).")
  private Integer batchSize;

  @Override
  public Integer call() {
    if (batchSize != null && batchSize < 1 || time < 1) {
      throw new ParameterException(
          spec.commandLine(), "--batch-size and --time count something (give 1 or more)");
    }
    if (outputs < 1 || Arrays.stream(input).anyMatch(extent -> extent < 1)) {
      throw new ParameterException(
          spec.commandLine(), "--input and --outputs count something (give 1 or more)");
    }
    Network network = network();
    PrintWriter out = spec.commandLine().getOut();
    out.print(NetworkSummary.of(network).text());
    try (Backend backend = backendChoice.open()) {
      memory(network, backend, out);
    }
    return 0;
  }

  private void memory(Network network, Backend backend, PrintWriter out) {
    Presets.Training preset = RunModel.isFile(model) ? null : Presets.get(model).training();
    int usual = preset == null ? TrainOptions.BATCH_SIZE : preset.batchSize();
    int batch = batchSize == null ? usual : batchSize;
    OptimizerSettings optimizer =
        preset == null ? OptimizerSettings.Kind.ADAM.defaults() : preset.optimizer();
    String which = String.format(Locale.ROOT, "a batch of %,d on %s", batch, backend.info().id());
    out.println(
        "memory to predict %s: %s"
            .formatted(which, bytes(MemoryNeed.toPredict(network, backend, batch))));
    String need;
    try {
      TrainingOptions options = TrainingOptions.of(loss(network)).withOptimizer(optimizer);
      need =
          "%s, with gradients and the states of %s"
              .formatted(
                  bytes(MemoryNeed.toTrain(network, backend, batch, options)),
                  optimizer.kind().name().toLowerCase(Locale.ROOT));
    } catch (ModelException impossible) {
      // Batch normalisation takes no batch of one example.
      need = impossible.getMessage();
    }
    out.println("memory to train on %s: %s".formatted(which, need));
  }

  /** The loss decides on the size of the targets. */
  private static Loss loss(Network network) {
    boolean boxes = network.output().rank() == 3;
    return boxes ? Loss.GRID : network.output().columns() == 1 ? Loss.MSE : Loss.CCE;
  }

  private static String bytes(long bytes) {
    return String.format(Locale.ROOT, "%,d bytes (%.1f MiB)", bytes, bytes / 0x1p20);
  }

  private Network network() {
    if (RunModel.isFile(model)) {
      return ModelFile.read(Path.of(model), OptionalInt.of(time));
    }
    Presets.Data data =
        new Presets.Data(
            Shape.of(input),
            vocabulary == null ? DataType.FLOAT32 : DataType.INT32,
            vocabulary == null ? 0 : vocabulary,
            outputs);
    Presets.Options options =
        new Presets.Options(
            hidden == null ? OptionalInt.empty() : OptionalInt.of(hidden),
            layers == null ? OptionalInt.empty() : OptionalInt.of(layers),
            OptionalDouble.empty(),
            Optional.empty());
    return Usage.checked(spec, () -> Presets.get(model).build(data, options));
  }
}

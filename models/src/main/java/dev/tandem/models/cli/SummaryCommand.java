package dev.tandem.models.cli;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Shape;
import dev.tandem.models.ModelFile;
import dev.tandem.models.Network;
import dev.tandem.models.NetworkSummary;
import dev.tandem.models.Presets;
import dev.tandem.models.runs.RunModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tandem summary}. */
@Command(
    name = "summary",
    description = "Shows a model's layers with output shapes, parameters, FLOPs and bytes.",
    footer = {
      "  tandem summary model.json",
      "  tandem summary ann --input 784 --outputs 10 --hidden 256",
      "  tandem summary ann --input 1,28,28 --outputs 10 --batch-size 128"
    })
final class SummaryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

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
      defaultValue = "32",
      description = "The number of examples for which memory is shown.")
  private int batchSize;

  @Override
  public Integer call() {
    if (batchSize < 1 || time < 1) {
      throw new ParameterException(
          spec.commandLine(), "--batch-size and --time count something (give 1 or more)");
    }
    if (outputs < 1 || Arrays.stream(input).anyMatch(extent -> extent < 1)) {
      throw new ParameterException(
          spec.commandLine(), "--input and --outputs count something (give 1 or more)");
    }
    spec.commandLine().getOut().print(NetworkSummary.of(network()).text(batchSize));
    return 0;
  }

  private Network network() {
    if (RunModel.isFile(model)) {
      return ModelFile.read(Path.of(model), OptionalInt.of(time));
    }
    return Presets.get(model)
        .build(
            new Presets.Data(
                Shape.of(input),
                vocabulary == null ? DataType.FLOAT32 : DataType.INT32,
                vocabulary == null ? 0 : vocabulary,
                outputs),
            new Presets.Options(
                hidden == null ? OptionalInt.empty() : OptionalInt.of(hidden),
                layers == null ? OptionalInt.empty() : OptionalInt.of(layers),
                OptionalDouble.empty(),
                Optional.empty()));
  }
}

package dev.tandem.models.cli;

import dev.tandem.datasets.ArrayDataset;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Task;
import dev.tandem.datasets.detection.GridEncoding;
import dev.tandem.datasets.detection.NewPictures;
import dev.tandem.engine.Backend;
import dev.tandem.models.ModelFile;
import dev.tandem.models.Network;
import dev.tandem.models.runs.BoxTable;
import dev.tandem.models.runs.NewData;
import dev.tandem.models.runs.Predictions;
import dev.tandem.models.runs.RunData;
import dev.tandem.models.runs.RunDirectory;
import dev.tandem.models.runs.TrainedModel;
import dev.tandem.models.training.Loss;
import dev.tandem.models.training.Padding;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tandem predict}. */
@Command(
    name = "predict",
    description = {
      "Computes the outputs of a trained network for new examples.",
      "A .npy output holds the outputs of the last layer in float32 (logits, unless --probabilities); those of a run trained"
          + " on a table are in the table's units. A .csv output is for people: the class, or the numbers,"
          + " or the boxes that a detector found with a score of "
          + BoxTable.LEAST_SCORE
          + " or more, in pixels of the picture."
    },
    footer = {
      "  tandem predict --run runs/digits --input x.npy --output y.npy --probabilities",
      "  tandem predict --run runs/houses --input new-houses.csv --output prices.csv",
      "  tandem predict --run runs/cells --input picture.jpg --output boxes.csv",
      "  tandem predict --model model.json --weights w.safetensors --input x.npy --output y.npy"
    })
final class PredictCommand implements Callable<Integer> {
  /** Where the network comes from. */
  private static final class Source {
    @Option(
        names = "--run",
        paramLabel = "DIR",
        required = true,
        description = "The directory of a finished run.")
    private Path run;

    @ArgGroup(exclusive = false)
    private Files files;
  }

  private static final class Files {
    @Option(
        names = "--model",
        paramLabel = "FILE.json",
        required = true,
        description = "An architecture file.")
    private Path model;

    @Option(
        names = "--weights",
        paramLabel = "FILE.safetensors",
        required = true,
        description = "Its weights, under PyTorch's names.")
    private Path weights;
  }

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Source source;

  @Mixin private BackendChoice backendChoice;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      required = true,
      description =
          "The examples, as the training had them: .npy; .csv or .tsv; a picture or a folder of pictures; a text on each"
              + " line; a word on each line, with an empty line between sentences.")
  private Path input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "Where to write: .npy or .csv. A file that is there is replaced.")
  private Path output;

  @Option(
      names = "--probabilities",
      description = "Probabilities instead of logits, of a classifier.")
  private boolean probabilities;

  @Override
  public Integer call() {
    Predictions.requireKnownFormat(output);
    if (source.run != null) {
      RunDirectory directory = RunDirectory.open(source.run);
      Preprocessing preprocessing = directory.preprocessing();
      Loss loss = directory.settings().loss(preprocessing.target().task());
      requireClassifier(loss);
      if (preprocessing.target().task() == Task.DETECTION) {
        detect(directory, preprocessing);
        return 0;
      }
      NewData data = NewData.read(preprocessing, input);
      data.notes().forEach(spec.commandLine().getOut()::println);
      predict(directory.network(), directory.weights(), loss, data, preprocessing);
    } else {
      HostArray inputs = readArray();
      int[] example = inputs.exampleShape();
      Network network =
          ModelFile.read(
              source.files.model,
              example.length == 0 ? OptionalInt.empty() : OptionalInt.of(example[0]));
      Loss loss = network.output().columns() == 1 ? Loss.BCE : Loss.CCE;
      NewData data = new NewData(inputs, List.of());
      predict(network, source.files.weights, loss, data, null);
    }
    return 0;
  }

  private void predict(
      Network network, Path weights, Loss loss, NewData data, Preprocessing preprocessing) {
    HostArray inputs = Padding.cut(network, data.inputs(), input.toString());
    HostArray outputs;
    try (Backend backend = backendChoice.open();
        TrainedModel model = new TrainedModel(network, weights, loss, List.of(inputs), backend)) {
      outputs = model.outputs(inputs, input.toString());
      int[] classes = model.evaluator().classes(outputs);
      if (probabilities) {
        outputs = Predictions.probabilities(outputs, loss);
      } else if (preprocessing != null) {
        outputs = data.inUnits(preprocessing, outputs);
      }
      Predictions.write(
          output,
          outputs,
          classes,
          preprocessing == null ? null : preprocessing.target(),
          inputs::steps,
          data.rowNames());
    }
    spec.commandLine()
        .getOut()
        .println(
            "wrote     %s of %s to %s"
                .formatted(
                    probabilities ? "probabilities" : "outputs", outputs.describeShape(), output));
  }

  private void detect(RunDirectory directory, Preprocessing preprocessing) {
    Network network = directory.network();
    NewPictures pictures = NewPictures.read(input, preprocessing);
    pictures.files().notes().forEach(spec.commandLine().getOut()::println);
    HostArray outputs;
    try (Backend backend = backendChoice.open();
        TrainedModel model =
            new TrainedModel(
                network, directory.weights(), Loss.GRID, List.of(pictures.inputs()), backend)) {
      outputs = model.outputs(pictures.inputs(), input.toString());
    }
    if (RunData.isArray(output)) {
      Npy.write(output, outputs);
      spec.commandLine()
          .getOut()
          .println("wrote     outputs of %s to %s".formatted(outputs.describeShape(), output));
      return;
    }
    List<String> classNames = preprocessing.target().classNames();
    GridEncoding grid = Loss.grid(network, classNames.size());
    int boxes = BoxTable.write(output, pictures, outputs, grid, classNames);
    spec.commandLine()
        .getOut()
        .println(
            "wrote     %d boxes with a score of %s or more in %d pictures to %s"
                .formatted(boxes, BoxTable.LEAST_SCORE, pictures.files().names().size(), output));
  }

  private void requireClassifier(Loss loss) {
    if (probabilities && loss != Loss.CCE && loss != Loss.BCE) {
      throw new ParameterException(
          spec.commandLine(),
          "--probabilities is for classifiers, and this run's loss is %s (leave it out)"
              .formatted(loss.name().toLowerCase(Locale.ROOT)));
    }
  }

  private HostArray readArray() {
    if (!RunData.isArray(input)) {
      throw new CommandFailure("%s is not a .npy array (give one)".formatted(input));
    }
    return ArrayDataset.examples(Npy.read(input));
  }
}

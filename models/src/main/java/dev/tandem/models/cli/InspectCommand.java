package dev.tandem.models.cli;

import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Npy;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Task;
import dev.tandem.datasets.detection.NewPictures;
import dev.tandem.engine.Backend;
import dev.tandem.models.Network;
import dev.tandem.models.flow.FlowMoment;
import dev.tandem.models.inspection.BoxViews;
import dev.tandem.models.inspection.ClassViews;
import dev.tandem.models.inspection.FlowViews;
import dev.tandem.models.inspection.LayerViews;
import dev.tandem.models.pictures.Canvas;
import dev.tandem.models.pictures.Png;
import dev.tandem.models.runs.Predictions;
import dev.tandem.models.runs.RunData;
import dev.tandem.models.runs.RunDirectory;
import dev.tandem.models.runs.RunSettings;
import dev.tandem.models.runs.TrainedModel;
import dev.tandem.models.runs.TrainingRun;
import dev.tandem.models.training.Inputs;
import dev.tandem.models.training.Loss;
import dev.tandem.models.training.Padding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tandem inspect}. */
@Command(
    name = "inspect",
    description = {
      "Draws what a trained network has learned, as PNG files.",
      "Without --layer everything that the run has: the filters of its convolutions, what its layers make of an example,"
          + " the confusion matrix and the mistakes of a classifier, the boxes of a detector, gradients through time of"
          + " a run with --gradient-flow. It lists the layers that --layer takes."
    },
    footer = {
      "  tandem inspect --run runs/digits",
      "  tandem inspect --run runs/digits --layer conv1 --example 17",
      "  tandem inspect --run runs/cats --layer pool2 --input cat.png --out pictures"
    })
final class InspectCommand implements Callable<Integer> {
  private static final int MOST_SCENES = 12;

  @Spec private CommandSpec spec;
  @Mixin private BackendChoice backendChoice;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      required = true,
      description = "The directory of a finished run.")
  private Path run;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description = "Only this layer: its filters, and what it makes of the example.")
  private String layer;

  @Option(
      names = "--example",
      paramLabel = "N",
      description =
          "The example of the test part that goes through the network, from 0 (default: 0).")
  private Integer example;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "Another example: a picture, or the first one of a .npy.")
  private Path input;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where the pictures go; those of the same name are replaced (default: DIR/inspect).")
  private Path out;

  private RunDirectory directory;
  private Preprocessing preprocessing;
  private Network network;
  private Loss loss;
  private String partName;

  @Override
  public Integer call() throws IOException {
    if (input != null && example != null) {
      throw new ParameterException(
          spec.commandLine(), "--input and --example exclude each other (give one of them)");
    }
    directory = RunDirectory.open(run);
    preprocessing = directory.preprocessing();
    network = directory.network();
    loss = directory.settings().loss(preprocessing.target().task());
    Examples part = input == null ? part() : null;
    HostArray shown =
        input == null
            ? part.inputs().select(new int[] {chosen(part)})
            : Padding.cut(network, read(), input.toString()).select(new int[] {0});
    Inputs.check(network, shown, input == null ? "the " + partName : input.toString());
    Map<String, Canvas> pictures = new LinkedHashMap<>();
    List<String> names;
    try (Backend backend = backendChoice.open()) {
      try (LayerViews views = new LayerViews(network, directory.weights(), shown, backend)) {
        names = views.names();
        pictures.putAll(layer == null ? views.all() : views.of(layer));
      }
      if (layer == null) {
        outputs(pictures, part, shown, backend);
      }
    }
    if (layer == null) {
      List<FlowMoment> moments = directory.gradientFlow();
      if (!moments.isEmpty()) {
        pictures.putAll(FlowViews.of(network.name() + " on " + data(), moments));
      }
    }
    write(pictures, names);
    return 0;
  }

  /** The test part; of a run without one the part that validates or trains. */
  private Examples part() {
    Dataset dataset =
        Padding.cut(network, TrainingRun.ownData(directory, "give --input").dataset());
    if (dataset.test().size() > 0) {
      partName = "test part";
      return dataset.test();
    }
    boolean validates = dataset.validation().size() > 0;
    partName = validates ? "validation part" : "training part";
    return validates ? dataset.validation() : dataset.train();
  }

  private int chosen(Examples part) {
    int number = example == null ? 0 : example;
    if (number < 0 || number >= part.size()) {
      throw new CommandFailure(
          "--example is %d, and the %s has %d (give 0 to %d)"
              .formatted(number, partName, part.size(), part.size() - 1));
    }
    return number;
  }

  private String data() {
    RunSettings settings = directory.settings();
    return settings.dataset() != null
        ? settings.dataset()
        : Path.of(settings.data()).getFileName().toString();
  }

  private HostArray read() {
    if (preprocessing.target().task() == Task.DETECTION) {
      HostArray pictures = NewPictures.read(input, preprocessing).inputs();
      return pictures.select(new int[] {0});
    }
    if (RunData.isArray(input)) {
      return preprocessing.encode(input.toString(), Npy.read(input)).select(new int[] {0});
    }
    if (preprocessing.form() != Preprocessing.Form.IMAGE) {
      throw new CommandFailure(
          "%s is no .npy array, and %s was not trained on picture files (give an array, or use --example N)"
              .formatted(input, run));
    }
    return preprocessing.encodePictures(input).inputs().select(new int[] {0});
  }

  /** What the network says of its examples. */
  private void outputs(
      Map<String, Canvas> pictures, Examples part, HostArray shown, Backend backend) {
    Task task = preprocessing.target().task();
    List<String> classNames = preprocessing.target().classNames();
    if (task == Task.DETECTION) {
      boxes(pictures, part, shown, classNames, backend);
    } else if (task == Task.CLASSIFICATION
        && part != null
        && !part.targets().isFloat()
        && (loss == Loss.CCE || loss == Loss.BCE)) {
      try (TrainedModel model = model(part.inputs(), backend)) {
        HostArray logits = model.outputs(part.inputs(), "the " + partName);
        pictures.putAll(
            ClassViews.of(
                part,
                model.evaluator().classes(logits),
                Predictions.probabilities(logits, loss),
                classNames));
      }
    }
  }

  private void boxes(
      Map<String, Canvas> pictures,
      Examples part,
      HostArray shown,
      List<String> classNames,
      Backend backend) {
    boolean one = input != null || example != null;
    int count = one ? 1 : Math.min(MOST_SCENES, part.size());
    try (TrainedModel model = model(shown, backend)) {
      for (int i = 0; i < count; i++) {
        int[] row = {example == null ? i : example};
        HostArray picture = one ? shown : part.inputs().select(row);
        float[] logits = model.outputs(picture, "the picture").floats();
        HostArray truth = part == null ? null : part.targets().select(row);
        pictures.put(
            input == null ? "boxes-" + row[0] : "boxes",
            BoxViews.of(picture, logits, truth, Loss.grid(network, classNames.size()), classNames));
      }
    }
  }

  private TrainedModel model(HostArray inputs, Backend backend) {
    return new TrainedModel(network, directory.weights(), loss, List.of(inputs), backend);
  }

  private void write(Map<String, Canvas> pictures, List<String> layers) throws IOException {
    String known = String.join(", ", layers);
    if (pictures.isEmpty()) {
      throw new CommandFailure(
          "of %s there is nothing to draw without --layer (give one of: %s)".formatted(run, known));
    }
    Path into = out == null ? run.resolve("inspect") : out;
    Files.createDirectories(into);
    for (Map.Entry<String, Canvas> picture : pictures.entrySet()) {
      Path file = into.resolve(picture.getKey() + ".png");
      Png.write(file, picture.getValue());
      spec.commandLine().getOut().println("wrote     " + file);
    }
    if (layer == null) {
      spec.commandLine().getOut().println("layers    " + known);
    }
  }
}

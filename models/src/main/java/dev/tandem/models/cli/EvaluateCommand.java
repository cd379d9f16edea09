package dev.tandem.models.cli;

import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.EncodedExamples;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Task;
import dev.tandem.datasets.detection.AnnotatedPictures;
import dev.tandem.datasets.detection.DetectionDataset;
import dev.tandem.engine.Backend;
import dev.tandem.models.Network;
import dev.tandem.models.metrics.ClassificationTables;
import dev.tandem.models.metrics.DetectionTables;
import dev.tandem.models.runs.NewData;
import dev.tandem.models.runs.RunDirectory;
import dev.tandem.models.runs.RunSettings;
import dev.tandem.models.runs.TrainedModel;
import dev.tandem.models.runs.TrainingRun;
import dev.tandem.models.training.Evaluation;
import dev.tandem.models.training.Inputs;
import dev.tandem.models.training.Loss;
import dev.tandem.models.training.Padding;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code tandem evaluate}. */
@Command(
    name = "evaluate",
    description = {
      "Measures a trained run: on the parts of its own data, or on new data of the same form.",
    },
    footer = {
      "  tandem evaluate --run runs/iris",
      "  tandem evaluate --run runs/houses --data new-houses.csv --backend scalar"
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final double NANOSECONDS = 1e9;
  private static final int TABLE_WIDTH = 100;

  @Spec private CommandSpec spec;
  @Mixin private BackendChoice backendChoice;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      required = true,
      description = "The directory of a finished run.")
  private Path run;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "New data of the form of the training: a table, a series, texts, sentences, a folder of pictures by class, or a"
              + " .npy with --labels.")
  private Path data;

  @Option(names = "--labels", paramLabel = "PATH", description = "The labels of --data FILE.npy.")
  private Path labels;

  @Option(names = "--json", description = "Prints the metrics as one JSON object in the last line.")
  private boolean json;

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    RunDirectory directory = RunDirectory.open(run);
    RunSettings settings = directory.settings();
    Preprocessing preprocessing = directory.preprocessing();
    Network network = directory.network();
    Loss loss = settings.loss(preprocessing.target().task());
    PrintWriter out = spec.commandLine().getOut();
    if (labels != null && data == null) {
      throw new ParameterException(spec.commandLine(), "--labels goes with --data (add it)");
    }
    Map<String, Examples> parts =
        data == null
            ? ownParts(directory)
            : new HashMap<>(Map.of("test", newPart(preprocessing, settings, network, out)));
    parts.replaceAll((name, part) -> Padding.cut(network, part, "part '" + name + "'"));
    Map<String, Map<String, Double>> metrics = new LinkedHashMap<>();
    try (Backend backend = backendChoice.open();
        TrainedModel model =
            new TrainedModel(
                network,
                directory.weights(),
                loss,
                parts.values().stream().map(Examples::inputs).toList(),
                settings.continues(),
                backend)) {
      Evaluation last = null;
      for (Map.Entry<String, Examples> part : parts.entrySet()) {
        Inputs.check(network, part.getValue().inputs(), "part '" + part.getKey() + "'");
        last = model.evaluator().evaluate(part.getValue(), preprocessing);
        metrics.put(part.getKey(), last.metrics());
      }
      print(out, metrics, last);
      if (json) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("model", network.name());
        line.put("dataset", datasetName(settings));
        line.put("backend", backend.info().id());
        line.put("seed", settings.seed());
        line.put("epochs", directory.epochs());
        line.put("parameters", model.parameterCount());
        line.put("metrics", withAllParts(metrics));
        line.put(
            "seconds", Map.of("total", (System.nanoTime() - begin) / NANOSECONDS, "training", 0.0));
        line.put("out", run.toString());
        out.println(JsonMapper.shared().writeValueAsString(line));
      }
    }
    return 0;
  }

  private String datasetName(RunSettings settings) {
    if (data == null && settings.dataset() != null) {
      return settings.dataset();
    }
    return (data == null ? Path.of(settings.data()) : data).getFileName().toString();
  }

  private static Map<String, Map<String, Double>> withAllParts(
      Map<String, Map<String, Double>> metrics) {
    Map<String, Map<String, Double>> all = new LinkedHashMap<>();
    for (String part : List.of("train", "validation", "test")) {
      all.put(part, metrics.getOrDefault(part, Map.of()));
    }
    return all;
  }

  private static Map<String, Examples> ownParts(RunDirectory directory) {
    Dataset dataset = TrainingRun.ownData(directory, "give --data");
    Map<String, Examples> parts = new LinkedHashMap<>();
    parts.put("train", dataset.train());
    parts.put("validation", dataset.validation());
    parts.put("test", dataset.test());
    parts.values().removeIf(part -> part.size() == 0);
    return parts;
  }

  private Examples newPart(
      Preprocessing preprocessing, RunSettings settings, Network network, PrintWriter out) {
    if (preprocessing.target().task() == Task.DETECTION) {
      return DetectionDataset.encode(
          AnnotatedPictures.read(data, preprocessing.picture().height())
              .withChannels(preprocessing.picture().channels()),
          preprocessing);
    }
    EncodedExamples encoded = NewData.measured(preprocessing, settings, network, data, labels);
    encoded.notes().forEach(out::println);
    return encoded.examples();
  }

  private static void print(
      PrintWriter out, Map<String, Map<String, Double>> metrics, Evaluation last) {
    if (last.confusion() != null) {
      out.println(ClassificationTables.counts(last.confusion(), TABLE_WIDTH));
      out.println(ClassificationTables.scores(last.confusion()));
    }
    if (last.detection() != null) {
      out.println(DetectionTables.scores(last.detection()));
    }
    metrics.forEach(
        (part, values) -> {
          StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-12s", part));
          values.forEach(
              (name, value) -> line.append(String.format(Locale.ROOT, "%s %.4f  ", name, value)));
          out.println(line.toString().stripTrailing());
        });
  }
}

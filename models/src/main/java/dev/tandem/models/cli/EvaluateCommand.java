package dev.tandem.models.cli;

import dev.tandem.datasets.EncodedExamples;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.NaiveForecasts;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Task;
import dev.tandem.datasets.detection.AnnotatedPictures;
import dev.tandem.datasets.detection.DetectionDataset;
import dev.tandem.engine.Backend;
import dev.tandem.models.Network;
import dev.tandem.models.runs.ForecastComparison;
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
    Map<String, EncodedExamples> parts =
        data == null
            ? ownParts(directory)
            : new HashMap<>(Map.of("test", newPart(preprocessing, settings, network, out)));
    parts.replaceAll(
        (name, part) ->
            new EncodedExamples(
                Padding.cut(network, part.examples(), "part '" + name + "'"),
                part.notes(),
                part.naive()));
    Map<String, Map<String, Double>> metrics = new LinkedHashMap<>();
    try (Backend backend = backendChoice.open();
        TrainedModel model =
            new TrainedModel(
                network,
                directory.weights(),
                loss,
                parts.values().stream().map(part -> part.examples().inputs()).toList(),
                settings.continues(),
                backend)) {
      Evaluation last = null;
      ForecastComparison forecasts = null;
      for (Map.Entry<String, EncodedExamples> part : parts.entrySet()) {
        Examples examples = part.getValue().examples();
        Inputs.check(network, examples.inputs(), "part '" + part.getKey() + "'");
        last = model.evaluator().evaluate(examples, preprocessing);
        metrics.put(part.getKey(), last.metrics());
        NaiveForecasts naive = part.getValue().naive();
        if (naive != null) {
          forecasts =
              ForecastComparison.of(model.evaluator(), examples.inputs(), preprocessing, naive);
        }
      }
      EvaluationText.print(out, last, forecasts);
      print(out, metrics);
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

  private static Map<String, EncodedExamples> ownParts(RunDirectory directory) {
    TrainingRun.OwnData own = TrainingRun.ownData(directory, "give --data");
    Map<String, EncodedExamples> parts = new LinkedHashMap<>();
    parts.put("train", new EncodedExamples(own.dataset().train(), List.of()));
    parts.put("validation", new EncodedExamples(own.dataset().validation(), List.of()));
    parts.put("test", new EncodedExamples(own.dataset().test(), List.of(), own.naive()));
    parts.values().removeIf(part -> part.examples().size() == 0);
    return parts;
  }

  private EncodedExamples newPart(
      Preprocessing preprocessing, RunSettings settings, Network network, PrintWriter out) {
    if (preprocessing.target().task() == Task.DETECTION) {
      Examples pictures =
          DetectionDataset.encode(
              AnnotatedPictures.read(data, preprocessing.picture().height())
                  .withChannels(preprocessing.picture().channels()),
              preprocessing);
      return new EncodedExamples(pictures, List.of());
    }
    EncodedExamples encoded = NewData.measured(preprocessing, settings, network, data, labels);
    encoded.notes().forEach(out::println);
    return encoded;
  }

  private static void print(PrintWriter out, Map<String, Map<String, Double>> metrics) {
    metrics.forEach(
        (part, values) -> {
          StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-12s", part));
          values.forEach(
              (name, value) -> line.append(String.format(Locale.ROOT, "%s %.4f  ", name, value)));
          out.println(line.toString().stripTrailing());
        });
  }
}

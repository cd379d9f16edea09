package dev.tandem.models.cli;

import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.Split;
import dev.tandem.datasets.Splits;
import dev.tandem.engine.Backend;
import dev.tandem.engine.MathMode;
import dev.tandem.models.runs.RunData;
import dev.tandem.models.runs.RunDirectory;
import dev.tandem.models.runs.RunModel;
import dev.tandem.models.runs.RunSettings;
import dev.tandem.models.runs.TrainingRun;
import dev.tandem.models.training.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
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

/** {@code tandem train}. */
@Command(
    name = "train",
    description = "Trains a model on a data set or your own files, and keeps the run.",
    modelTransformer = TrainHelp.class,
    footer = {
      "  tandem train",
      "  tandem train --dataset iris --backend scalar",
      "  tandem train --data houses.csv --target price --early-stopping",
      "  tandem train --data x.npy --labels y.npy --model model.json --lr 0.01",
      "  tandem train --resume runs/20260102-030405-ann-digits"
    })
final class TrainCommand implements Callable<Integer> {
  private static final double NANOSECONDS = 1e9;

  @Spec private CommandSpec spec;
  @Mixin private TrainOptions options;
  @Mixin private BackendChoice backendChoice;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The directory of the run; must not exist (default: runs/TIME-MODEL-DATASET).")
  private Path out;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description = "Goes on with a run from its last checkpoint, with the settings it has.")
  private Path resume;

  @Option(names = "--json", description = "Prints the result as one JSON object in the last line.")
  private boolean json;

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    if (resume != null) {
      onlyResume();
      return resume(RunDirectory.open(resume), begin);
    }
    try (Backend backend = backendChoice.open()) {
      RunSettings settings = options.settings(backend.info());
      Path directory = out == null ? defaultDirectory(settings) : out;
      RunDirectory.requireNew(directory);
      RawDataset raw = RunData.open(settings);
      if (settings.folds() != null) {
        return crossValidate(settings, raw, backend, directory, begin);
      }
      Split split = TrainingRun.split(settings, raw);
      try (TrainingRun run = new TrainingRun(settings, raw, split, backend);
          TrainConsole console = new TrainConsole(spec.commandLine().getOut())) {
        TrainingResult result = run.run(directory, console);
        report(run, result, console, directory, begin);
      }
    }
    return 0;
  }

  private void onlyResume() {
    for (String given :
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(option -> option.longestName())
            .toList()) {
      if (!List.of("--resume", "--json", "--debug").contains(given)) {
        throw new ParameterException(
            spec.commandLine(),
            "--resume goes on with the settings of the run, and %s would change them (leave it out)"
                .formatted(given));
      }
    }
  }

  private int resume(RunDirectory directory, long begin) {
    RunSettings settings = directory.settings();
    try (Backend backend =
        BackendChoice.open(
            settings.backend(), settings.threads(), MathMode.valueOf(settings.math()))) {
      try (TrainingRun run = TrainingRun.reopen(directory, backend);
          TrainConsole console = new TrainConsole(spec.commandLine().getOut())) {
        TrainingResult result = run.resume(directory, console);
        report(run, result, console, directory.path(), begin);
      }
    }
    return 0;
  }

  private int crossValidate(
      RunSettings settings, RawDataset raw, Backend backend, Path directory, long begin) {
    List<Map<String, Map<String, Double>>> folds = new ArrayList<>();
    double seconds = 0;
    List<Split> splits =
        Splits.kFold(raw, settings.folds(), settings.validationSplit(), settings.seed());
    Map<String, Object> last = Map.of();
    for (Split split : splits) {
      try (TrainingRun run = new TrainingRun(settings, raw, split, backend);
          TrainConsole console = new TrainConsole(spec.commandLine().getOut())) {
        console.line("fold      %d of %d", folds.size() + 1, splits.size());
        TrainingResult result = run.run(directory.resolve("fold-" + (folds.size() + 1)), console);
        console.finish();
        console.metrics(TrainingRun.metrics(result));
        folds.add(TrainingRun.metrics(result));
        seconds += result.seconds();
        last = summary(run, result);
      }
    }
    PrintWriter writer = spec.commandLine().getOut();
    Map<String, Map<String, Double>> means = CrossValidation.means(folds);
    writer.println(CrossValidation.table(folds));
    writer.println("saved     " + directory);
    if (json) {
      printJson(last, means, begin, seconds, directory);
    }
    return 0;
  }

  private void report(
      TrainingRun run, TrainingResult result, TrainConsole console, Path directory, long begin) {
    console.finish();
    EvaluationText.print(spec.commandLine().getOut(), result.shown(), run.forecasts());
    if (result.bestEpoch() < result.epochs().size()) {
      console.line(
          "stopped   after epoch %d, weights of epoch %d",
          result.epochs().size(), result.bestEpoch());
    }
    console.metrics(TrainingRun.metrics(result));
    result.warnings().forEach(warning -> console.line("warning   %s", warning));
    console.line(
        "time      %.2f s, of which training %.2f s",
        (System.nanoTime() - begin) / NANOSECONDS, result.seconds());
    console.line("saved     %s", directory);
    if (json) {
      printJson(
          summary(run, result), TrainingRun.metrics(result), begin, result.seconds(), directory);
    }
  }

  private static Map<String, Object> summary(TrainingRun run, TrainingResult result) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("model", run.network().name());
    line.put("dataset", run.dataset().name());
    line.put("backend", run.backend().info().id());
    line.put("seed", run.settings().seed());
    line.put("epochs", result.epochs().size());
    line.put("parameters", run.parameterCount());
    return line;
  }

  private void printJson(
      Map<String, Object> summary,
      Map<String, Map<String, Double>> metrics,
      long begin,
      double trainingSeconds,
      Path directory) {
    Map<String, Object> line = new LinkedHashMap<>(summary);
    line.put("metrics", metrics);
    Map<String, Double> seconds = new LinkedHashMap<>();
    seconds.put("total", (System.nanoTime() - begin) / NANOSECONDS);
    seconds.put("training", trainingSeconds);
    line.put("seconds", seconds);
    line.put("out", directory.toString());
    spec.commandLine().getOut().println(JsonMapper.shared().writeValueAsString(line));
  }

  private static Path defaultDirectory(RunSettings settings) {
    String time =
        LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT));
    Path directory = Path.of("runs", time + "-" + label(settings));
    for (int i = 2; Files.exists(directory); i++) {
      directory = Path.of("runs", time + "-" + label(settings) + "-" + i);
    }
    return directory;
  }

  /** Returns a name for the directory of a run: the model and the data. */
  private static String label(RunSettings settings) {
    String data =
        settings.dataset() != null
            ? settings.dataset()
            : stem(Path.of(settings.data()).getFileName().toString());
    String model =
        RunModel.isFile(settings.model())
            ? stem(Path.of(settings.model()).getFileName().toString())
            : settings.model();
    return (model + "-" + data).toLowerCase(Locale.ROOT);
  }

  private static String stem(String file) {
    return file.replaceFirst("\\.[^.]*$", "");
  }
}

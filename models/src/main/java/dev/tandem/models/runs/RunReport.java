package dev.tandem.models.runs;

import dev.tandem.models.flow.FlowCharts;
import dev.tandem.models.flow.FlowMoment;
import dev.tandem.models.report.ChartSection;
import dev.tandem.models.report.ConfusionSection;
import dev.tandem.models.report.Html;
import dev.tandem.models.report.HtmlReport;
import dev.tandem.models.report.LineChart;
import dev.tandem.models.report.NotesSection;
import dev.tandem.models.report.TableSection;
import dev.tandem.models.training.EpochRecord;
import dev.tandem.models.training.Evaluation;
import dev.tandem.models.training.TrainingResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.json.JsonMapper;

/** The page that shows a run: metrics, course, errors, settings. */
final class RunReport {
  private RunReport() {}

  static String html(TrainingRun run, TrainingResult result, List<FlowMoment> flow) {
    HtmlReport report =
        new HtmlReport(
            "%s on %s".formatted(run.network().name(), run.dataset().name()),
            String.format(
                Locale.ROOT,
                "%s, %,d parameters, %d epochs in %.1f s, of which %.1f %% waited for data",
                run.backend().info().device(),
                run.parameterCount(),
                result.epochs().size(),
                result.seconds(),
                100 * result.waitedSeconds() / result.seconds()));
    report.add(TableSection.ofMetrics("Metrics", TrainingRun.metrics(result)));
    report.add(notes(run, result));
    report.add(new ChartSection("Course", charts(result.epochs())));
    if (!flow.isEmpty()) {
      report.add(new ChartSection("Gradients through time", FlowCharts.of(flow)));
    }
    Evaluation shown = result.shown();
    String part = part(result);
    if (shown.confusion() != null) {
      report.add(new ConfusionSection("Confusion matrix, " + part, shown.confusion()));
      report.add(TableSection.ofScores("Scores by class, " + part, shown.confusion()));
    }
    if (shown.detection() != null) {
      report.add(TableSection.ofDetection("Scores by class, " + part, shown.detection()));
    }
    ForecastComparison forecasts = run.forecasts();
    if (forecasts != null) {
      report.add(forecasts(forecasts));
    }
    report.add(TableSection.of("Settings", settings(run.settings())));
    return report.render();
  }

  /** What warns, and what the reader should know of the data and of the scores. */
  private static NotesSection notes(TrainingRun run, TrainingResult result) {
    List<String> warnings = new ArrayList<>(result.warnings());
    List<String> notes = new ArrayList<>(run.dataset().notes());
    result.shown().notes().forEach(note -> notes.add(part(result) + ": " + note));
    ForecastComparison forecasts = run.forecasts();
    if (forecasts != null) {
      (forecasts.networkWins() ? notes : warnings).add(forecasts.verdict());
    }
    return new NotesSection("Notes", warnings, notes);
  }

  private static String part(TrainingResult result) {
    return result.test() != null ? "test part" : "training part";
  }

  private static TableSection forecasts(ForecastComparison forecasts) {
    return new TableSection(
        "Forecasts of the test part",
        List.of("forecast", "rmse", "mae"),
        forecasts.rows().stream()
            .map(row -> List.of(row.name(), Html.number(row.rmse()), Html.number(row.mae())))
            .toList());
  }

  private static List<LineChart> charts(List<EpochRecord> epochs) {
    double[] x = epochs.stream().mapToDouble(EpochRecord::epoch).toArray();
    LineChart loss = new LineChart("Loss", "epoch");
    loss.series("training", x, values(epochs, EpochRecord::trainingLoss));
    Map<String, Double> validation = epochs.get(0).validation();
    if (!validation.isEmpty()) {
      loss.series("validation", x, values(epochs, epoch -> epoch.validation().get("loss")));
    }
    for (String name : List.of("accuracy", "r2", "map")) {
      if (validation.containsKey(name)) {
        LineChart scores = new LineChart("Validation " + name, "epoch");
        scores.series(name, x, values(epochs, epoch -> epoch.validation().get(name)));
        return List.of(loss, scores);
      }
    }
    return List.of(loss);
  }

  private static double[] values(List<EpochRecord> epochs, ToDoubleFunction<EpochRecord> value) {
    return epochs.stream().mapToDouble(value).toArray();
  }

  private static Map<String, String> settings(RunSettings settings) {
    Map<String, String> texts = new LinkedHashMap<>();
    JsonMapper.shared()
        .valueToTree(settings)
        .forEachEntry(
            (name, value) -> {
              if (!value.isNull()) {
                texts.put(name, value.isString() ? value.stringValue() : value.toString());
              }
            });
    return texts;
  }
}

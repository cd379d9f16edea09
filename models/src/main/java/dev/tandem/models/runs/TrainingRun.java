package dev.tandem.models.runs;

import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.NaiveForecasts;
import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.SeriesDataset;
import dev.tandem.datasets.Split;
import dev.tandem.datasets.Splits;
import dev.tandem.engine.Backend;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.WeightsFile;
import dev.tandem.models.flow.FlowMoment;
import dev.tandem.models.flow.GradientFlow;
import dev.tandem.models.training.EpochRecord;
import dev.tandem.models.training.Evaluation;
import dev.tandem.models.training.Padding;
import dev.tandem.models.training.Trainer;
import dev.tandem.models.training.TrainingListener;
import dev.tandem.models.training.TrainingResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One training from settings to a finished run directory. Data, model and options are checked
 * before the directory is made; a run that fails before its first checkpoint leaves none behind.
 */
public final class TrainingRun implements AutoCloseable {
  /** Is told what a run is about before it starts, and how it goes. */
  public interface Observer extends TrainingListener {
    /** The run starts, or goes on. */
    void start(TrainingRun run, Trainer trainer);
  }

  private final RunSettings settings;
  private final Backend backend;
  private final Dataset dataset;
  private final Network network;
  private final Trainer trainer;
  private final NaiveForecasts naive;
  private final GradientFlow flow;
  private ForecastComparison forecasts;

  /**
   * Prepares a run.
   *
   * @param settings what to do
   * @param raw the data, see {@link RunData#open}
   * @param split its parts
   * @param backend the engine
   */
  public TrainingRun(RunSettings settings, RawDataset raw, Split split, Backend backend) {
    this(settings, raw.prepare(split), naive(raw, split), null, backend);
    if (settings.weights() != null) {
      WeightsFile.load(Path.of(settings.weights()), trainer.parameters());
    }
  }

  private TrainingRun(
      RunSettings settings, Dataset dataset, NaiveForecasts naive, Network model, Backend backend) {
    this.settings = settings;
    this.naive = naive;
    this.backend = backend;
    network = model == null ? RunModel.network(settings, dataset) : model;
    RunModel.requireNoSpareClasses(network, dataset);
    this.dataset = Padding.cut(network, dataset);
    flow =
        settings.gradientFlow()
            ? new GradientFlow(network, settings.loss(dataset.task()), this.dataset)
            : null;
    trainer = new Trainer(network, this.dataset, backend, settings.trainingOptions(dataset.task()));
  }

  /**
   * Prepares a run to go on: with the model that its directory keeps, whatever became of the files
   * that it was begun with.
   *
   * @throws ModelException if it is a fold, or its data is not what it was
   */
  public static TrainingRun reopen(RunDirectory directory, Backend backend) {
    RunSettings settings = directory.settings();
    RawDataset raw = ownRawData(directory, "train anew");
    Split split = split(settings, raw);
    Dataset dataset = raw.prepare(split);
    directory.requireSameData(dataset);
    return new TrainingRun(settings, dataset, naive(raw, split), directory.network(), backend);
  }

  private static NaiveForecasts naive(RawDataset raw, Split split) {
    return raw instanceof SeriesDataset series && split.test().length > 0
        ? series.naive(split)
        : null;
  }

  /**
   * Returns the network's forecasts of the test part beside simple ones; null before the training
   * has ended, and without a series that is tested.
   */
  public ForecastComparison forecasts() {
    return forecasts;
  }

  /**
   * What a run was trained on.
   *
   * @param dataset its parts
   * @param naive the simple forecasts of a series' test part; null without
   */
  public record OwnData(Dataset dataset, NaiveForecasts naive) {}

  /**
   * Returns the parts that a run was trained on.
   *
   * @param remedy what to do if they cannot be had
   * @throws ModelException if it is a fold, or its data is not what it was
   */
  public static OwnData ownData(RunDirectory directory, String remedy) {
    RawDataset raw = ownRawData(directory, remedy);
    Split split = split(directory.settings(), raw);
    Dataset dataset = raw.prepare(split);
    directory.requireSameData(dataset);
    return new OwnData(dataset, naive(raw, split));
  }

  private static RawDataset ownRawData(RunDirectory directory, String remedy) {
    if (directory.settings().folds() != null) {
      throw new ModelException(
          "%s is a fold of a cross-validation, whose parts are not kept (%s)"
              .formatted(directory.path(), remedy));
    }
    return RunData.open(directory.settings());
  }

  /** Returns the parts of a run without cross-validation. */
  public static Split split(RunSettings settings, RawDataset raw) {
    return Splits.holdout(raw, settings.validationSplit(), settings.testSplit(), settings.seed());
  }

  /** Returns the settings. */
  public RunSettings settings() {
    return settings;
  }

  /** Returns the data with its parts. */
  public Dataset dataset() {
    return dataset;
  }

  /** Returns the network. */
  public Network network() {
    return network;
  }

  /** Returns the number of trained parameters. */
  public long parameterCount() {
    return trainer.parameters().table().count();
  }

  /** Returns the engine. */
  public Backend backend() {
    return backend;
  }

  /** Trains in a new directory. */
  public TrainingResult run(Path out, Observer observer) {
    RunDirectory directory = RunDirectory.create(out);
    try {
      directory.begin(settings, Provenance.of(dataset, backend), network, dataset.preprocessing());
      return train(directory, observer);
    } catch (RuntimeException | Error failure) {
      if (!Files.exists(directory.checkpoint())) {
        try {
          directory.delete();
        } catch (ModelException remains) {
          failure.addSuppressed(remains);
        }
      }
      throw failure;
    }
  }

  /** Goes on from a directory's checkpoint. */
  public TrainingResult resume(RunDirectory directory, Observer observer) {
    if (!Files.exists(directory.checkpoint())) {
      throw new ModelException(
          "%s has no checkpoint: the run ended before its first (train anew)"
              .formatted(directory.path()));
    }
    trainer.restore(directory.checkpoint());
    return train(directory, observer);
  }

  private TrainingResult train(RunDirectory directory, Observer observer) {
    observer.start(this, trainer);
    FlowLog flowLog = flow == null ? null : new FlowLog(flow, directory, trainer);
    TrainingListener listener = flowLog == null ? observer : new Both(flowLog, observer);
    TrainingResult result;
    try (CourseLog log = new CourseLog(directory, trainer.stepsDone(), trainer.epochsDone())) {
      result = trainer.fit(new Both(log, listener));
      log.checkpoint(trainer);
    }
    if (naive != null) {
      forecasts =
          ForecastComparison.of(
              trainer.evaluator(), dataset.test().inputs(), dataset.preprocessing(), naive);
    }
    List<FlowMoment> moments = flowLog == null ? List.of() : flowLog.end(trainer);
    directory.finish(trainer.parameters(), backend, results(result));
    directory.write("report.html", RunReport.html(this, result, moments));
    return result;
  }

  /** Returns what a run came to, as {@code run.json} keeps it. */
  private static Map<String, Object> results(TrainingResult result) {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("metrics", metrics(result));
    results.put("epochs", result.epochs().size());
    results.put("bestEpoch", result.bestEpoch());
    results.put("warnings", result.warnings());
    results.put("trainingSeconds", result.seconds());
    results.put("waitedSeconds", result.waitedSeconds());
    return results;
  }

  /** Returns the metrics of the parts that are not empty. */
  public static Map<String, Map<String, Double>> metrics(TrainingResult result) {
    Map<String, Map<String, Double>> metrics = new LinkedHashMap<>();
    put(metrics, "train", result.training());
    put(metrics, "validation", result.validation());
    put(metrics, "test", result.test());
    return metrics;
  }

  private static void put(
      Map<String, Map<String, Double>> metrics, String part, Evaluation evaluation) {
    metrics.put(part, evaluation == null ? Map.of() : evaluation.metrics());
  }

  @Override
  public void close() {
    trainer.close();
  }

  /** Tells two listeners. */
  private record Both(TrainingListener first, TrainingListener second) implements TrainingListener {
    @Override
    public void step(
        long step,
        int epoch,
        double loss,
        double learningRate,
        double gradientNorm,
        double examplesPerSecond) {
      first.step(step, epoch, loss, learningRate, gradientNorm, examplesPerSecond);
      second.step(step, epoch, loss, learningRate, gradientNorm, examplesPerSecond);
    }

    @Override
    public void epoch(EpochRecord epoch, Trainer trainer) {
      first.epoch(epoch, trainer);
      second.epoch(epoch, trainer);
    }
  }
}

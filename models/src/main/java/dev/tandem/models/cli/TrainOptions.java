package dev.tandem.models.cli;

import dev.tandem.datasets.Splits;
import dev.tandem.datasets.Task;
import dev.tandem.engine.BackendInfo;
import dev.tandem.models.Presets;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.runs.RunModel;
import dev.tandem.models.runs.RunSettings;
import dev.tandem.models.training.Loss;
import dev.tandem.models.training.OptimizerSettings;
import dev.tandem.models.training.Schedule;
import java.nio.file.Path;
import java.util.Iterator;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options of a training. A field is null where the option was not given and its default depends
 * on others.
 */
final class TrainOptions {
  /** What an architecture file trains for where {@code --epochs} is not given. */
  private static final int EPOCHS = 100;

  /** The examples of its steps where {@code --batch-size} is not given. */
  static final int BATCH_SIZE = 32;

  private static final int PATIENCE = 20;

  /** For the help text. */
  private static final class PresetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Presets.names().iterator();
    }
  }

  /** A value that leaves the choice to the data. */
  private enum TaskChoice {
    AUTO,
    CLASSIFICATION,
    REGRESSION,
    FORECAST,
    TAGGING,
    LANGUAGE,
    DETECTION
  }

  private enum LossChoice {
    AUTO,
    CCE,
    BCE,
    MSE,
    MAE,
    HUBER
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "PRESET|FILE.json",
      defaultValue = "ann",
      completionCandidates = PresetNames.class,
      description = "A preset (${COMPLETION-CANDIDATES}) or an architecture file.")
  private String model;

  @Option(
      names = "--weights",
      paramLabel = "FILE.safetensors",
      description = "Weights to begin with, under PyTorch's names.")
  private Path weights;

  @Option(
      names = "--dataset",
      paramLabel = "ID",
      description = "A known data set, see below (default: digits, if there is no --data).")
  private String dataset;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "Data of your own: a table or a series (.csv, .tsv) with --target; texts with a class (.csv, .tsv) or with tagged"
              + " words (--task tagging); a text (.txt) for a language model; .npy or IDX with --labels; a folder or .tar"
              + " of pictures by class, or a folder with annotations.csv.")
  private Path data;

  @Option(
      names = "--labels",
      paramLabel = "PATH",
      description =
          "For --data FILE.npy class ids [N], or [N,T] for each step of a sequence (-1 where none counts), or numbers [N,K];"
              + " for an IDX file its labels.")
  private Path labels;

  @Option(
      names = "--target",
      paramLabel = "COLUMN",
      description = "The column of a table that is to be predicted.")
  private String target;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      defaultValue = "auto",
      description = "auto, classification, regression, forecast, tagging, language, detection.")
  private TaskChoice task;

  @Option(
      names = "--standardize",
      description = "Scales the inputs of an array to mean 0 and deviation 1 on the training part.")
  private boolean standardize;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "Passes over the training part (default: the preset's, see below; for an architecture file "
              + EPOCHS
              + ").")
  private Integer epochs;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description =
          "Examples of a step; the last batch of an epoch may be smaller (default: the preset's, see below; for an"
              + " architecture file "
              + BATCH_SIZE
              + ").")
  private Integer batchSize;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description =
          "sgd, rmsprop, adagrad, adam, adamw (default: adamw for a preset; adam for an architecture file). Whoever"
              + " names one takes the rest from it too: PyTorch's --lr and --weight-decay, --lr-schedule constant, no"
              + " --clip-norm.")
  private OptimizerSettings.Kind optimizer;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description =
          "Learning rate (default: the preset's, see below; with --optimizer or an architecture file 0.001, rmsprop and"
              + " adagrad 0.01).")
  private Double learningRate;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      defaultValue = "0",
      description = "Momentum of sgd and rmsprop, from 0 to below 1.")
  private double momentum;

  @Option(names = "--nesterov", description = "Nesterov's momentum, with sgd and --momentum.")
  private boolean nesterov;

  @Option(
      names = "--weight-decay",
      paramLabel = "L",
      description =
          "L2 regularisation; decoupled for adamw (default: the preset's, see below; with --optimizer or an architecture"
              + " file 0, adamw 0.01).")
  private Double weightDecay;

  @Option(
      names = "--lr-schedule",
      paramLabel = "NAME",
      description =
          "constant; step (a tenth after each third of the epochs); exponential (to a hundredth); cosine (to 0); plateau"
              + " (a tenth after 10 epochs without a smaller validation loss) (default: cosine for a preset; constant with"
              + " --optimizer or an architecture file).")
  private Schedule schedule;

  @Option(
      names = "--warmup",
      paramLabel = "STEPS",
      defaultValue = "0",
      description = "Steps over which the learning rate rises to its value.")
  private int warmup;

  @Option(
      names = "--clip-norm",
      paramLabel = "X",
      description =
          "The largest norm of all gradients together (default: the preset's, see below; with --optimizer or an"
              + " architecture file no limit).")
  private Double clipNorm;

  @Option(
      names = "--clip-value",
      paramLabel = "X",
      description = "The largest absolute value of a gradient (default: no limit).")
  private Double clipValue;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      defaultValue = "auto",
      description =
          "auto (cce for classes, tags and tokens, mse for numbers), cce, bce, mse, mae, huber. cce and bce take logits.")
  private LossChoice loss;

  @Option(
      names = "--dropout",
      paramLabel = "RATE",
      description = "Dropout rate of a preset (default: see below).")
  private Double dropout;

  @Option(
      names = "--hidden",
      paramLabel = "UNITS",
      description = "Units of a preset's hidden layers (default: see below).")
  private Integer hidden;

  @Option(
      names = "--layers",
      paramLabel = "N",
      description = "Hidden layers of a preset (default: see below).")
  private Integer layers;

  @Option(
      names = "--validation-split",
      paramLabel = "FRACTION",
      defaultValue = "" + Splits.DEFAULT_VALIDATION_FRACTION,
      description = "The part of what does not test that validates; 0 for none.")
  private double validationSplit;

  @Option(
      names = "--test-split",
      paramLabel = "FRACTION",
      defaultValue = "" + Splits.DEFAULT_TEST_FRACTION,
      description = "The part that tests, unless the data set has its own; 0 for none.")
  private double testSplit;

  @Option(
      names = "--k-fold",
      paramLabel = "K",
      description = "Cross-validation: trains K times, each time testing on another K-th.")
  private Integer folds;

  @Option(
      names = "--early-stopping",
      description = "Stops when the validation loss gets no smaller, and keeps the best weights.")
  private boolean earlyStopping;

  @Option(
      names = "--patience",
      paramLabel = "EPOCHS",
      description = "How long --early-stopping waits (default: " + PATIENCE + ").")
  private Integer patience;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the split, initial weights, shuffles and dropout.")
  private long seed;

  @Option(names = "--no-shuffle", description = "Keeps the examples in the order of the data.")
  private boolean noShuffle;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "Stops after so many steps (default: no limit).")
  private Long maxSteps;

  @Option(
      names = "--init",
      paramLabel = "SCHEME",
      defaultValue = "default",
      description = "Initial weights: default (He before ReLU, else Glorot) or pytorch.")
  private Initializer.Scheme init;

  @Option(names = "--bidirectional", description = "Lets a recurrent preset read from both ends.")
  private boolean bidirectional;

  @Option(
      names = "--window",
      paramLabel = "STEPS",
      description =
          "Steps of a series that a forecast sees, or tokens that a language model is trained on at once (default: the"
              + " data's).")
  private Integer window;

  @Option(
      names = "--horizon",
      paramLabel = "STEPS",
      description = "Steps of a series that are forecast (default: 1).")
  private Integer horizon;

  @Option(
      names = "--tbptt",
      paramLabel = "TOKENS",
      description =
          "Truncated backpropagation through time, for language models: gradients stop after so many tokens, states go"
              + " on to the next batch.")
  private Integer tbptt;

  @Option(
      names = "--augment",
      paramLabel = "LIST",
      description =
          "How pictures are changed each time: shift=N, crop=N, flip, rotate=DEGREES, cutout=N, with commas between.")
  private String augment;

  @Option(
      names = "--picture-size",
      paramLabel = "PIXELS",
      description =
          "The side to which pictures of a folder are brought (default: the most frequent; with annotations.csv 192).")
  private Integer pictureSize;

  @Option(
      names = "--strict",
      description = "A picture that cannot be read is an error rather than left out.")
  private boolean strict;

  @Option(
      names = "--gradient-flow",
      description =
          "Records how gradients flow back through time in a recurrent network: at the beginning, after the first epoch"
              + " and at the end (gradient-flow.csv, the report, tandem inspect).")
  private boolean gradientFlow;

  /** Returns the settings of a run on a backend, with every default filled in. */
  RunSettings settings(BackendInfo backend) {
    check();
    return Usage.checked(
        command,
        () -> {
          RunSettings settings = filled(backend);
          settings.check();
          return settings;
        });
  }

  private RunSettings filled(BackendInfo backend) {
    Presets.Training preset = RunModel.isFile(model) ? null : Presets.get(model).training();
    boolean recipe = optimizer == null && preset != null;
    OptimizerSettings defaults = recipe ? preset.optimizer() : kind().defaults();
    boolean bundled = dataset == null && data == null;
    return new RunSettings(
        RunModel.isFile(model) ? absolute(Path.of(model)) : model,
        absolute(weights),
        bundled ? "digits" : dataset,
        absolute(data),
        absolute(labels),
        target,
        task == TaskChoice.AUTO ? null : Task.valueOf(task.name()),
        standardize,
        backend.id(),
        backend.threads(),
        backend.math().name(),
        hidden,
        layers,
        dropout,
        loss == LossChoice.AUTO ? null : Loss.valueOf(loss.name()),
        new OptimizerSettings(
            defaults.kind(),
            learningRate == null ? defaults.learningRate() : learningRate,
            momentum,
            nesterov,
            weightDecay == null ? defaults.weightDecay() : weightDecay),
        epochs != null ? epochs : preset == null ? EPOCHS : preset.epochs(),
        batchSize != null ? batchSize : preset == null ? BATCH_SIZE : preset.batchSize(),
        schedule != null ? schedule : recipe ? Schedule.COSINE : Schedule.CONSTANT,
        warmup,
        clipNorm(recipe ? preset : null),
        clipValue,
        validationSplit,
        testSplit,
        folds,
        earlyStopping ? Integer.valueOf(patience == null ? PATIENCE : patience) : null,
        seed,
        !noShuffle,
        maxSteps,
        init,
        bidirectional ? Boolean.TRUE : null,
        window,
        horizon,
        tbptt,
        augment,
        pictureSize,
        strict,
        gradientFlow);
  }

  private Double clipNorm(Presets.Training preset) {
    boolean limited = clipNorm == null && preset != null && Double.isFinite(preset.clipNorm());
    return limited ? Double.valueOf(preset.clipNorm()) : clipNorm;
  }

  private OptimizerSettings.Kind kind() {
    return optimizer == null ? OptimizerSettings.Kind.ADAM : optimizer;
  }

  private void check() {
    if (dataset != null && data != null) {
      throw usage("--dataset and --data exclude each other (give one of them)");
    }
    if (data == null && (labels != null || target != null || standardize)) {
      throw usage("--labels, --target and --standardize go with --data (add it)");
    }
    if (patience != null && !earlyStopping) {
      throw usage("--patience goes with --early-stopping (add it)");
    }
    if (patience != null && patience < 1) {
      throw usage("--patience is %d (give 1 or more epochs)".formatted(patience));
    }
    if (earlyStopping && validationSplit == 0) {
      throw usage(
          "--early-stopping watches the validation loss, but --validation-split is 0 (give a fraction)");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private static String absolute(Path path) {
    return path == null ? null : path.toAbsolutePath().normalize().toString();
  }
}

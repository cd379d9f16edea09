package dev.tandem.models.training;

import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Task;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.MemoryShortageError;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.TensorArena;
import dev.tandem.models.Executor;
import dev.tandem.models.ModelException;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.RandomStreams;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains a network on a data set. Everything that can be wrong with network, data and options is
 * found when it is made; {@link #fit} then runs the epochs.
 */
public final class Trainer implements AutoCloseable {
  private static final double NANOSECONDS = 1e9;

  private final Network network;
  private final Dataset dataset;
  private final Backend backend;
  private final TrainingOptions options;
  private final Parameters parameters;
  private final Executor executor;
  private final Evaluator evaluator;
  private final Targets targets;
  private final Batches division;
  private final int stepsPerEpoch;
  private final Map<Executor.Size, TrainingStep> steps = new HashMap<>();
  private final TrainingState state = new TrainingState();
  private final TensorArena bestArena;
  private final Tensor bestWeights;
  private final Tensor bestBuffers;
  private final int[] dropoutState = new int[Dropout.STATE_LENGTH];

  /**
   * Takes memory and gives the parameters their first values.
   *
   * @param network the blueprint
   * @param dataset the parts; the training part is not empty
   * @param backend the engine
   * @param options how to train
   * @throws ModelException if network, data and options do not fit
   */
  public Trainer(Network network, Dataset dataset, Backend backend, TrainingOptions options) {
    this.network = network;
    this.dataset = dataset;
    this.backend = backend;
    this.options = options;
    if (dataset.task() == Task.LANGUAGE) {
      network.requireCausal();
    }
    Examples training = dataset.train();
    check("training", training);
    check("validation", dataset.validation());
    check("test", dataset.test());
    requirePictures(training.inputs());
    targets = targets(training);
    division = new Batches(network, training.inputs(), options.batchSize(), options.stateful());
    stepsPerEpoch = division.count();
    List<Executor.Size> sizes = division.sizes(true);
    parameters =
        new Parameters(
            network.parameters(options.initialization()),
            backend,
            DataType.FLOAT32,
            true,
            options.optimizer().states());
    parameters.initialize(options.seed());
    Executor.Attachment<TrainingStep> attachment =
        (binding, program) -> new TrainingStep(binding, program, parameters, options);
    evaluator =
        new Evaluator(
            network,
            parameters,
            backend,
            options.loss(),
            List.of(training.inputs(), dataset.validation().inputs(), dataset.test().inputs()),
            options.stateful());
    MemoryPlan plan = new MemoryPlan();
    MemoryPlan.Slot weights = bestSlot(plan, parameters.weights());
    MemoryPlan.Slot buffers = bestSlot(plan, parameters.buffers());
    bestArena = backend.allocate(plan);
    bestWeights = bestArena.tensor(weights);
    bestBuffers = bestArena.tensor(buffers);
    // The last memory that is taken is the one that --batch-size changes.
    executor = executor(sizes, attachment);
    for (Executor.Size size : sizes) {
      steps.put(size, executor.program(size, attachment));
    }
  }

  /** Takes the memory of the steps, or says with which batches there would be enough. */
  private Executor executor(
      List<Executor.Size> sizes, Executor.Attachment<TrainingStep> attachment) {
    try {
      return new Executor(network, parameters, backend, DataType.FLOAT32, false, sizes, attachment);
    } catch (MemoryShortageError shortage) {
      BatchAdvice advice =
          new BatchAdvice(
              shortage.freeBytes(),
              batch -> {
                List<Executor.Size> smaller =
                    new Batches(network, dataset.train().inputs(), batch, options.stateful())
                        .sizes(true);
                return Executor.plan(
                    network, parameters, backend, DataType.FLOAT32, smaller, attachment);
              },
              evaluator.plan());
      MemoryShortageError advised = advice.on(shortage, division.batchSize());
      bestArena.close();
      evaluator.close();
      parameters.close();
      throw advised;
    }
  }

  private void requirePictures(HostArray inputs) {
    boolean pictures = inputs.isFloat() && inputs.shape().length == 4;
    if (!options.augmentation().isNone() && !pictures) {
      throw new ModelException(
          "--augment changes pictures, but the examples of data set '%s' are %s (leave it out)"
              .formatted(dataset.name(), inputs));
    }
  }

  private void check(String part, Examples examples) {
    if (examples.size() == 0) {
      return;
    }
    Inputs.check(
        network, examples.inputs(), "the %s part of data set '%s'".formatted(part, dataset.name()));
    targets(examples);
  }

  private Targets targets(Examples examples) {
    return options.loss().targets(examples.targets(), network, dataset.classNames().size());
  }

  private static MemoryPlan.Slot bestSlot(MemoryPlan plan, Tensor like) {
    return plan.add(MemoryKind.PARAMETERS, "best." + like.name(), like.type(), like.shape());
  }

  /** Returns the parameters, to load or save them. */
  public Parameters parameters() {
    return parameters;
  }

  /** Returns what computes outputs with the parameters as they are. */
  public Evaluator evaluator() {
    return evaluator;
  }

  /** Returns the number of steps of a whole training. */
  public long totalSteps() {
    return Math.min(options.maxSteps(), (long) stepsPerEpoch * options.epochs());
  }

  /** Returns the number of epochs that these steps reach into. */
  private int totalEpochs() {
    return Math.toIntExact(Math.ceilDiv(totalSteps(), (long) stepsPerEpoch));
  }

  /** Returns how many steps are done. */
  public long stepsDone() {
    return state.step();
  }

  /** Returns how many epochs are done. */
  public int epochsDone() {
    return state.epoch();
  }

  /** Returns how many examples of the training part are in no batch. */
  public int leftOut() {
    return division.leftOut();
  }

  /** Returns the share of all steps of the training part's sequences that is padding. */
  public double paddingFraction() {
    return division.paddingFraction();
  }

  /** Returns the bytes that parameters and activations take. */
  public long bytes() {
    return parameters.bytes() + executor.bytes();
  }

  /**
   * Writes everything that {@link #restore} needs to go on as if nothing had happened, as one file.
   */
  public void checkpoint(Path file) {
    Checkpoint.write(file, state, tensors(), backend);
  }

  /** Goes back to a checkpoint of a training with the same network, data and options. */
  public void restore(Path file) {
    for (EpochRecord record : Checkpoint.read(file, tensors(), backend)) {
      state.finish(record);
    }
  }

  /** What a checkpoint holds, by name. */
  private Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("weights", parameters.weights());
    tensors.put("buffers", parameters.buffers());
    for (Tensor states : parameters.optimizerState()) {
      tensors.put(states.name(), states);
    }
    tensors.put(bestWeights.name(), bestWeights);
    tensors.put(bestBuffers.name(), bestBuffers);
    return tensors;
  }

  /**
   * Trains, from the beginning or from where a checkpoint was restored, and measures the result.
   *
   * @throws ModelException if the loss or the gradients become NaN or infinite
   */
  public TrainingResult fit(TrainingListener listener) {
    try (BatchLoader loader =
        new BatchLoader(
            backend,
            network,
            dataset.train().inputs(),
            targets,
            division,
            options.augmentation(),
            options.seed())) {
      while (!patienceIsOver()
          && state.epoch() < options.epochs()
          && state.step() < options.maxSteps()) {
        EpochRecord record = epoch(loader, listener);
        if (state.finish(record) && options.patience() > 0) {
          keepBest();
        }
        listener.epoch(record, this);
      }
    }
    if (options.patience() > 0 && state.bestEpoch() < state.epoch()) {
      restoreBest();
    }
    Evaluation training = evaluate("training", dataset.train(), state.step());
    return new TrainingResult(
        List.copyOf(state.epochs()),
        training,
        evaluate("validation", dataset.validation(), state.step()),
        evaluate("test", dataset.test(), state.step()),
        options.patience() > 0 ? state.bestEpoch() : state.epoch(),
        TrainingSigns.read(state.epochs(), training, options.patience() > 0),
        state.seconds());
  }

  private boolean patienceIsOver() {
    return options.patience() > 0 && state.epoch() - state.bestEpoch() >= options.patience();
  }

  private EpochRecord epoch(BatchLoader loader, TrainingListener listener) {
    long begin = System.nanoTime();
    int number = state.epoch() + 1;
    Batches.Pass pass = division.pass(order(number, dataset.train().size()));
    loader.begin(pass, number);
    long step = state.step();
    double lossSum = 0;
    double seen = 0;
    double rate = 0;
    long before = begin;
    // Looked up beforehand: a step allocates nothing.
    List<TrainingStep> programs =
        pass.batches().stream().map(batch -> steps.get(division.size(batch, true))).toList();
    for (int i = 0; i < programs.size() && step < options.maxSteps(); i++) {
      TrainingStep training = programs.get(i);
      rate = learningRate(step);
      loader.next(training.batch());
      uploadDropoutState(step);
      if (i == 0 && options.stateful()) {
        training.resetState();
      }
      training.run(rate, step + 1);
      step++;
      requireFinite(training, step);
      lossSum += training.loss() * training.lossWeight();
      seen += training.lossWeight();
      long now = System.nanoTime();
      listener.step(
          step,
          number,
          training.loss(),
          rate,
          training.gradientNorm(),
          pass.batches().get(i).count() * NANOSECONDS / Math.max(1, now - before));
      before = now;
    }
    Evaluation validation = evaluate("validation", dataset.validation(), step);
    return new EpochRecord(
        number,
        step,
        lossSum / Math.max(seen, Double.MIN_NORMAL),
        validation == null ? Map.of() : validation.metrics(),
        rate,
        (System.nanoTime() - begin) / NANOSECONDS,
        loader.waitedSeconds());
  }

  private int[] order(int epoch, int count) {
    int[] order = new int[count];
    if (options.shuffle()) {
      RandomStreams.shuffle(options.seed(), epoch).permute(order);
    } else {
      for (int i = 0; i < count; i++) {
        order[i] = i;
      }
    }
    return order;
  }

  private double learningRate(long step) {
    double factor =
        options
            .schedule()
            .factor(
                step,
                totalSteps(),
                state.epoch(),
                totalEpochs(),
                state.plateauDrops(),
                options.warmup());
    return options.optimizer().learningRate() * factor;
  }

  private void uploadDropoutState(long step) {
    dropoutState[0] = (int) options.seed();
    dropoutState[1] = (int) (options.seed() >>> 32);
    dropoutState[2] = (int) step;
    dropoutState[3] = (int) (step >>> 32);
    backend.transfers().upload(dropoutState, 0, executor.dropoutState());
  }

  private void requireFinite(TrainingStep training, long step) {
    String what;
    if (!Double.isFinite(training.loss())) {
      what = "the loss is " + training.loss();
    } else if (!Double.isFinite(training.gradientNorm())) {
      what = "the norm of the gradients is " + training.gradientNorm();
    } else {
      return;
    }
    throw stopped(
        "at step %d: %s, seen first in %s".formatted(step, what, training.firstNonFinite()));
  }

  private ModelException stopped(String when) {
    return new ModelException(
        "training stopped %s (try a smaller --lr than %s, --clip-norm 1, or look for outliers in the data)"
            .formatted(when, options.optimizer().learningRate()));
  }

  /**
   * Measures a part of the data; null if it is empty. A loss that is not finite shows what the last
   * update spoilt, which no step is left to notice.
   */
  private Evaluation evaluate(String name, Examples part, long step) {
    if (part.size() == 0) {
      return null;
    }
    Evaluation evaluation = evaluator.evaluate(part, dataset.preprocessing());
    if (!Double.isFinite(evaluation.loss())) {
      throw stopped(
          "after step %d: the loss on the %s part is %s".formatted(step, name, evaluation.loss()));
    }
    return evaluation;
  }

  private void keepBest() {
    backend.transfers().copy(parameters.weights(), bestWeights);
    backend.transfers().copy(parameters.buffers(), bestBuffers);
  }

  private void restoreBest() {
    backend.transfers().copy(bestWeights, parameters.weights());
    backend.transfers().copy(bestBuffers, parameters.buffers());
  }

  @Override
  public void close() {
    bestArena.close();
    evaluator.close();
    executor.close();
    parameters.close();
  }
}

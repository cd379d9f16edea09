package dev.tandem.benchmarks.cases;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.Philox;
import dev.tandem.models.Executor;
import dev.tandem.models.Parameters;
import dev.tandem.models.training.Loss;
import dev.tandem.models.training.TrainingOptions;
import dev.tandem.models.training.TrainingStep;
import java.util.List;

/**
 * The training step of a case on one of our backends, with a batch of random numbers that stays on
 * the device: forward, softmax cross-entropy, backward, Adam.
 */
public final class TandemStep implements Prepared {
  /** Small, so that many steps on one batch stay finite. */
  public static final double LEARNING_RATE = 1e-4;

  /** The loss after so many updates shows whether all of them were right. */
  public static final int CHECKED_STEPS = 2;

  /** Adam's first updates are as large for every weight, too large for the widest layers. */
  private static final int PATIENCE = 30;

  private static final long SEED = 1;

  private final String name;
  private final Backend backend;
  private final Parameters parameters;
  private final Executor executor;
  private final TrainingStep step;
  private final float[] input;
  private final int[] labels;
  private long update;

  /** Takes memory, makes the first weights and uploads the batch. */
  TandemStep(StepCase of, String backendId, int threads) {
    name = of.name();
    backend = Backends.open(backendId, new BackendOptions(threads, MathMode.FP32));
    TrainingOptions options = TrainingOptions.of(Loss.CCE);
    parameters =
        new Parameters(
            of.network().parameters(options.initialization()),
            backend,
            DataType.FLOAT32,
            true,
            options.optimizer().states());
    parameters.initialize(SEED);
    Executor.Size size = Executor.Size.of(of.network(), of.batch(), true);
    Executor.Attachment<TrainingStep> attachment =
        (binding, program) -> new TrainingStep(binding, program, parameters, options);
    executor =
        new Executor(
            of.network(), parameters, backend, DataType.FLOAT32, false, List.of(size), attachment);
    step = executor.program(size, attachment);
    Philox random = new Philox(SEED, 0);
    input = new float[(int) step.batch().input().elements()];
    for (int i = 0; i < input.length; i++) {
      input[i] = 2 * random.nextFloat() - 1;
    }
    labels = new int[of.batch()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(StepCase.CLASSES);
    }
    backend.transfers().upload(input, 0, step.batch().input());
    backend.transfers().upload(labels, 0, step.batch().targets());
  }

  /** Runs the step once; it waits for the loss, and so for all. */
  @Override
  public void run() {
    step.run(LEARNING_RATE, ++update);
  }

  /** Returns the loss before the last update. */
  public double loss() {
    return step.loss();
  }

  /**
   * Returns the losses of the first steps.
   *
   * @throws IllegalStateException if they do not fall: what is measured must learn
   */
  @Override
  public float[] checked() {
    float[] losses = new float[CHECKED_STEPS];
    for (int i = 0; i < losses.length; i++) {
      run();
      losses[i] = (float) loss();
    }
    float first = losses[0];
    for (int i = 0; i < PATIENCE && !(loss() < first); i++) {
      run();
    }
    if (!(loss() < first)) {
      throw new IllegalStateException(
          "%s: the loss was %s and is %s (expected to fall)".formatted(name, first, loss()));
    }
    return losses;
  }

  /** Returns the batch: {@code [N,...]}, or {@code [T,N,I]} for a network that recurs. */
  public float[] input() {
    return input;
  }

  /** Returns the class ids {@code [N]}. */
  public int[] labels() {
    return labels;
  }

  /** Returns the parameters. */
  public Parameters parameters() {
    return parameters;
  }

  /** Returns the bytes of activations, workspace, inputs and outputs. */
  public long bytes() {
    return executor.bytes();
  }

  @Override
  public void close() {
    executor.close();
    parameters.close();
    backend.close();
  }
}

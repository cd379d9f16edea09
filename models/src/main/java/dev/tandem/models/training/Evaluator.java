package dev.tandem.models.training;

import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.Replayable;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.Executor;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.Program;
import dev.tandem.models.layers.Binding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs a network without training it: outputs, losses and metrics. */
public final class Evaluator implements AutoCloseable {
  /** The largest batch; larger ones are no faster and take more memory. */
  private static final int BATCH = 256;

  /**
   * Batches of sequences and of pictures are smaller: their activations are. Together with the size
   * of an example this bounds them.
   */
  private static final int ELEMENTS = 1 << 20;

  /** The most places from which a text is read at once; more are hardly faster. */
  private static final int ROWS = 32;

  private static final double HALF = 0.5;

  private final Backend backend;
  private final Network network;
  private final Loss loss;
  private final boolean continuing;
  private final Executor executor;
  private final Map<Executor.Size, Pass> passes = new HashMap<>();

  /**
   * A forward pass for one size, with the loss behind it. From its second run on it is captured:
   * many are run only once.
   */
  private static final class Pass {
    private final Backend backend;
    private final Program program;
    private final Loss loss;
    private final BatchTensors withTargets;
    private final BatchTensors withoutTargets;
    private final Tensor results;
    private final Tensor classes;
    private final Captured outputs = new Captured(this::computeOutputs);
    private final Captured outputsAndLoss = new Captured(this::computeLoss);

    /** What is run again and again, and how. */
    private final class Captured {
      private final Runnable step;
      private boolean ran;
      private Replayable replayable;

      Captured(Runnable step) {
        this.step = step;
      }

      void run() {
        if (replayable != null) {
          replayable.replay();
        } else if (ran) {
          replayable = backend.capture(step);
        } else {
          step.run();
          ran = true;
        }
      }
    }

    Pass(Binding binding, Program program, Loss loss) {
      backend = binding.backend();
      this.program = program;
      this.loss = loss;
      withTargets = loss.tensors(binding, program);
      withoutTargets = new BatchTensors(program.input(), program.lengths(), null, null);
      results = binding.tensor(MemoryKind.IO, "loss", binding.floatType(), Shape.of(2));
      classes =
          binding.tensor(
              MemoryKind.IO, "classes", DataType.INT32, Shape.of(program.output().shape().rows()));
    }

    private void computeOutputs() {
      program.forward();
    }

    private void computeLoss() {
      program.forward();
      loss.compute(backend, program.output(), withTargets, results, null);
    }
  }

  /** Takes memory for examples that have nothing to do with each other. */
  public Evaluator(
      Network network, Parameters parameters, Backend backend, Loss loss, List<HostArray> inputs) {
    this(network, parameters, backend, loss, inputs, false);
  }

  /**
   * Takes memory.
   *
   * @param network the blueprint
   * @param parameters its parameters
   * @param backend the engine
   * @param loss what {@link #evaluate} measures
   * @param inputs all arrays that will be run
   * @param continuing whether each example goes on where the one before it ended. Long arrays are
   *     read from several places at once, each of which begins without a state
   */
  public Evaluator(
      Network network,
      Parameters parameters,
      Backend backend,
      Loss loss,
      List<HostArray> inputs,
      boolean continuing) {
    this.continuing = continuing;
    this.backend = backend;
    this.network = network;
    this.loss = loss;
    Set<Executor.Size> sizes = new LinkedHashSet<>();
    for (HostArray array : inputs) {
      sizes.addAll(batches(array).sizes(false));
    }
    Executor.Attachment<Pass> attachment = (binding, program) -> new Pass(binding, program, loss);
    executor =
        new Executor(
            network,
            parameters,
            backend,
            DataType.FLOAT32,
            false,
            new ArrayList<>(sizes),
            attachment);
    for (Executor.Size size : sizes) {
      passes.put(size, executor.program(size, attachment));
    }
  }

  private Batches batches(HostArray inputs) {
    int fitting = Math.max(1, ELEMENTS / Math.max(1, inputs.exampleLength()));
    return Batches.measuring(
        network, inputs, Math.min(continuing ? ROWS : BATCH, fitting), continuing);
  }

  /** Is given the outputs of one batch after the other. */
  private interface Receiver {
    /**
     * Takes the outputs of a batch.
     *
     * @param order the examples of the whole pass
     * @param batch which of them these are
     */
    void take(Pass pass, int[] order, Batches.Batch batch);
  }

  /**
   * Computes the network's outputs.
   *
   * @param inputs the examples
   * @return float32 {@code [N, output...]}; with a network that gives something for each step
   *     {@code [N,T,K]}, 0 behind the end of shorter sequences
   */
  public HostArray outputs(HostArray inputs) {
    int[] shape = network.output().prepend(inputs.size()).toArray();
    if (network.returnsSequence()) {
      shape[1] = inputs.shape()[1];
    }
    int length = 1;
    for (int axis = 1; axis < shape.length; axis++) {
      length = Math.multiplyExact(length, shape[axis]);
    }
    int exampleLength = length;
    float[] outputs = new float[Math.multiplyExact(inputs.size(), length)];
    run(
        inputs,
        null,
        new double[2],
        (pass, order, batch) -> {
          float[] values = download(pass, batch);
          int row = values.length / batch.count();
          for (int i = 0; i < batch.count(); i++) {
            int example = order[batch.from() + i];
            int stored = row;
            if (network.returnsSequence()) {
              // What a bucket pads is not the sequence's.
              stored = row / batch.steps() * Math.min(inputs.steps(example), batch.steps());
            }
            System.arraycopy(values, i * row, outputs, example * exampleLength, stored);
          }
        });
    return HostArray.of(outputs, shape);
  }

  /** Returns a batch's outputs, {@code [N, output...]} whatever their order on the device. */
  private float[] download(Pass pass, Batches.Batch batch) {
    float[] values = new float[Math.toIntExact(pass.program.output().elements())];
    backend.transfers().download(pass.program.output(), values, 0);
    if (!network.returnsSequence()) {
      return values;
    }
    float[] batchFirst = new float[values.length];
    int row = values.length / batch.count() / batch.steps();
    for (int t = 0; t < batch.steps(); t++) {
      for (int i = 0; i < batch.count(); i++) {
        int from = (t * batch.count() + i) * row;
        System.arraycopy(values, from, batchFirst, (i * batch.steps() + t) * row, row);
      }
    }
    return batchFirst;
  }

  /**
   * Measures loss and metrics on a part of the data.
   *
   * @param part inputs and targets, not empty
   * @param preprocessing gives class names, and takes outputs back to the data's units
   */
  public Evaluation evaluate(Examples part, Preprocessing preprocessing) {
    List<String> classNames = preprocessing.target().classNames();
    Targets targets = loss.targets(part.targets(), network, classNames.size());
    Measure measure = measure(part, targets, preprocessing);
    double[] sums = new double[2];
    run(
        part.inputs(),
        targets,
        sums,
        (pass, order, batch) -> {
          if (measure.takesClasses()) {
            backend.reductions().argmax(pass.program.output(), pass.classes);
            int[] classes = new int[Math.toIntExact(pass.classes.elements())];
            backend.transfers().download(pass.classes, classes, 0);
            measure.add(order, batch, classes);
          } else {
            measure.add(order, batch, download(pass, batch));
          }
        });
    double mean = sums[1] == 0 ? Double.NaN : sums[0] / sums[1];
    return measure.result(part.size(), mean);
  }

  private Measure measure(Examples part, Targets targets, Preprocessing preprocessing) {
    Preprocessing.Target target = preprocessing.target();
    return switch (target.task()) {
      case CLASSIFICATION ->
          part.targets().isFloat()
              ? numbers(part, preprocessing)
              : new Measure.OfClasses(part.targets(), target.classNames(), this::classes);
      case TAGGING -> new Measure.OfSteps(part.targets(), targets.perStep(), target.classNames());
      case LANGUAGE -> new Measure.OfSteps(part.targets(), targets.perStep(), null);
      case DETECTION -> new Measure.OfBoxes(part.targets(), targets.grid(), target.classNames());
      case REGRESSION, FORECAST -> numbers(part, preprocessing);
    };
  }

  private Measure numbers(Examples part, Preprocessing preprocessing) {
    return loss == Loss.BCE
        ? new Measure.OfLabels(part.targets())
        : new Measure.OfNumbers(part, preprocessing.target());
  }

  /** Returns whether a single output tells two classes apart; under cce it is the only class. */
  private boolean singleOutput() {
    return network.output().columns() == 1 && loss != Loss.CCE;
  }

  /**
   * Returns the class that each row of outputs names: the largest output, or for a single one
   * whether it is above its threshold (0 for logits, 0.5 for numbers).
   */
  public int[] classes(HostArray outputs) {
    return classes(outputs.floats());
  }

  private int[] classes(float[] values) {
    int columns = network.output().columns();
    double threshold = loss == Loss.BCE ? 0 : HALF;
    int[] classes = new int[values.length / columns];
    for (int row = 0; row < classes.length; row++) {
      int best = 0;
      for (int column = 1; column < columns; column++) {
        if (values[row * columns + column] > values[row * columns + best]) {
          best = column;
        }
      }
      classes[row] = singleOutput() ? (values[row] > threshold ? 1 : 0) : best;
    }
    return classes;
  }

  private void run(HostArray inputs, Targets targets, double[] sums, Receiver receiver) {
    if (inputs.size() == 0) {
      return;
    }
    Batches division = batches(inputs);
    Batches.Pass order = division.pass(Batches.ascending(inputs.size()));
    double[] batchLoss = new double[2];
    try (BatchLoader loader =
        new BatchLoader(backend, network, inputs, targets, division, Augmentation.NONE, 0)) {
      loader.begin(order, 0);
      Executor.Size before = null;
      for (Batches.Batch batch : order.batches()) {
        Executor.Size size = division.size(batch, false);
        Pass pass = passes.get(size);
        if (continuing && !size.equals(before)) {
          pass.program.resetState();
        }
        before = size;
        loader.next(targets == null ? pass.withoutTargets : pass.withTargets);
        if (targets == null) {
          pass.outputs.run();
        } else {
          pass.outputsAndLoss.run();
          backend.transfers().download(pass.results, batchLoss, 0);
          sums[0] += batchLoss[1] == 0 ? 0 : batchLoss[0] * batchLoss[1];
          sums[1] += batchLoss[1];
        }
        receiver.take(pass, order.order(), batch);
      }
    }
  }

  /** Returns the memory that was taken. */
  MemoryPlan plan() {
    return executor.plan();
  }

  @Override
  public void close() {
    executor.close();
  }
}

package dev.tandem.models.training;

import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Task;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.Executor;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.Program;
import dev.tandem.models.layers.Binding;
import dev.tandem.models.metrics.ConfusionMatrix;
import dev.tandem.models.metrics.RegressionMetrics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Runs a network without training it: outputs, losses and metrics. */
public final class Evaluator implements AutoCloseable {
  /** The largest batch; larger ones are no faster and take more memory. */
  private static final int BATCH = 256;

  private static final double HALF = 0.5;

  private final Backend backend;
  private final Network network;
  private final Loss loss;
  private final Executor executor;
  private final Map<Integer, Pass> passes = new HashMap<>();

  /** A forward pass for one batch size, with the loss behind it. */
  private static final class Pass {
    private final Program program;
    private final Tensor targets;
    private final Tensor results;

    Pass(Binding binding, Program program, Loss loss) {
      this.program = program;
      DataType type = binding.floatType();
      Shape output = program.output().shape();
      targets =
          binding.tensor(MemoryKind.IO, "targets", loss.targetType(type), loss.targetShape(output));
      results = binding.tensor(MemoryKind.IO, "loss", type, Shape.of(2));
    }
  }

  /**
   * Takes memory.
   *
   * @param network the blueprint
   * @param parameters its parameters
   * @param backend the engine
   * @param loss what {@link #evaluate} measures
   * @param counts the numbers of examples of all arrays that will be run
   */
  public Evaluator(
      Network network, Parameters parameters, Backend backend, Loss loss, List<Integer> counts) {
    this.backend = backend;
    this.network = network;
    this.loss = loss;
    List<Executor.Size> sizes =
        counts.stream()
            .flatMap(count -> Stream.of(Math.min(count, BATCH), count % BATCH))
            .filter(batch -> batch > 0)
            .distinct()
            .map(batch -> Executor.Size.of(network, batch, false))
            .toList();
    Executor.Attachment<Pass> attachment = (binding, program) -> new Pass(binding, program, loss);
    executor =
        new Executor(network, parameters, backend, DataType.FLOAT32, false, sizes, attachment);
    for (Executor.Size size : sizes) {
      passes.put(size.batch(), executor.program(size, attachment));
    }
  }

  /**
   * Computes the network's outputs.
   *
   * @param inputs the examples
   * @return float32 {@code [N, output...]}
   */
  public HostArray outputs(HostArray inputs) {
    return run(inputs, null, new double[2]);
  }

  /**
   * Measures loss and metrics on a part of the data.
   *
   * @param part inputs and targets, not empty
   * @param targets the part's targets in the loss' form, see {@link Loss#targets}
   * @param preprocessing gives class names, and takes regression outputs back to the data's units
   */
  public Evaluation evaluate(Examples part, HostArray targets, Preprocessing.Target preprocessing) {
    double[] sums = new double[2];
    HostArray outputs = run(part.inputs(), targets, sums);
    double mean = sums[1] == 0 ? Double.NaN : sums[0] / sums[1];
    if (preprocessing.task() == Task.CLASSIFICATION && !part.targets().isFloat()) {
      ConfusionMatrix matrix = new ConfusionMatrix(preprocessing.classNames());
      int[] ids = part.targets().ints();
      int[] predicted = classes(outputs);
      for (int i = 0; i < ids.length; i++) {
        matrix.add(ids[i], predicted[i]);
      }
      return new Evaluation(part.size(), mean, matrix.metrics(), matrix);
    }
    if (loss == Loss.BCE) {
      return multiLabel(part, outputs, mean);
    }
    RegressionMetrics metrics = new RegressionMetrics(part.targets().exampleLength());
    metrics.add(
        preprocessing.unscale(part.targets()).floats(), preprocessing.unscale(outputs).floats());
    return new Evaluation(part.size(), mean, metrics.metrics(), null);
  }

  /** Every output is a yes or no of its own: all of them go into one matrix of two classes. */
  private static Evaluation multiLabel(Examples part, HostArray outputs, double mean) {
    ConfusionMatrix matrix = new ConfusionMatrix(List.of("no", "yes"));
    float[] actual = part.targets().floats();
    float[] logits = outputs.floats();
    for (int i = 0; i < actual.length; i++) {
      matrix.add(actual[i] >= HALF ? 1 : 0, logits[i] > 0 ? 1 : 0);
    }
    return new Evaluation(part.size(), mean, matrix.metrics(), matrix);
  }

  /**
   * Returns the class that each row of outputs names: the largest output, or for a single one
   * whether it is above its threshold (0 for logits, 0.5 for numbers).
   */
  public int[] classes(HostArray outputs) {
    int columns = network.output().columns();
    float[] values = outputs.floats();
    // Under cce a single logit is the only class there is.
    boolean single = columns == 1 && loss != Loss.CCE;
    double threshold = loss == Loss.BCE ? 0 : HALF;
    int[] classes = new int[values.length / columns];
    for (int row = 0; row < classes.length; row++) {
      int best = 0;
      for (int column = 1; column < columns; column++) {
        if (values[row * columns + column] > values[row * columns + best]) {
          best = column;
        }
      }
      classes[row] = single ? (values[row] > threshold ? 1 : 0) : best;
    }
    return classes;
  }

  private HostArray run(HostArray inputs, HostArray targets, double[] sums) {
    int count = inputs.size();
    int length = Math.toIntExact(network.output().elements());
    float[] outputs = new float[Math.multiplyExact(count, length)];
    int[] order = IntStream.range(0, count).toArray();
    double[] batchLoss = new double[2];
    try (BatchLoader inputLoader = new BatchLoader(backend, inputs, BATCH);
        BatchLoader targetLoader =
            targets == null ? null : new BatchLoader(backend, targets, BATCH)) {
      for (int from = 0; from < count; from += BATCH) {
        int batch = Math.min(BATCH, count - from);
        Pass pass = passes.get(batch);
        inputLoader.load(order, from, batch, pass.program.input());
        pass.program.forward();
        if (targets != null) {
          targetLoader.load(order, from, batch, pass.targets);
          loss.compute(backend, pass.program.output(), pass.targets, pass.results, null);
          backend.transfers().download(pass.results, batchLoss, 0);
          sums[0] += batchLoss[0] * batchLoss[1];
          sums[1] += batchLoss[1];
        }
        backend.transfers().download(pass.program.output(), outputs, from * length);
      }
    }
    return HostArray.of(outputs, network.output().prepend(count).toArray());
  }

  @Override
  public void close() {
    executor.close();
  }
}

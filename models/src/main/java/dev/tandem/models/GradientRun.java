package dev.tandem.models;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.layers.Binding;
import dev.tandem.models.layers.EmbeddingLayer;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.layers.ParameterTable.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One of the {@link GradientCases} on a backend, with parameters, input, target and dropout masks
 * that depend on the seed alone. All numbers are such as binary32 has, so that they are the same in
 * FLOAT32 and FLOAT64.
 */
final class GradientRun implements AutoCloseable {
  /** What the gradient of the network's input is called. */
  static final String INPUT = "input";

  private static final long DATA_STREAM = 0;
  private static final long PARAMETER_STREAM = 2;

  private final GradientCases.Case wanted;
  private final Backend backend;
  private final long seed;
  private final Parameters parameters;
  private final Executor executor;
  private final Bound bound;
  private final double[] lossAndCount = new double[2];

  /** A program with its loss. */
  private record Bound(Program program, Tensor target, Tensor loss) {}

  /** Binds a case and fills everything that it reads. */
  GradientRun(GradientCases.Case wanted, Backend backend, DataType type, long seed) {
    this.wanted = wanted;
    this.backend = backend;
    this.seed = seed;
    Network network = wanted.network();
    Executor.Size size = Executor.Size.of(network, wanted.batch(), true);
    Executor.Attachment<Bound> attachment = this::bind;
    parameters =
        new Parameters(network.parameters(Initializer.Scheme.DEFAULT), backend, type, true, 0);
    executor = new Executor(network, parameters, backend, type, true, List.of(size), attachment);
    bound = executor.program(size, attachment);
    prepare();
  }

  private Bound bind(Binding binding, Program program) {
    Shape output = program.output().shape();
    Tensor target =
        wanted.loss().takesLabels()
            ? binding.tensor(MemoryKind.IO, "labels", DataType.INT32, Shape.of(output.rows()))
            : binding.memory("target", output);
    return new Bound(program, target, binding.memory("loss", Shape.of(2)));
  }

  private void prepare() {
    parameters.initialize(seed);
    // Scales of exactly 1 and biases of exactly 0 would hide that a backward pass forgets them.
    int index = 0;
    for (Parameter parameter : parameters.table().all()) {
      if (parameter.trained()) {
        double[] values = parameters.download(parameter.name());
        Philox random = new Philox(seed, PARAMETER_STREAM + index++);
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) ((float) values[i] + random.nextDouble(-0.3, 0.3));
        }
        parameters.upload(parameter.name(), values);
      }
    }
    backend.transfers().upload(new int[] {(int) seed, 0, 1, 0}, 0, executor.dropoutState());
    Philox random = new Philox(seed, DATA_STREAM);
    Tensor x = input();
    if (x.type() == DataType.INT32) {
      EmbeddingLayer embedding = (EmbeddingLayer) wanted.network().layers().get(0);
      uploadIntegers(random, embedding.vocabulary(), x);
    } else {
      uploadNumbers(random, -1, x);
    }
    if (wanted.loss().takesLabels()) {
      uploadIntegers(random, bound.program.output().shape().columns(), bound.target);
    } else {
      uploadNumbers(random, wanted.loss().smallestTarget(), bound.target);
    }
  }

  private void uploadIntegers(Philox random, int above, Tensor target) {
    int[] values = random.ints(target.elements(), 0, above).toArray();
    backend.transfers().upload(values, 0, target);
  }

  private void uploadNumbers(Philox random, double smallest, Tensor target) {
    double[] values =
        random.doubles(target.elements(), smallest, 1).map(value -> (float) value).toArray();
    backend.transfers().upload(values, 0, target);
  }

  /** Returns the network's input. */
  Tensor input() {
    return bound.program.input();
  }

  /** Returns the parameters. */
  Parameters parameters() {
    return parameters;
  }

  /** Returns the loss of the input and the parameters as they are. */
  double loss() {
    bound.program.forward();
    return computeLoss(null);
  }

  /** Returns the gradients of the input, if it is no token, and of all trained parameters. */
  Map<String, double[]> gradients() {
    backend.transfers().zero(parameters.gradients());
    bound.program.forward();
    computeLoss(bound.program.outputGradient());
    bound.program.backward();
    Map<String, double[]> gradients = new LinkedHashMap<>();
    if (bound.program.inputGradient() != null) {
      gradients.put(INPUT, download(bound.program.inputGradient()));
    }
    for (Parameter parameter : parameters.table().all()) {
      if (parameter.trained()) {
        gradients.put(parameter.name(), parameters.downloadGradient(parameter.name()));
      }
    }
    return gradients;
  }

  private double computeLoss(Tensor gradient) {
    wanted.loss().compute(backend, bound.program.output(), bound.target, bound.loss, gradient);
    backend.transfers().download(bound.loss, lossAndCount, 0);
    return lossAndCount[0];
  }

  private double[] download(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.elements())];
    backend.transfers().download(tensor, values, 0);
    return values;
  }

  @Override
  public void close() {
    executor.close();
    parameters.close();
  }
}

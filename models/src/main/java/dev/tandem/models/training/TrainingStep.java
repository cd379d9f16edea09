package dev.tandem.models.training;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.Replayable;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.Executor;
import dev.tandem.models.Parameters;
import dev.tandem.models.Program;
import dev.tandem.models.layers.Binding;
import dev.tandem.models.layers.BoundLayer;
import dev.tandem.models.layers.ParameterTable.Parameter;
import java.util.List;

/**
 * One training step for one batch size: forward, loss, backward, clipping, update. It reads its
 * batch, learning rate and dropout step from tensors, so that it is captured once and replayed; a
 * replayed step allocates nothing.
 */
public final class TrainingStep {
  private final Backend backend;
  private final Program program;
  private final Parameters parameters;
  private final TrainingOptions options;
  private final BatchTensors batch;
  private final Tensor hyper;
  private final Tensor results;
  private final Tensor loss;
  private final Tensor norm;
  private final Tensor nonFinite;
  private final double[] hostHyper = new double[Hyperparameters.LENGTH];
  private final double[] hostResults = new double[3];
  private final int[] hostCount = new int[1];
  private Replayable captured;

  /**
   * Asks for tensors; to be used as an {@link Executor.Attachment}.
   *
   * @param binding gives the memory
   * @param program what is trained
   * @param parameters its parameters, with as many states as the optimiser keeps
   * @param options loss, optimiser and clipping are read
   */
  public TrainingStep(
      Binding binding, Program program, Parameters parameters, TrainingOptions options) {
    this.backend = binding.backend();
    this.program = program;
    this.parameters = parameters;
    this.options = options;
    DataType type = binding.floatType();
    batch = options.loss().tensors(binding, program);
    hyper = binding.tensor(MemoryKind.IO, "hyper", type, Shape.of(Hyperparameters.LENGTH));
    results = binding.tensor(MemoryKind.IO, "results", type, Shape.of(3));
    loss = results.view("loss", 0, Shape.of(2));
    norm = results.view("gradient norm", 2, Shape.of(1));
    nonFinite = binding.tensor(MemoryKind.IO, "non-finite", DataType.INT32, Shape.of(1));
  }

  /** Returns where its batch is to be put. */
  public BatchTensors batch() {
    return batch;
  }

  /** Forgets the states of recurrent layers. */
  void resetState() {
    program.resetState();
  }

  /**
   * Runs the step on the batch that lies in {@link #batch}.
   *
   * @param rate the learning rate
   * @param update counted from 1
   */
  public void run(double rate, long update) {
    options.optimizer().fill(rate, update, hostHyper);
    backend.transfers().upload(hostHyper, 0, hyper);
    if (captured == null) {
      captured = backend.capture(this::compute);
    } else {
      captured.replay();
    }
    backend.transfers().download(results, hostResults, 0);
  }

  private void compute() {
    backend.transfers().zero(parameters.gradients());
    program.forward();
    options.loss().compute(backend, program.output(), batch, loss, program.outputGradient());
    program.backward();
    // The norm comes first: it is that of the gradients as they are, and shows those that are not
    // finite.
    backend.optimizers().clipByNorm(options.clipNorm(), parameters.gradients(), norm);
    if (Double.isFinite(options.clipValue())) {
      backend.optimizers().clipByValue(options.clipValue(), parameters.gradients());
    }
    options.optimizer().update(backend.optimizers(), hyper, parameters);
  }

  /** Returns the loss of the batch before the update. */
  public double loss() {
    return hostResults[0];
  }

  /** Returns the weight of the loss: over how much it is the mean. */
  double lossWeight() {
    return hostResults[1];
  }

  /** Returns the norm of all gradients before it was clipped. */
  double gradientNorm() {
    return hostResults[2];
  }

  /** Returns where NaN or infinity was seen first, in the order of the computation. */
  String firstNonFinite() {
    List<BoundLayer> layers = program.layers();
    if (program.input().type().isFloating() && bad(program.input())) {
      return "the input";
    }
    for (BoundLayer layer : layers) {
      if (bad(layer.output())) {
        return "the output of layer '%s'".formatted(layer.name());
      }
    }
    if (!Double.isFinite(loss())) {
      return "the loss itself";
    }
    for (int i = layers.size() - 1; i >= 0; i--) {
      Tensor gradient = layers.get(i).outputGradient();
      if (gradient != null && bad(gradient)) {
        return "the gradient of the output of layer '%s'".formatted(layers.get(i).name());
      }
    }
    for (Parameter parameter : parameters.table().all()) {
      if (parameter.trained() && bad(parameters.gradient(parameter.name()))) {
        return "the gradient of '%s'".formatted(parameter.name());
      }
    }
    return "the norm of all gradients, which are finite one by one";
  }

  private boolean bad(Tensor tensor) {
    backend.reductions().countNonFinite(tensor, nonFinite);
    backend.transfers().download(nonFinite, hostCount, 0);
    return hostCount[0] > 0;
  }
}

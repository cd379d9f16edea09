package dev.tandem.models.runs;

import dev.tandem.datasets.HostArray;
import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.WeightsFile;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.training.Evaluator;
import dev.tandem.models.training.Inputs;
import dev.tandem.models.training.Loss;
import java.nio.file.Path;
import java.util.List;

/** A network with weights from a file, ready to be run on so many examples. */
public final class TrainedModel implements AutoCloseable {
  private final Network network;
  private final Parameters parameters;
  private final Evaluator evaluator;

  /** Loads weights, to be run on examples that have nothing to do with each other. */
  public TrainedModel(
      Network network, Path weights, Loss loss, List<HostArray> inputs, Backend backend) {
    this(network, weights, loss, inputs, false, backend);
  }

  /**
   * Loads weights.
   *
   * @param network the blueprint
   * @param weights a safetensors file
   * @param loss what it was trained with, which says what its outputs mean
   * @param inputs all arrays that will be run
   * @param continuing whether each example goes on where the one before it ended
   * @param backend the engine
   */
  public TrainedModel(
      Network network,
      Path weights,
      Loss loss,
      List<HostArray> inputs,
      boolean continuing,
      Backend backend) {
    this.network = network;
    parameters =
        new Parameters(
            network.parameters(Initializer.Scheme.DEFAULT), backend, DataType.FLOAT32, false, 0);
    WeightsFile.load(weights, parameters);
    evaluator = new Evaluator(network, parameters, backend, loss, inputs, continuing);
  }

  /** Returns the number of trained parameters. */
  public long parameterCount() {
    return parameters.table().count();
  }

  /** Returns what runs the network. */
  public Evaluator evaluator() {
    return evaluator;
  }

  /**
   * Computes the outputs for examples.
   *
   * @param inputs one of the arrays that were announced
   * @param what what errors call them
   */
  public HostArray outputs(HostArray inputs, String what) {
    Inputs.check(network, inputs, what);
    return evaluator.outputs(inputs);
  }

  @Override
  public void close() {
    evaluator.close();
    parameters.close();
  }
}

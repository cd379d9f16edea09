package dev.tandem.models.training;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.models.Executor;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.layers.Initializer;
import java.util.List;

/** The bytes that a network needs on an engine, worked out without taking them. */
public final class MemoryNeed {
  private MemoryNeed() {}

  /**
   * Returns the bytes that {@link Trainer#bytes} would tell: parameters, gradients, what the
   * optimiser keeps, and all that forward and backward passes of a batch write.
   *
   * @param batch the number of examples
   * @param options loss and optimiser are read
   */
  public static long toTrain(Network network, Backend backend, int batch, TrainingOptions options) {
    Parameters parameters = parameters(network, backend, true, options.optimizer().states());
    Executor.Attachment<TrainingStep> step =
        (binding, program) -> new TrainingStep(binding, program, parameters, options);
    return bytes(network, backend, parameters, Executor.Size.of(network, batch, true), step);
  }

  /** Returns the bytes of parameters and of a forward pass of a batch. */
  public static long toPredict(Network network, Backend backend, int batch) {
    Parameters parameters = parameters(network, backend, false, 0);
    Executor.Size size = Executor.Size.of(network, batch, false);
    return bytes(network, backend, parameters, size, (binding, program) -> program);
  }

  private static Parameters parameters(
      Network network, Backend backend, boolean training, int states) {
    return Parameters.planned(
        network.parameters(Initializer.Scheme.DEFAULT),
        backend,
        DataType.FLOAT32,
        training,
        states);
  }

  private static long bytes(
      Network network,
      Backend backend,
      Parameters parameters,
      Executor.Size size,
      Executor.Attachment<?> attachment) {
    return parameters.bytes()
        + Executor.plan(network, parameters, backend, DataType.FLOAT32, List.of(size), attachment)
            .bytes();
  }
}

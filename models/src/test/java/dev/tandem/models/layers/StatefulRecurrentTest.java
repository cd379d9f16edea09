package dev.tandem.models.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.engine.DataType;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.Shape;
import dev.tandem.models.Executor;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.Program;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A recurrent layer whose batches go on where the batch before ended: truncated backpropagation.
 */
class StatefulRecurrentTest {
  /**
   * One tanh cell and one step a batch, worked by hand: {@code h2 = tanh(w x2 + u h1)}, and {@code
   * dL/du = (1 - h2^2) h1} for {@code dL/dh2 = 1}. The state that the batch leaves behind, h2, must
   * not take the place of h1 before the backward pass.
   */
  @ParameterizedTest
  @ValueSource(strings = {"scalar", "cpu"})
  void theBackwardPassSeesTheStateThatTheBatchBeganWith(String id) {
    Network network =
        Network.builder("net", Shape.of(1, 1))
            .recurrent(new RecurrentLayer.Settings(RecurrentCell.RNN_TANH, 1, 1, false, 0, true))
            .build();
    Executor.Size size = new Executor.Size(1, 1, true, false, true);
    Executor.Attachment<Program> attachment = (binding, program) -> program;
    try (Backend backend = Backends.open(id, BackendOptions.defaults());
        Parameters parameters =
            new Parameters(
                network.parameters(Initializer.Scheme.DEFAULT),
                backend,
                DataType.FLOAT32,
                true,
                0);
        Executor executor =
            new Executor(
                network, parameters, backend, DataType.FLOAT32, false, List.of(size), attachment)) {
      parameters.upload("rnn1.weight_ih_l0", new double[] {0.5});
      parameters.upload("rnn1.weight_hh_l0", new double[] {0.25});
      Program program = executor.program(size, attachment);
      program.resetState();
      backend.transfers().upload(new float[] {1}, 0, program.input());
      program.forward();
      backend.transfers().upload(new float[] {2}, 0, program.input());
      program.forward();
      backend.transfers().fill(program.outputGradient(), 1);
      program.backward();

      double first = Math.tanh(0.5);
      double second = Math.tanh(0.5 * 2 + 0.25 * first);
      assertThat(parameters.downloadGradient("rnn1.weight_hh_l0")[0])
          .isCloseTo((1 - second * second) * first, within(1e-6));

      program.resetState();
      program.forward();
      float[] fresh = new float[1];
      backend.transfers().download(program.output(), fresh, 0);
      assertThat((double) fresh[0]).as("no state").isCloseTo(Math.tanh(1), within(1e-6));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "cpu"})
  void aBlockForgetsTheStatesInside(String id) {
    Network network =
        Network.builder("net", Shape.of(1, 1))
            .residual(
                block ->
                    block.recurrent(
                        new RecurrentLayer.Settings(RecurrentCell.GRU, 1, 1, false, 0, true)))
            .build();
    Executor.Size size = new Executor.Size(1, 1, false, false, true);
    Executor.Attachment<Program> attachment = (binding, program) -> program;
    try (Backend backend = Backends.open(id, BackendOptions.defaults());
        Parameters parameters =
            new Parameters(
                network.parameters(Initializer.Scheme.DEFAULT),
                backend,
                DataType.FLOAT32,
                false,
                0);
        Executor executor =
            new Executor(
                network, parameters, backend, DataType.FLOAT32, false, List.of(size), attachment)) {
      parameters.initialize(3);
      Program program = executor.program(size, attachment);
      float[] outputs = new float[3];
      for (int pass = 0; pass < 3; pass++) {
        if (pass != 1) {
          program.resetState();
        }
        backend.transfers().upload(new float[] {1}, 0, program.input());
        program.forward();
        float[] output = new float[1];
        backend.transfers().download(program.output(), output, 0);
        outputs[pass] = output[0];
      }
      assertThat(outputs[1]).as("goes on").isNotEqualTo(outputs[0]);
      assertThat(outputs[2]).as("begins again").isEqualTo(outputs[0]);
    }
  }
}

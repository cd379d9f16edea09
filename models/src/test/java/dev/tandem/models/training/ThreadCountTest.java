package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.Executor;
import dev.tandem.models.Network;
import dev.tandem.models.Parameters;
import dev.tandem.models.Presets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training gives the same bits whatever the number of threads, more than processors too. */
class ThreadCountTest {
  private static final int[] THREADS = {2, 3, 5, 8};
  private static final int STEPS = 3;

  /** Most operations then have several chunks. */
  private static final int BATCH = 20;

  static List<String> presets() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void weightsAreTheSameBits(String preset) {
    float[] alone = train(preset, 1);

    assertThat(alone).doesNotContain(Float.NaN);
    for (int threads : THREADS) {
      assertThat(train(preset, threads)).as("%d threads", threads).isEqualTo(alone);
    }
  }

  private static float[] train(String name, int threads) {
    Presets.Preset preset = Presets.get(name);
    Shape input = preset.readsSequences() ? Shape.of(12, 24) : Shape.of(1, 32, 32);
    Network network =
        preset.build(new Presets.Data(input, DataType.FLOAT32, 0, 10), Presets.Options.NONE);
    TrainingOptions options = TrainingOptions.of(Loss.MSE);
    try (Backend backend = TrainingFixtures.cpu(threads);
        Parameters parameters =
            new Parameters(
                network.parameters(options.initialization()),
                backend,
                DataType.FLOAT32,
                true,
                options.optimizer().states())) {
      parameters.initialize(1);
      Executor.Size size = Executor.Size.of(network, BATCH, true);
      Executor.Attachment<TrainingStep> attachment =
          (binding, program) -> new TrainingStep(binding, program, parameters, options);
      try (Executor executor =
          new Executor(
              network, parameters, backend, DataType.FLOAT32, false, List.of(size), attachment)) {
        TrainingStep step = executor.program(size, attachment);
        fill(backend, step.batch().input(), 1);
        fill(backend, step.batch().targets(), 2);
        for (int update = 1; update <= STEPS; update++) {
          step.run(1e-3, update);
        }
        float[] weights = new float[Math.toIntExact(parameters.weights().elements())];
        backend.transfers().download(parameters.weights(), weights, 0);
        return weights;
      }
    }
  }

  private static void fill(Backend backend, Tensor tensor, long seed) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    Philox random = new Philox(seed, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    backend.transfers().upload(values, 0, tensor);
  }
}

package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Dataset;
import dev.tandem.engine.Backend;
import dev.tandem.models.layers.Initializer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeterminismTest {
  private static final Dataset DIGITS = TrainingFixtures.digits();

  /** The loss is compared as a number of order 1: below that absolutely, above it relatively. */
  private static final double BACKEND_TOLERANCE = 1e-4;

  @Test
  void theSameSeedGivesTheSameBitsWhateverTheNumberOfThreads() {
    float[] once = train(1, 1);

    assertThat(train(1, 1)).as("again").isEqualTo(once);
    assertThat(train(2, 1)).as("two threads").isEqualTo(once);
    assertThat(train(3, 1)).as("three threads").isEqualTo(once);
    assertThat(train(1, 2)).as("another seed").isNotEqualTo(once);
  }

  private static float[] train(int threads, long seed) {
    try (Backend backend = TrainingFixtures.cpu(threads);
        Trainer trainer =
            new Trainer(
                TrainingFixtures.ann(DIGITS, 64, 0.2), DIGITS, backend, options(50, seed))) {
      trainer.fit(TrainingListener.NONE);

      assertThat(trainer.stepsDone()).isEqualTo(50);
      return TrainingFixtures.weights(trainer, backend);
    }
  }

  @Test
  void backendsAgreeInTheLossOfEveryStep() {
    List<Double> scalar;
    List<Double> cpu;
    try (Backend backend = TrainingFixtures.scalar()) {
      scalar = losses(backend);
    }
    try (Backend backend = TrainingFixtures.cpu(2)) {
      cpu = losses(backend);
    }

    assertThat(cpu).hasSize(200).hasSameSizeAs(scalar);
    for (int step = 0; step < cpu.size(); step++) {
      assertThat(cpu.get(step))
          .as("loss of step %d", step + 1)
          .isCloseTo(scalar.get(step), within(BACKEND_TOLERANCE * Math.max(1, scalar.get(step))));
    }
  }

  private static List<Double> losses(Backend backend) {
    List<Double> losses = new ArrayList<>();
    try (Trainer trainer =
        new Trainer(TrainingFixtures.ann(DIGITS, 128, 0.2), DIGITS, backend, options(200, 1))) {
      trainer.fit(
          new TrainingListener() {
            @Override
            public void step(
                long step,
                int epoch,
                double loss,
                double learningRate,
                double gradientNorm,
                double examplesPerSecond) {
              losses.add(loss);
            }
          });
    }
    return losses;
  }

  private static TrainingOptions options(long maxSteps, long seed) {
    return new TrainingOptions(
        20,
        32,
        Loss.CCE,
        OptimizerSettings.Kind.ADAM.defaults(),
        Schedule.CONSTANT,
        0,
        Double.POSITIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        seed,
        true,
        maxSteps,
        0,
        Initializer.Scheme.DEFAULT,
        Augmentation.NONE,
        false);
  }
}

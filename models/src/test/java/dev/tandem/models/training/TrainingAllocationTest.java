package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tandem.datasets.Dataset;
import dev.tandem.engine.Backend;
import dev.tandem.models.layers.Initializer;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** After warm-up a training step leaves the Java heap alone, whichever thread it runs on. */
class TrainingAllocationTest {
  /** What is allocated once in so many steps is seen in every one of them. */
  private static final int WINDOW = 100;

  /** The JVM's and the test runner's own threads may get in between; they miss some window. */
  private static final int WINDOWS = 10;

  /** Until the vector kernels are compiled, their vectors are objects. */
  private static final int WARM_UP = 3000;

  @Test
  void stepsAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] bytes = new long[WINDOWS + 1];
    Dataset dataset =
        TrainingFixtures.arrays(
            TrainingFixtures.random(1, 32 * WINDOW, 64), TrainingFixtures.ids(32 * WINDOW, 10));
    TrainingOptions options =
        new TrainingOptions(
            (WARM_UP + WINDOW * WINDOWS) / WINDOW,
            32,
            Loss.CCE,
            OptimizerSettings.Kind.ADAM.defaults(),
            Schedule.COSINE,
            10,
            1,
            1,
            1,
            true,
            Long.MAX_VALUE,
            0,
            Initializer.Scheme.DEFAULT);
    try (Backend backend = TrainingFixtures.cpu(2);
        Trainer trainer =
            new Trainer(TrainingFixtures.ann(dataset, 128, 0.2), dataset, backend, options)) {
      trainer.fit(
          new TrainingListener() {
            private long begin;

            @Override
            public void step(
                long step,
                int epoch,
                double loss,
                double learningRate,
                double gradientNorm,
                double examplesPerSecond) {
              // The first step of an epoch has its shuffle before it: the other 99 are measured.
              long now = threads.getTotalThreadAllocatedBytes();
              if (step % WINDOW == 1) {
                begin = now;
              } else if (step % WINDOW == 0 && step >= WARM_UP) {
                bytes[(int) (step - WARM_UP) / WINDOW] = now - begin;
              }
            }
          });
    }

    assertThat(Arrays.stream(bytes).min().getAsLong())
        .as("bytes %s", Arrays.toString(bytes))
        .isZero();
  }
}

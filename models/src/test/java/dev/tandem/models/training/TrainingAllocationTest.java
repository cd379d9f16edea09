package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Dataset;
import dev.tandem.engine.Backend;
import dev.tandem.models.layers.Initializer;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** After warm-up a training step leaves the Java heap alone, whichever thread it runs on. */
class TrainingAllocationTest {
  /** What is allocated once in so many steps is seen in every window. */
  private static final int WINDOW = 100;

  /**
   * Until the vector kernels are compiled, their vectors are objects. On a busy machine the
   * compiler's threads get little time: some 3,000 steps on a quiet one.
   */
  private static final int MOST_WINDOWS = 400;

  /** Ends the training once a window without allocation was seen. */
  private static final class Seen extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** The bytes that all threads allocate in each window of steps. */
  private static final class Meter implements TrainingListener {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final long[] bytes = new long[MOST_WINDOWS];
    private int windows;
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
      } else if (step % WINDOW == 0) {
        bytes[windows] = now - begin;
        if (bytes[windows++] == 0) {
          throw new Seen();
        }
      }
    }
  }

  @Test
  void stepsAllocateNothing() {
    Dataset dataset =
        TrainingFixtures.arrays(
            TrainingFixtures.random(1, 32 * WINDOW, 64), TrainingFixtures.ids(32 * WINDOW, 10));
    TrainingOptions options =
        new TrainingOptions(
            MOST_WINDOWS,
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
            Initializer.Scheme.DEFAULT,
            Augmentation.NONE,
            false);
    Meter meter = new Meter();
    try (Backend backend = TrainingFixtures.cpu(2);
        Trainer trainer =
            new Trainer(TrainingFixtures.ann(dataset, 128, 0.2), dataset, backend, options)) {
      Throwable seen = catchThrowable(() -> trainer.fit(meter));

      assertThat(seen)
          .as(
              "bytes of the last windows: %s",
              Arrays.toString(Arrays.copyOfRange(meter.bytes, MOST_WINDOWS - 20, MOST_WINDOWS)))
          .isInstanceOf(Seen.class);
    }
  }
}

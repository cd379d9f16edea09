package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tandem.datasets.Augmentation;
import dev.tandem.datasets.Dataset;
import dev.tandem.engine.Backend;
import dev.tandem.models.layers.Initializer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * After warm-up a training step leaves the Java heap alone, whichever thread it runs on.
 *
 * <p>Each measurement is a program of its own, as a user's training is, since what C2 inlines
 * depends on all that a program has run. It also depends on when the compiler gets a processor: in
 * some programs it stops inlining before the last method of a row of the loss, and each of the 32
 * rows of a step makes one vector an object, 3 kB a step (docs/decisions.md). So the test is that a
 * program can be without any: one out of several must be.
 */
class TrainingAllocationTest {
  /** What is allocated once in so many steps is seen in every window. */
  private static final int WINDOW = 100;

  /**
   * Until the vector kernels are compiled, their vectors are objects. On a busy machine the
   * compiler's threads get little time: some 3,000 steps on a quiet one.
   */
  private static final int MOST_WINDOWS = 120;

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

  /** So many programs in a row that all have bad luck are not to be expected. */
  private static final int MOST_PROGRAMS = 8;

  @Test
  void stepsAllocateNothing() throws Exception {
    List<String> outcomes = new ArrayList<>();
    while (outcomes.size() < MOST_PROGRAMS && !outcomes.contains("0")) {
      outcomes.add(measuredInAProgramOfItsOwn());
    }

    assertThat(outcomes).as("bytes of the last 99 steps, by program").contains("0");
  }

  private static String measuredInAProgramOfItsOwn() throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-cp",
                classPath,
                TrainingAllocationTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.waitFor()).as("exit code: %s", output).isZero();
    return output.strip();
  }

  /** Prints the bytes that the last window of steps allocated. */
  public static void main(String[] none) {
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
      trainer.fit(meter);
    } catch (Seen seen) {
      // The last window is the one that was looked for.
    }
    System.out.println(meter.bytes[meter.windows - 1]);
  }
}

package dev.tandem.models.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.RawDataset;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.models.ModelException;
import dev.tandem.models.layers.Initializer;
import dev.tandem.models.training.EpochRecord;
import dev.tandem.models.training.OptimizerSettings;
import dev.tandem.models.training.Schedule;
import dev.tandem.models.training.Trainer;
import dev.tandem.models.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
  private static final int EPOCHS = 6;

  private static Backend backend;

  @TempDir private Path directory;

  @BeforeAll
  static void open() {
    backend = Backends.open("scalar", BackendOptions.defaults().withThreads(1));
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static RunSettings settings(double learningRate) {
    return new RunSettings(
        "perceptron",
        null,
        "iris",
        null,
        null,
        null,
        null,
        false,
        "scalar",
        1,
        "FP32",
        null,
        null,
        null,
        null,
        new OptimizerSettings(OptimizerSettings.Kind.SGD, learningRate, 0.9, false, 0),
        EPOCHS,
        32,
        Schedule.CONSTANT,
        0,
        null,
        null,
        0.1,
        0.2,
        null,
        null,
        1,
        true,
        null,
        Initializer.Scheme.DEFAULT,
        null,
        null,
        null,
        null,
        null,
        null,
        false,
        false);
  }

  /** Stops the run with an error after some epoch, as a full disk or a lost machine would. */
  private record Interruption(int after) implements TrainingRun.Observer {
    @Override
    public void start(TrainingRun run, Trainer trainer) {}

    @Override
    public void epoch(EpochRecord epoch, Trainer trainer) {
      if (epoch.epoch() == after) {
        throw new IllegalStateException("interrupted");
      }
    }
  }

  private static TrainingResult run(RunSettings settings, Path out, int interruptedAfter) {
    RawDataset raw = RunData.open(settings);
    try (TrainingRun run =
        new TrainingRun(settings, raw, TrainingRun.split(settings, raw), backend)) {
      return run.run(out, new Interruption(interruptedAfter));
    }
  }

  @Test
  void leavesEverythingThatTheRunWas() throws IOException {
    Path out = directory.resolve("run");
    run(settings(0.01), out, 0);

    RunDirectory read = RunDirectory.open(out);
    assertThat(read.settings()).isEqualTo(settings(0.01));
    assertThat(read.network().output().elements()).isEqualTo(3);
    assertThat(read.preprocessing().target().classNames()).hasSize(3);
    // 150 examples: 30 test, 12 validate, 108 train in 4 steps.
    List<String> steps = Files.readAllLines(out.resolve("steps.csv"));
    assertThat(steps).hasSize(1 + 4 * EPOCHS);
    assertThat(steps.get(0))
        .isEqualTo("step,epoch,loss,learning_rate,grad_norm,examples_per_second");
    assertThat(steps.get(5)).startsWith("5,2,");
    assertThat(Files.readAllLines(out.resolve("epochs.csv"))).hasSize(1 + EPOCHS);
    for (String name :
        List.of(
            "run.json", "model.json", "model.safetensors", "preprocessing.json", "report.html")) {
      assertThat(out.resolve(name)).isNotEmptyFile();
    }
  }

  @Test
  void aRunThatFailsBeforeItsFirstCheckpointLeavesNothing() {
    Path out = directory.resolve("run");

    assertThatThrownBy(() -> run(settings(0.01), out, 2)).hasMessage("interrupted");
    assertThat(out).doesNotExist();

    assertThatThrownBy(() -> run(settings(3e38), out, 0)).isInstanceOf(ModelException.class);
    assertThat(out).doesNotExist();
  }

  @Test
  void anExistingDirectoryIsLeftAlone() throws IOException {
    Path out = Files.createDirectory(directory.resolve("run"));
    Files.writeString(out.resolve("mine.txt"), "text");

    assertThatThrownBy(() -> run(settings(0.01), out, 0))
        .isInstanceOf(ModelException.class)
        .hasMessage("output directory %s exists (choose another --out)", out);
    assertThat(out.resolve("mine.txt")).hasContent("text");
  }
}

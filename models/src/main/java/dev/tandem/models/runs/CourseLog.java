package dev.tandem.models.runs;

import dev.tandem.models.training.EpochRecord;
import dev.tandem.models.training.Trainer;
import dev.tandem.models.training.TrainingListener;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Writes the course of a run: {@code steps.csv}, {@code epochs.csv}, and a checkpoint now and then.
 * When a run is resumed, the steps after its checkpoint are taken out first, so that none is there
 * twice.
 */
public final class CourseLog implements TrainingListener, AutoCloseable {
  private static final String STEPS = "steps.csv";
  private static final String EPOCHS = "epochs.csv";
  private static final String STEPS_HEADER =
      "step,epoch,loss,learning_rate,grad_norm,examples_per_second";

  /** Checkpoints are no further apart than this, and at the end of an epoch. */
  private static final long CHECKPOINT_NANOSECONDS = 10_000_000_000L;

  private final RunDirectory directory;
  private final BufferedWriter steps;
  private final BufferedWriter epochs;
  private long lastCheckpoint = System.nanoTime();
  private boolean epochsBegun;

  /**
   * Opens the logs.
   *
   * @param directory the run's
   * @param doneSteps how many steps the checkpoint holds from which the run goes on; 0 for a new
   *     run
   * @param doneEpochs likewise
   */
  public CourseLog(RunDirectory directory, long doneSteps, int doneEpochs) {
    this.directory = directory;
    keep(STEPS, doneSteps);
    epochsBegun = keep(EPOCHS, doneEpochs) > 0;
    steps = append(STEPS);
    epochs = append(EPOCHS);
    if (doneSteps == 0) {
      line(steps, STEPS, STEPS_HEADER);
    }
  }

  private long keep(String name, long rows) {
    List<String> lines = directory.lines(name);
    String kept =
        lines.stream().limit(rows + 1).map(line -> line + "\n").collect(Collectors.joining());
    directory.write(name, rows == 0 ? "" : kept);
    return rows == 0 ? 0 : lines.size();
  }

  private BufferedWriter append(String name) {
    Path file = directory.path().resolve(name);
    try {
      return Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    } catch (IOException cause) {
      throw RunDirectory.unwritable(file, cause);
    }
  }

  @Override
  public void step(
      long step,
      int epoch,
      double loss,
      double learningRate,
      double gradientNorm,
      double examplesPerSecond) {
    line(
        steps,
        STEPS,
        String.format(
            Locale.ROOT,
            "%d,%d,%.9g,%.9g,%.9g,%.1f",
            step,
            epoch,
            loss,
            learningRate,
            gradientNorm,
            examplesPerSecond));
  }

  @Override
  public void epoch(EpochRecord epoch, Trainer trainer) {
    if (!epochsBegun) {
      line(
          epochs,
          EPOCHS,
          "epoch,step,train_loss,learning_rate,seconds,waited_seconds"
              + epoch.validation().keySet().stream()
                  .map(name -> ",validation_" + name)
                  .collect(Collectors.joining()));
      epochsBegun = true;
    }
    line(
        epochs,
        EPOCHS,
        String.format(
                Locale.ROOT,
                "%d,%d,%.9g,%.9g,%.3f,%.3f",
                epoch.epoch(),
                epoch.step(),
                epoch.trainingLoss(),
                epoch.learningRate(),
                epoch.seconds(),
                epoch.waitedSeconds())
            + epoch.validation().values().stream()
                .map(value -> String.format(Locale.ROOT, ",%.9g", value))
                .collect(Collectors.joining()));
    if (System.nanoTime() - lastCheckpoint > CHECKPOINT_NANOSECONDS) {
      checkpoint(trainer);
    }
  }

  /** Writes a checkpoint, with the course up to it. */
  public void checkpoint(Trainer trainer) {
    flush(steps, STEPS);
    flush(epochs, EPOCHS);
    trainer.checkpoint(directory.checkpoint());
    lastCheckpoint = System.nanoTime();
  }

  @Override
  public void close() {
    try (steps;
        epochs) {
      flush(steps, STEPS);
      flush(epochs, EPOCHS);
    } catch (IOException cause) {
      throw RunDirectory.unwritable(directory.path(), cause);
    }
  }

  private void line(BufferedWriter writer, String name, String text) {
    try {
      writer.write(text);
      writer.write('\n');
    } catch (IOException cause) {
      throw RunDirectory.unwritable(directory.path().resolve(name), cause);
    }
  }

  private void flush(BufferedWriter writer, String name) {
    try {
      writer.flush();
    } catch (IOException cause) {
      throw RunDirectory.unwritable(directory.path().resolve(name), cause);
    }
  }
}

package dev.tandem.models.cli;

import dev.tandem.datasets.Dataset;
import dev.tandem.engine.Shape;
import dev.tandem.models.runs.TrainingRun;
import dev.tandem.models.training.EpochRecord;
import dev.tandem.models.training.Trainer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a training to people: a progress bar on a terminal, plain lines elsewhere. */
final class TrainConsole implements TrainingRun.Observer, AutoCloseable {
  /** Without a terminal no more than about so many epochs get a line, evenly spread. */
  private static final int LINES = 20;

  private static final int REFRESH_MILLISECONDS = 200;

  private final PrintWriter out;
  private final boolean terminal;
  private int epochs;
  private ProgressBar bar;

  TrainConsole(PrintWriter out) {
    this.out = out;
    terminal = System.console() != null && System.console().isTerminal();
  }

  @Override
  public void start(TrainingRun run, Trainer trainer) {
    Dataset data = run.dataset();
    epochs = run.settings().epochs();
    line(
        "data      %s: %d examples of %s, %s (%d train, %d validation, %d test; %s)",
        data.name(),
        data.train().size() + data.validation().size() + data.test().size(),
        Shape.of(data.train().inputs().exampleShape()),
        data.classNames().isEmpty()
            ? String.join(", ", data.targetNames())
            : data.classNames().size() + " classes",
        data.train().size(),
        data.validation().size(),
        data.test().size(),
        data.provenance().origin());
    data.notes().forEach(note -> line("          %s", note));
    line(
        "model     %s: %,d parameters, %.1f MiB with gradients, optimiser and activations",
        run.network().name(), run.parameterCount(), trainer.bytes() / 0x1p20);
    line("backend   %s: %s", run.backend().info().id(), run.backend().info().device());
    if (trainer.leftOut() > 0) {
      line(
          "          %d windows at the end do not fill a batch and are not trained",
          trainer.leftOut());
    }
    if (trainer.epochsDone() > 0) {
      line("resumed   after epoch %d, step %d", trainer.epochsDone(), trainer.stepsDone());
    }
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("train")
              .setInitialMax(trainer.totalSteps())
              .startsFrom(trainer.stepsDone(), Duration.ZERO)
              .setUnit(" steps", 1)
              .showSpeed()
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(REFRESH_MILLISECONDS)
              .setConsumer(new ConsoleProgressBarConsumer(System.err))
              .build();
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
    if (bar != null) {
      bar.step();
    }
  }

  @Override
  public void epoch(EpochRecord epoch, Trainer trainer) {
    if (bar != null) {
      bar.setExtraMessage(" " + describe(epoch));
    } else if (epoch.epoch() % Math.ceilDiv(epochs, LINES) == 0 || epoch.epoch() == epochs) {
      line("epoch     %d/%d: %s", epoch.epoch(), epochs, describe(epoch));
    }
  }

  private static String describe(EpochRecord epoch) {
    StringBuilder text =
        new StringBuilder(String.format(Locale.ROOT, "loss %.4f", epoch.trainingLoss()));
    for (String name : new String[] {"loss", "accuracy", "r2", "map"}) {
      Double value = epoch.validation().get(name);
      if (value != null) {
        text.append(String.format(Locale.ROOT, ", validation %s %.4f", name, value));
      }
    }
    return text.toString();
  }

  /** Prints the metrics of the parts. */
  void metrics(Map<String, Map<String, Double>> metrics) {
    metrics.forEach(
        (part, values) -> {
          if (!values.isEmpty()) {
            StringBuilder text = new StringBuilder();
            values.forEach(
                (name, value) -> text.append(String.format(Locale.ROOT, "  %s %.4f", name, value)));
            line("%-11s%s", part, text.toString().strip());
          }
        });
  }

  void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  @Override
  public void close() {
    finish();
  }

  /** Takes the bar away, so that the results stand below it. */
  void finish() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}

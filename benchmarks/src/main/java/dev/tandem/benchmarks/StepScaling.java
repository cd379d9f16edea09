package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.StepCase;
import dev.tandem.benchmarks.cases.TandemStep;
import dev.tandem.benchmarks.timing.Turns;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.MathMode;
import dev.tandem.engine.RecurrentCell;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How the time and memory of a training step grow with the batch, the area of pictures and the
 * length of sequences. Prints a table of medians; the last columns say how time and memory grew for
 * each unit of work, relative to the first row of each group: 1 is in proportion.
 *
 * <p>Arguments: the number of threads, then the backend, by default {@code cpu}.
 */
public final class StepScaling {
  private static final Turns TURNS = new Turns(25, 0.02, 3, 2);

  private final String backend;
  private final int threads;
  private final PrintStream out;

  private StepScaling(String backend, int threads, PrintStream out) {
    this.backend = backend;
    this.threads = threads;
    this.out = out;
  }

  /** Measures and prints. */
  public static void main(String[] arguments) {
    if (arguments.length == 0) {
      throw new IllegalArgumentException("no number of threads (give 1 or 2, then a backend)");
    }
    String backend = arguments.length > 1 ? arguments[1] : "cpu";
    new StepScaling(backend, Integer.parseInt(arguments[0]), System.out).run();
  }

  private void run() {
    out.println(
        "| step | threads | ms | GFLOP/s | MiB | time / work | memory / work |\n"
            + "|---|---|---|---|---|---|---|");
    List<StepCase> batches = new ArrayList<>();
    for (int batch : new int[] {16, 32, 64, 128, 256}) {
      batches.add(StepCase.cnn(batch, 28));
    }
    group(batches);
    List<StepCase> sides = new ArrayList<>();
    for (int side : new int[] {28, 56, 84, 128}) {
      sides.add(StepCase.cnn(16, side));
    }
    group(sides);
    List<StepCase> lengths = new ArrayList<>();
    for (int steps : new int[] {50, 100, 250, 500, 1000}) {
      lengths.add(StepCase.recurrent(RecurrentCell.LSTM, 32, steps, 128));
    }
    group(lengths);
  }

  private void group(List<StepCase> cases) {
    double firstWork = 0;
    double firstSeconds = 0;
    double firstBytes = 0;
    for (StepCase step : cases) {
      // Of the input: flops would hide what is not arithmetic.
      double work = (double) step.batch() * step.network().input().elements();
      try (TandemStep ours = step.prepare(backend, new BackendOptions(threads, MathMode.FP32))) {
        ours.checked();
        double seconds = TURNS.measure(ours::run).median();
        if (firstWork == 0) {
          firstWork = work;
          firstSeconds = seconds;
          firstBytes = ours.bytes();
        }
        out.printf(
            Locale.ROOT,
            "| %s | %d | %.2f | %.1f | %.1f | %.2f | %.2f |%n",
            step.name(),
            threads,
            seconds * 1e3,
            step.work().flops() / seconds * 1e-9,
            ours.bytes() / 1048576.0,
            seconds / firstSeconds / (work / firstWork),
            ours.bytes() / firstBytes / (work / firstWork));
      }
    }
  }
}

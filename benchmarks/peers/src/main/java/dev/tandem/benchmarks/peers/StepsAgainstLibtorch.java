package dev.tandem.benchmarks;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Training steps of the {@code cpu} backend and of libtorch, in {@linkplain Turns alternating
 * turns} in one process, with equal first weights and data. Prints a table of medians.
 *
 * <p>Arguments: the number of threads of both sides, then beginnings of the names of the cases,
 * such as {@code cnn} or {@code lstm-n1}; without them all.
 */
public final class StepsAgainstLibtorch {
  private static final Turns TURNS = new Turns(25, 0.06, 3);

  /** Larger differences of first losses than this, relative to the loss, are errors. */
  private static final double ROUNDING = 1e-4;

  private static final int CHECKED_STEPS = 5;

  private final int threads;
  private final PrintStream out;

  private StepsAgainstLibtorch(int threads, PrintStream out) {
    this.threads = threads;
    this.out = out;
  }

  /** Measures and prints. */
  public static void main(String[] arguments) {
    if (arguments.length == 0) {
      throw new IllegalArgumentException("no number of threads (give 1 or 2, then names of cases)");
    }
    List<String> beginnings = Arrays.asList(arguments).subList(1, arguments.length);
    List<StepCase> cases =
        StepCase.all().stream()
            .filter(
                step ->
                    beginnings.isEmpty()
                        || beginnings.stream().anyMatch(step.name()::startsWith))
            .toList();
    if (cases.isEmpty()) {
      throw new IllegalArgumentException(
          "no case begins with %s (there are %s)"
              .formatted(beginnings, StepCase.all().stream().map(StepCase::name).toList()));
    }
    // Read when libtorch is loaded. Offline, DJL takes its libraries from the class path alone.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", arguments[0]);
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    new StepsAgainstLibtorch(Integer.parseInt(arguments[0]), System.out).run(cases);
  }

  private void run(List<StepCase> cases) {
    out.println(
        "| step | threads | ours, ms: median, fastest | libtorch, ms: median, fastest | ratio | ours, GFLOP/s |");
    out.println("|---|---|---|---|---|---|");
    for (StepCase step : cases) {
      try (TandemStep ours = new TandemStep(step, "cpu", threads);
          LibtorchStep theirs = new LibtorchStep(step, ours)) {
        check(step, ours, theirs);
        Turns.Medians medians = TURNS.alternate(ours::run, theirs::run);
        out.printf(
            Locale.ROOT,
            "| %s | %d | %.2f, %.2f | %.2f, %.2f | %.2f | %.1f |%n",
            step.name(),
            threads,
            medians.ours() * 1e3,
            medians.ourFastest() * 1e3,
            medians.theirs() * 1e3,
            medians.theirFastest() * 1e3,
            medians.ratio(),
            step.flops() / medians.ours() * 1e-9);
      }
    }
  }

  /** Throws unless both begin with the same loss, and it falls on both sides. */
  private static void check(StepCase step, TandemStep ours, LibtorchStep theirs) {
    double ourFirst = ours.run();
    double theirFirst = theirs.run();
    if (!(Math.abs(ourFirst - theirFirst) <= ROUNDING * theirFirst)) {
      throw new IllegalStateException(
          "%s: our first loss is %s, libtorch's %s".formatted(step.name(), ourFirst, theirFirst));
    }
    double ourLast = ourFirst;
    double theirLast = theirFirst;
    for (int i = 0; i < CHECKED_STEPS; i++) {
      ourLast = ours.run();
      theirLast = theirs.run();
    }
    TandemStep.checkFalls(step.name() + ", ours", ourFirst, ourLast);
    TandemStep.checkFalls(step.name() + ", libtorch's", theirFirst, theirLast);
    if (!(Math.abs(ourLast - theirLast) <= ROUNDING * theirLast)) {
      throw new IllegalStateException(
          "%s: after %d steps our loss is %s, libtorch's %s"
              .formatted(step.name(), CHECKED_STEPS, ourLast, theirLast));
    }
  }
}

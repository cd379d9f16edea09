package dev.tandem.models.cli;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.models.selftest.SelfTest;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tandem selftest}. */
@Command(
    name = "selftest",
    description = {
      "Checks an engine against the scalar one in FLOAT64: the operations of every family over several shapes, and short"
          + " trainings whose every loss must agree. Errors are given as a part of what is allowed: below 1 is right."
    },
    footer = {"  tandem selftest", "  tandem selftest --backend cuda"})
final class SelfTestCommand implements Callable<Integer> {
  private static final String ROW = "%-12s  %6s  %6s  %s%n";

  @Spec private CommandSpec spec;

  @Mixin private BackendChoice choice;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<SelfTest.Result> results;
    try (Backend subject = choice.open();
        Backend oracle = Backends.open("scalar", BackendOptions.defaults())) {
      out.printf("%s: %s%n", subject.info().id(), subject.info().device());
      subject.info().details().forEach((name, value) -> out.printf("  %s: %s%n", name, value));
      out.printf(Locale.ROOT, ROW, "checked", "checks", "failed", "largest error");
      results = new SelfTest(subject, oracle).run(result -> print(out, result));
    }
    int checks = results.stream().mapToInt(SelfTest.Result::checks).sum();
    List<String> failed = results.stream().flatMap(result -> result.failed().stream()).toList();
    if (!failed.isEmpty()) {
      failed.forEach(line -> out.printf("WRONG %s%n", line));
      throw new CommandFailure(
          "%d of %d checks failed (please report it with this output)"
              .formatted(failed.size(), checks));
    }
    out.printf(Locale.ROOT, "all %d passed%n", checks);
    return 0;
  }

  private static void print(PrintWriter out, SelfTest.Result result) {
    String error = String.format(Locale.ROOT, "%.3f", result.error());
    out.printf(Locale.ROOT, ROW, result.name(), result.checks(), result.failed().size(), error);
    out.flush();
  }
}

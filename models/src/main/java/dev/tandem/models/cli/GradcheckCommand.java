package dev.tandem.models.cli;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.models.GradientCheck;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tandem gradcheck}. */
@Command(
    name = "gradcheck",
    description = {
      "Checks the derivatives of every layer, preset and loss against central finite differences, on the scalar backend in"
          + " FLOAT64. Relative errors must stay below 1e-6."
    },
    footer = {"  tandem gradcheck", "  tandem gradcheck --seed 7"})
final class GradcheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of parameters, inputs and the elements that are sampled.")
  private long seed;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<GradientCheck.Result> results;
    try (Backend backend = Backends.open("scalar", BackendOptions.defaults())) {
      results = new GradientCheck(backend, seed).all();
    }
    int width = results.stream().mapToInt(result -> result.name().length()).max().orElse(0);
    String row = "%-" + width + "s  %9s  %5s  %11s  %s%n";
    out.printf(Locale.ROOT, row, "checked", "elements", "kinks", "worst error", "where");
    for (GradientCheck.Result result : results) {
      out.printf(
          Locale.ROOT,
          row,
          result.name(),
          result.checked(),
          result.kinks(),
          String.format(Locale.ROOT, "%.1e", result.worst()),
          result.where() + (result.passed() ? "" : "  WRONG"));
    }
    List<String> wrong =
        results.stream().filter(r -> !r.passed()).map(GradientCheck.Result::name).toList();
    if (!wrong.isEmpty()) {
      throw new CommandFailure(
          "%d of %d derivatives are wrong: %s (compare forward and backward of the layer)"
              .formatted(wrong.size(), results.size(), String.join(", ", wrong)));
    }
    out.printf(Locale.ROOT, "all %d passed%n", results.size());
    return 0;
  }
}

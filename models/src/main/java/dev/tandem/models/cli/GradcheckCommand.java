package dev.tandem.models.cli;

import dev.tandem.datasets.Nearest;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import dev.tandem.models.GradientCheck;
import dev.tandem.models.GradientComparison;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tandem gradcheck}. */
@Command(
    name = "gradcheck",
    description = {
      "Checks the derivatives of every layer, preset and loss against central finite differences, on the scalar backend in"
          + " FLOAT64. Relative errors must stay below 1e-6.",
      "Another backend computes in FLOAT32, where finite differences are too coarse: its derivatives are compared with those"
          + " of the scalar backend. Errors, as a part of a parameter's largest derivative, must stay below 1e-4."
    },
    footer = {
      "  tandem gradcheck",
      "  tandem gradcheck --seed 7",
      "  tandem gradcheck --backend cuda"
    })
final class GradcheckCommand implements Callable<Integer> {
  private static final String SCALAR = "scalar";

  @Spec private CommandSpec spec;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of parameters, inputs and the elements that are sampled.")
  private long seed;

  @Option(
      names = "--backend",
      paramLabel = "ID",
      defaultValue = SCALAR,
      completionCandidates = BackendChoice.Names.class,
      description = "The engine: ${COMPLETION-CANDIDATES}.")
  private String backend;

  /** A line of the table. */
  private record Line(String name, boolean passed, List<String> numbers, String where) {}

  @Override
  public Integer call() {
    List<String> names = BackendChoice.names();
    if (!names.contains(backend)) {
      throw new ParameterException(spec.commandLine(), Nearest.unknown("backend", backend, names));
    }
    List<Line> lines = new ArrayList<>();
    String[] head;
    try (Backend engine = Backends.open(backend, BackendOptions.defaults());
        Backend oracle = Backends.open(SCALAR, BackendOptions.defaults())) {
      if (engine.info().id().equals(SCALAR)) {
        head = new String[] {"elements", "kinks", "worst error"};
        new GradientCheck(oracle, seed).all().forEach(result -> lines.add(line(result)));
      } else {
        head = new String[] {"elements", "worst error"};
        new GradientComparison(engine, oracle, seed)
            .all()
            .forEach(result -> lines.add(line(result)));
      }
    }
    print(head, lines);
    return 0;
  }

  private static Line line(GradientCheck.Result result) {
    return new Line(
        result.name(),
        result.passed(),
        List.of("" + result.checked(), "" + result.kinks(), error(result.worst())),
        result.where());
  }

  private static Line line(GradientComparison.Result result) {
    return new Line(
        result.name(),
        result.passed(),
        List.of("" + result.checked(), error(result.worst())),
        result.where());
  }

  private static String error(double value) {
    return String.format(Locale.ROOT, "%.1e", value);
  }

  private void print(String[] head, List<Line> lines) {
    PrintWriter out = spec.commandLine().getOut();
    int width = lines.stream().mapToInt(line -> line.name().length()).max().orElse(0);
    String row = "%-" + width + "s" + "  %11s".repeat(head.length) + "  %s%n";
    out.printf(row, cells("checked", List.of(head), "where"));
    for (Line line : lines) {
      String where = line.where() + (line.passed() ? "" : "  WRONG");
      out.printf(row, cells(line.name(), line.numbers(), where));
    }
    List<String> wrong = lines.stream().filter(line -> !line.passed()).map(Line::name).toList();
    if (!wrong.isEmpty()) {
      throw new CommandFailure(
          "%d of %d derivatives are wrong: %s (compare forward and backward of the layer)"
              .formatted(wrong.size(), lines.size(), String.join(", ", wrong)));
    }
    out.printf(Locale.ROOT, "all %d passed%n", lines.size());
  }

  private static Object[] cells(String name, List<String> numbers, String where) {
    List<Object> cells = new ArrayList<>(List.of(name));
    cells.addAll(numbers);
    cells.add(where);
    return cells.toArray();
  }
}

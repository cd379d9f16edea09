package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.Cases;
import dev.tandem.benchmarks.cases.Suite;
import dev.tandem.benchmarks.cases.Verification;
import dev.tandem.benchmarks.roofline.DeviceLimits;
import dev.tandem.benchmarks.roofline.Machine;
import dev.tandem.datasets.Nearest;
import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.BackendProvider;
import dev.tandem.engine.Backends;
import dev.tandem.engine.MathMode;
import dev.tandem.models.cli.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code tandem bench}. */
@Command(
    name = "bench",
    description = {
      "Measures operations, recurrent cells and training steps on every backend that is here, and how far each is from what"
          + " the processor can do: a tour of about a minute, or whole suites. Every result is checked before it is timed."
          + " Writes a page with charts."
    },
    footer = {
      "  tandem bench",
      "  tandem bench --suite steps --backend cpu --threads 1",
      "  tandem bench --suite ops --only gemm --peers",
      "  tandem bench --suite large --backend cuda --math tf32"
    })
final class BenchCommand implements Callable<Integer> {
  /** A second measurement of the peak that differs by more tells of other programs. */
  private static final double QUIET = 0.1;

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  /** What can be measured. */
  enum Choice {
    OPS(Suite.OPS),
    CELLS(Suite.CELLS),
    STEPS(Suite.STEPS),
    LARGE(Suite.LARGE),
    FULL(Suite.OPS, Suite.CELLS, Suite.STEPS);

    private final List<Suite> suites;

    Choice(Suite... suites) {
      this.suites = List.of(suites);
    }
  }

  /** The names that {@code --backend} takes. */
  static final class Names extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Names() {
      super(Backends.providers().stream().map(BackendProvider::id).toList());
    }
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--suite",
      paramLabel = "SUITE",
      description =
          "All cases of a suite, measured longer: ${COMPLETION-CANDIDATES} (default: a tour)."
              + " Those of 'large' fill a GPU, and are not in 'full'.")
  private Choice suite;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      description = "Only cases whose name contains this, for example gemm or lstm.")
  private String only;

  @Option(
      names = "--backend",
      paramLabel = "ID",
      split = ",",
      completionCandidates = Names.class,
      description = "These alone: ${COMPLETION-CANDIDATES} (default: all that are here).")
  private List<String> chosen;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads, of peers too (default: one for each processor).")
  private Integer threads;

  @Option(
      names = "--math",
      paramLabel = "MODE",
      defaultValue = "fp32",
      description = "The arithmetic of matrix products: fp32, tf32, bf16.")
  private MathMode math;

  @Option(
      names = "--peers",
      description = "Measures other libraries beside ours, in alternating turns.")
  private boolean withPeers;

  @Option(
      names = "--json",
      description = "Prints machine and rows as one JSON object in the last line.")
  private boolean json;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the page, the picture and the JSON go (default: runs/TIME-bench).")
  private Path directory;

  @Override
  public Integer call() {
    List<Case> cases = cases();
    List<String> backends = backends();
    int number = threads();
    List<Peer> peers = peers(number);
    PrintWriter out = spec.commandLine().getOut();
    if (chosen == null) {
      Environment.missing().forEach(out::println);
    }
    out.println("measuring what the processor can do ...");
    out.flush();
    Map<Integer, Machine> limits = new TreeMap<>();
    Machine.measure(List.copyOf(new TreeSet<>(List.of(1, number))))
        .forEach(machine -> limits.put(machine.threads(), machine));
    Map<String, Object> machine =
        Environment.describe(backends, new BackendOptions(number, math), limits.values(), peers);
    describe(out, limits.get(number));
    DeviceLimits device = device(backends, number);
    if (device != null) {
      machine.put(Measurement.CUDA, Environment.describe(device));
      describe(out, device);
    }
    Measurement measurement =
        new Measurement(
            backends,
            new BackendOptions(number, math),
            limits,
            device == null ? null : device.roofs(),
            peers,
            suite == null ? Effort.TOUR : Effort.THOROUGH);
    ResultTable table = new ResultTable(out);
    List<Row> rows = new ArrayList<>();
    for (Case each : cases) {
      measurement.measure(
          each,
          row -> {
            rows.add(row);
            table.add(row);
          });
    }
    List<String> notes = notes(limits.get(number), rows);
    out.println();
    notes.forEach(out::println);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("machine", machine);
    result.put("rows", rows.stream().map(Row::json).toList());
    String line = JsonMapper.shared().writeValueAsString(result);
    write(new BenchReport(machine, limits.get(number), rows, notes), line, out);
    if (json) {
      out.println(line);
    }
    return 0;
  }

  private List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    if (suite == null) {
      cases.addAll(Cases.tour());
    } else {
      suite.suites.forEach(each -> cases.addAll(Cases.of(each)));
    }
    List<String> names = cases.stream().map(Case::name).toList();
    if (only != null) {
      cases.removeIf(each -> !each.name().contains(only));
    }
    if (cases.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--only: no case contains '%s' (there are %s)".formatted(only, String.join(", ", names)));
    }
    return cases;
  }

  private List<String> backends() {
    if (chosen == null) {
      return Environment.available();
    }
    for (String id : chosen) {
      if (!new Names().contains(id)) {
        throw new ParameterException(
            spec.commandLine(), Nearest.unknown("backend", id, new Names()));
      }
      // What stands in the way of a backend that was asked for is an error, at once.
      Backends.open(id, new BackendOptions(1, math)).close();
      if (!Environment.available().contains(id)) {
        throw new CommandFailure(
            "--backend %s: this is a stand-in for the device, whose times mean nothing (measure on a machine that has one)"
                .formatted(id));
      }
    }
    return chosen;
  }

  private int threads() {
    BackendOptions defaults = BackendOptions.defaults();
    try {
      return threads == null ? defaults.threads() : defaults.withThreads(threads).threads();
    } catch (IllegalArgumentException outOfRange) {
      throw new ParameterException(spec.commandLine(), "--" + outOfRange.getMessage());
    }
  }

  private List<Peer> peers(int number) {
    List<Peer> peers = new ArrayList<>();
    if (withPeers) {
      ServiceLoader.load(Peer.class).forEach(peers::add);
      if (peers.isEmpty()) {
        throw new CommandFailure(
            "--peers: no other library is in this build"
                + " (./mvnw -Ppeers -pl benchmarks/peers -am -DskipTests package adds them)");
      }
      peers.forEach(peer -> peer.open(number));
    }
    return peers;
  }

  /** Measures what the device can do; null if it is not asked for. */
  private DeviceLimits device(List<String> backends, int number) {
    if (!backends.contains(Measurement.CUDA)) {
      return null;
    }
    try (Backend backend = Backends.open(Measurement.CUDA, new BackendOptions(number, math))) {
      return DeviceLimits.measure(backend);
    }
  }

  private static void describe(PrintWriter out, DeviceLimits device) {
    Environment.describe(device)
        .forEach((name, value) -> out.printf("%s %s: %s%n", Measurement.CUDA, name, value));
  }

  private static void describe(PrintWriter out, Machine machine) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d thread%s: %.0f GFLOP/s at most; GB/s by working set:",
            machine.threads(),
            machine.threads() == 1 ? "" : "s",
            machine.peak() * 1e-9));
    for (Machine.Bandwidth at : machine.bandwidth()) {
      text.append(
          String.format(
              Locale.ROOT,
              " %.0f (%s)",
              at.bytesPerSecond() * 1e-9,
              Environment.size(at.workingSet())));
    }
    out.println(text);
  }

  private static List<String> notes(Machine machine, List<Row> rows) {
    List<String> notes = new ArrayList<>();
    double again = Machine.peak(machine.threads());
    if (Math.abs(again / machine.peak() - 1) > QUIET) {
      notes.add(
          String.format(
              Locale.ROOT,
              "The machine was not quiet: the peak was %.0f GFLOP/s before and %.0f after (percentages are uncertain; repeat).",
              machine.peak() * 1e-9,
              again * 1e-9));
    }
    List<String> allocating =
        rows.stream()
            .filter(row -> row.allocatedBytes() > 0 && !row.backend().equals(Verification.ORACLE))
            .map(row -> row.measured().name())
            .distinct()
            .toList();
    if (!allocating.isEmpty()) {
      notes.add(
          "Not compiled to its end, or a defect (0 bytes of heap are expected): "
              + String.join(", ", allocating)
              + ".");
    }
    return notes;
  }

  private void write(BenchReport report, String line, PrintWriter out) {
    Path to =
        directory == null
            ? Path.of("runs", TIME.format(LocalDateTime.now()) + "-bench")
            : directory;
    try {
      Files.createDirectories(to);
      Files.writeString(to.resolve("bench.html"), report.page());
      Files.writeString(to.resolve("roofline.svg"), report.picture());
      Files.writeString(to.resolve("bench.json"), line + "\n");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    out.printf("written: %s%n", to.resolve("bench.html"));
  }
}

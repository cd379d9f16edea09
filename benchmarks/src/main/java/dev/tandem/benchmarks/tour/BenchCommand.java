package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.Cases;
import dev.tandem.benchmarks.cases.GemmCases;
import dev.tandem.benchmarks.cases.MemoryCases;
import dev.tandem.benchmarks.cases.StepCase;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
      "  tandem bench --suite gemm --backend cpu --threads 1,2 --peers=openblas",
      "  tandem bench --suite large --backend cuda --math tf32"
    })
final class BenchCommand implements Callable<Integer> {
  /** A second measurement of the peak that differs by more tells of other programs. */
  private static final double QUIET = 0.1;

  /** What {@code --peers} means without names. */
  private static final String ALL = "all";

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  /** What can be measured. */
  enum Choice {
    OPS,
    CELLS,
    STEPS,
    FULL,
    GEMM,
    SCALING,
    LARGE,
    MEMORY;

    List<Case> cases() {
      return switch (this) {
        case OPS, CELLS, STEPS -> Cases.of(Suite.valueOf(name()));
        case FULL -> Stream.of(Suite.values()).flatMap(suite -> Cases.of(suite).stream()).toList();
        case GEMM -> GemmCases.all();
        case MEMORY -> MemoryCases.all();
        case LARGE -> List.copyOf(StepCase.large());
        case SCALING -> Cases.scaling().stream().<Case>flatMap(List::stream).toList();
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
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
          "All cases of a suite, measured longer: ${COMPLETION-CANDIDATES} (default: a tour). full is ops, cells and steps;"
              + " gemm has more products, scaling steps of growing sizes, large steps that fill a GPU, memory operations"
              + " on what no second-level cache holds.")
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
      split = ",",
      description =
          "CPU threads, of peers too; several, such as 1,2, are measured one after the other (default: one for each"
              + " processor).")
  private List<Integer> threads;

  @Option(
      names = "--math",
      paramLabel = "MODE",
      defaultValue = "fp32",
      description = "The arithmetic of matrix products: fp32, tf32, bf16.")
  private MathMode math;

  @Option(
      names = "--peers",
      paramLabel = "NAME",
      arity = "0..1",
      fallbackValue = ALL,
      split = ",",
      description =
          "Measures other libraries beside ours, in alternating turns: all that are in this build, or those whose names begin"
              + " so, for example --peers=openblas.")
  private List<String> withPeers;

  @Option(
      names = "--json",
      description = "Prints machine and rows as one JSON object in the last line.")
  private boolean json;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where the page, the picture, Markdown to paste and the JSON go (default: runs/TIME-bench).")
  private Path directory;

  @Override
  public Integer call() {
    List<Case> cases = cases();
    List<String> backends = backends();
    List<Integer> numbers = threads();
    int most = numbers.get(numbers.size() - 1);
    List<Peer> peers = peers(most);
    Path to = directory();
    PrintWriter out = spec.commandLine().getOut();
    if (chosen == null) {
      Environment.missing().forEach(out::println);
    }
    out.println("measuring what the processor can do ...");
    out.flush();
    TreeSet<Integer> measured = new TreeSet<>(numbers);
    measured.add(1);
    Map<Integer, Machine> limits = new TreeMap<>();
    Machine.measure(List.copyOf(measured))
        .forEach(machine -> limits.put(machine.threads(), machine));
    Map<String, Object> machine =
        Environment.describe(backends, numbers, math, limits.values(), peers);
    numbers.forEach(number -> describe(out, limits.get(number)));
    DeviceLimits device = device(backends);
    if (device != null) {
      machine.put(Measurement.CUDA, Environment.describe(device));
      describe(out, device);
    }
    Measurement measurement =
        new Measurement(
            backends,
            numbers,
            math,
            limits,
            device == null ? null : device.roofs(),
            peers,
            suite == null ? Effort.TOUR : Effort.THOROUGH);
    ResultTable table = new ResultTable(out, !peers.isEmpty());
    List<Row> rows = new ArrayList<>();
    for (Case each : cases) {
      measurement.measure(
          each,
          row -> {
            rows.add(row);
            table.add(row);
          });
    }
    List<String> notes = notes(limits.get(most), rows);
    Summary summary = new Summary(heading(machine, limits, notes), rows);
    out.println();
    summary.lines().forEach(out::println);
    notes.forEach(out::println);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("machine", machine);
    result.put("rows", rows.stream().map(Row::json).toList());
    String line = JsonMapper.shared().writeValueAsString(result);
    write(to, new BenchReport(machine, limits, rows, notes, summary.lines()), summary, line);
    out.printf("written: %s%n", to.resolve("bench.html"));
    if (json) {
      out.println(line);
    }
    return 0;
  }

  private List<String> heading(
      Map<String, Object> machine, Map<Integer, Machine> limits, List<String> notes) {
    List<String> lines = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    text.append("%s, Java %s".formatted(Environment.device(machine), machine.get("java")));
    limits.forEach(
        (number, limit) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "; %d thread%s: %.0f GFLOP/s at most",
                    number,
                    number == 1 ? "" : "s",
                    limit.peak() * 1e-9)));
    lines.add(text + ".");
    if (machine.get("peers") instanceof List<?> peers && !peers.isEmpty()) {
      lines.add(
          "Peers: %s.".formatted(String.join("; ", peers.stream().map(String::valueOf).toList())));
    }
    lines.add(
        "`tandem "
            + String.join(" ", spec.root().commandLine().getParseResult().originalArgs())
            + "`, %s.".formatted(LocalDateTime.now().toLocalDate()));
    lines.addAll(notes);
    return lines;
  }

  private List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    // Growing sizes begin with the same step more than once.
    Set<String> seen = new HashSet<>();
    for (Case each : suite == null ? Cases.tour() : suite.cases()) {
      if (seen.add(each.name())) {
        cases.add(each);
      }
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

  /** Returns the numbers of threads, ascending. */
  private List<Integer> threads() {
    BackendOptions defaults = BackendOptions.defaults();
    if (threads == null) {
      return List.of(defaults.threads());
    }
    try {
      threads.forEach(defaults::withThreads);
    } catch (IllegalArgumentException outOfRange) {
      throw new ParameterException(spec.commandLine(), "--" + outOfRange.getMessage());
    }
    return List.copyOf(new TreeSet<>(threads));
  }

  private List<Peer> peers(int number) {
    if (withPeers == null) {
      return List.of();
    }
    List<Peer> present = new ArrayList<>();
    ServiceLoader.load(Peer.class).forEach(present::add);
    if (present.isEmpty()) {
      throw new CommandFailure(
          "--peers: no other library is in this build"
              + " (./mvnw -Ppeers -pl benchmarks/peers -am -DskipTests package adds them)");
    }
    Set<Peer> peers = new LinkedHashSet<>();
    for (String name : withPeers) {
      String start = name.equals(ALL) ? "" : name.toLowerCase(Locale.ROOT);
      List<Peer> meant =
          present.stream()
              .filter(peer -> peer.name().toLowerCase(Locale.ROOT).startsWith(start))
              .toList();
      if (meant.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(),
            "--peers: there is no '%s' (there are %s)"
                .formatted(name, String.join(", ", present.stream().map(Peer::name).toList())));
      }
      peers.addAll(meant);
    }
    peers.forEach(peer -> peer.open(number));
    return List.copyOf(peers);
  }

  /** Makes the directory before anything is measured. */
  private Path directory() {
    Path to =
        directory == null
            ? Path.of("runs", TIME.format(LocalDateTime.now()) + "-bench")
            : directory;
    try {
      Files.createDirectories(to);
    } catch (IOException failure) {
      throw new CommandFailure(
          "--out: cannot make the directory %s (give one that can be written)".formatted(to));
    }
    return to;
  }

  /** Measures what the device can do; null if it is not asked for. */
  private DeviceLimits device(List<String> backends) {
    if (!backends.contains(Measurement.CUDA)) {
      return null;
    }
    try (Backend backend = Backends.open(Measurement.CUDA, new BackendOptions(1, math))) {
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

  private static void write(Path to, BenchReport report, Summary summary, String line) {
    try {
      Files.writeString(to.resolve("bench.html"), report.page());
      Files.writeString(to.resolve("roofline.svg"), report.picture());
      Files.writeString(to.resolve("bench.md"), summary.markdown());
      Files.writeString(to.resolve("bench.json"), line + "\n");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}

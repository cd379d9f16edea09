package dev.tandem.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SuitesTest {
  @TempDir private Path folder;

  /**
   * A suite and parameters that make it quick.
   *
   * @param name of its class, without Benchmark
   */
  record Smoke(String name, Map<String, String> parameters) {}

  static Stream<Smoke> suites() {
    Map<String, String> cell = Map.of("batch", "2", "time", "3", "hidden", "9", "pass", "TRAINING");
    return Stream.of(
        new Smoke("Gemm", Map.of("shape", "17x9x33xB")),
        new Smoke("Conv2d", Map.of("shape", "2x3x7x5x3x1x1x1", "direction", "backwardFilter")),
        new Smoke("Pool2d", Map.of("shape", "2x3x7x2x2x0", "mode", "AVERAGE", "backward", "true")),
        new Smoke("Elementwise", Map.of("shape", "7x53", "broadcast", "ROW", "operation", "ADD")),
        new Smoke("Activations", Map.of("shape", "7x53", "function", "GELU", "backward", "true")),
        new Smoke("Softmax", Map.of("shape", "7x53")),
        new Smoke("Losses", Map.of("shape", "7x53")),
        new Smoke("Reductions", Map.of("shape", "7x53", "axis", "COLUMNS")),
        new Smoke("Norms", Map.of("shape", "7x53")),
        new Smoke("BatchNorm", Map.of("shape", "2x3x5")),
        new Smoke("Dropout", Map.of("shape", "7x53")),
        new Smoke("Embedding", Map.of("shape", "37x101x13")),
        new Smoke("Optimizers", Map.of("parameters", "1001", "adam", "true")),
        new Smoke("Rnn", cell),
        new Smoke("Lstm", cell),
        new Smoke("Gru", cell),
        new Smoke("Step", Map.of("step", "rnn-n1-t50-h128")));
  }

  @ParameterizedTest
  @MethodSource("suites")
  void everySuiteRuns(Smoke smoke) throws Exception {
    OptionsBuilder options = new OptionsBuilder();
    options
        .include("\\." + smoke.name() + "Benchmark\\.")
        .forks(0)
        .warmupIterations(0)
        .measurementIterations(1)
        .measurementTime(TimeValue.milliseconds(1))
        .param("threads", "2")
        .verbosity(VerboseMode.SILENT)
        .shouldFailOnError(true);
    smoke.parameters().forEach(options::param);
    Collection<RunResult> results = new Runner(options.build()).run();
    assertThat(results).hasSize(1);
    assertThat(results.iterator().next().getPrimaryResult().getSampleCount()).isPositive();
  }

  @Test
  void noSuiteIsForgotten() {
    TreeSet<String> found = new TreeSet<>();
    BenchmarkList.defaultList()
        .getAll(OutputFormatFactory.createFormatInstance(silent(), VerboseMode.SILENT), List.of())
        .forEach(
            entry ->
                found.add(entry.getUsername().replaceFirst(".*\\.(\\w+)Benchmark\\.run", "$1")));
    List<String> names = new ArrayList<>(suites().map(Smoke::name).sorted().toList());
    assertThat(found).containsExactlyElementsOf(names);
  }

  private static PrintStream silent() {
    return new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
  }

  private String run(int exitCode, String... arguments) throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Suites.run(arguments, new PrintStream(err, true, StandardCharsets.UTF_8));
    assertThat(code).as("exit code, with %s", err).isEqualTo(exitCode);
    return err.toString(StandardCharsets.UTF_8);
  }

  /** The oracle's recurrent layers make arrays in each run. */
  @Test
  void anAllocationFailsAndIsNamed() throws Exception {
    Path json = folder.resolve("out.json");
    String err =
        run(
            1,
            ("RnnBenchmark -f 0 -wi 0 -i 1 -r 50ms -v SILENT -p backend=scalar -p threads=1"
                    + " -p pass=TRAINING -p batch=2 -p time=9 -p hidden=32 -rff "
                    + json)
                .split(" "));
    assertThat(err)
        .startsWith("suites: Rnn backend=scalar ")
        .contains("threads=1", " allocates ", "bytes a run (expected 0: ");
    JsonNode results = JsonMapper.shared().readTree(Files.readString(json));
    assertThat(results.size()).isEqualTo(1);
    assertThat(results.get(0).get("secondaryMetrics").has("gc.alloc.rate.norm")).isTrue();
  }

  @Test
  void wrongArgumentsAreExplained() throws Exception {
    assertThat(run(2, "-frk")).startsWith("suites: ").contains("-h lists");
    assertThat(run(2, "-l")).contains("org.openjdk.jmh.Main");
  }
}

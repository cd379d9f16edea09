package dev.tandem.benchmarks.tour;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.models.cli.Tandem;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("bench"));
    all.addAll(List.of(arguments));
    return Tandem.execute(
        all.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
  }

  private String lastLine() {
    List<String> lines = out.toString().lines().toList();
    return lines.get(lines.size() - 1);
  }

  @Test
  void theLastLineIsMachineAndRowsAndThePageHoldsThem() throws Exception {
    Path to = folder.resolve("new/bench");
    assertThat(run("--only", "gemm 64", "--threads", "2,1", "--json", "--out", to.toString()))
        .as(err.toString())
        .isZero();

    JsonNode result = JsonMapper.shared().readTree(lastLine());
    assertThat(result.propertyNames()).containsExactly("machine", "rows");
    assertThat(result.get("machine").propertyNames())
        .contains("backends", "threads", "java", "tandem", "peakGflops");
    assertThat(result.get("rows").valueStream().map(row -> row.get("backend").asString()))
        .containsExactly("cpu", "cpu", "scalar");
    assertThat(result.get("rows").valueStream().map(row -> row.get("threads").asInt()))
        .containsExactly(1, 2, 1);
    for (JsonNode row : result.get("rows")) {
      assertThat(row.propertyNames())
          .contains(
              "suite",
              "name",
              "backend",
              "milliseconds",
              "allocatedBytes",
              "gflops",
              "percentOfPeak",
              "bound",
              "peer",
              "peerMilliseconds",
              "ratio");
      assertThat(row.get("suite").asString()).isEqualTo("ops");
      assertThat(row.get("name").asString()).isEqualTo("gemm 64x64x64");
      assertThat(row.get("bound").asString()).isIn("compute", "memory", "overhead");
      assertThat(row.get("peer").isNull()).isTrue();
      double seconds = row.get("milliseconds").asDouble() * 1e-3;
      assertThat(row.get("gflops").asDouble() * seconds * 1e9).isBetween(524287.0, 524289.0);
    }

    assertThat(Files.readString(to.resolve("bench.json")).strip()).isEqualTo(lastLine());
    for (String file : List.of("bench.html", "roofline.svg")) {
      String page = Files.readString(to.resolve(file));
      assertThat(page).contains("gemm 64x64x64", "GFLOP/s").doesNotContain("NaN", "Infinity");
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(page)));
    }
    assertThat(Files.readString(to.resolve("bench.md")))
        .contains("`tandem bench --only gemm 64 --threads 2,1", "## ops on cpu, 1 thread\n")
        .contains("| 1 thread / this |\n| --- |", "\n| gemm 64x64x64 | ")
        .doesNotContain("scalar");
    assertThat(out.toString()).contains("gemm 64x64x64", "of limit", "written: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --suite opps      | --suite: 'opps' is not a valid value (did you mean 'ops'? valid: ops, cells, steps, full, gemm, scaling, large, memory)
          --threads 0       | --threads is 0 (give a number from 1 to 1024)
          --threads two     | --threads: 'two' is not a whole number (tandem bench --help explains)
          --backend cpuu    | unknown backend 'cpuu' (did you mean 'cpu'? there are: cuda, cpu, scalar)
          --peer            | unknown option '--peer' (did you mean '--peers'? tandem bench --help lists all)
          """)
  void wrongUsageIsOneLineAndExitCode2(String arguments, String message) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);
    assertThat(err.toString().lines()).containsExactly("tandem: " + message);
  }

  @Test
  void noCaseOfThatNameNamesThoseThatThereAre() {
    assertThat(run("--only", "gem ", "--suite", "steps")).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString())
        .startsWith("tandem: --only: no case contains 'gem ' (there are mlp-n128, ")
        .endsWith("rnn-n1-t50-h128)\n");
  }

  @Test
  void aDirectoryThatCannotBeIsToldBeforeAnythingIsMeasured() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThat(run("--out", file.resolve("bench").toString())).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).startsWith("tandem: --out: cannot make the directory ");
    assertThat(out.toString()).isEmpty();
  }

  /** This module's own tests have no peers on their class path. */
  @Test
  void peersThatAreNotInTheBuildAreAnErrorThatSaysHow() {
    assertThat(run("--peers")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "tandem: --peers: no other library is in this build"
                + " (./mvnw -Ppeers -pl benchmarks/peers -am -DskipTests package adds them)");
  }

  @Test
  void helpShowsExamples() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("tandem bench --suite steps", "--peers", "--json");
  }
}

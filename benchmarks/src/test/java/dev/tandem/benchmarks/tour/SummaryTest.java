package dev.tandem.benchmarks.tour;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.GemmCases;
import dev.tandem.benchmarks.cases.StepCase;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static Row row(Case of, int threads, double seconds, long memory, Row.PeerResult peer) {
    return new Row(of, "cpu", threads, seconds, seconds, 0, memory, null, peer);
  }

  private static Row.PeerResult peer(double seconds, double ratio) {
    return new Row.PeerResult("Other 1.0", seconds, ratio);
  }

  @Test
  void ratiosHaveAGeometricMeanAndALeastForEachNumberOfThreads() {
    Case small = GemmCases.product("2x2x2");
    Case large = GemmCases.product("4x4x4");
    Summary summary =
        new Summary(
            List.of("A machine."),
            List.of(
                row(small, 1, 1e-3, 0, peer(4e-3, 4)),
                row(small, 2, 0.8e-3, 0, peer(4e-3, 5)),
                row(large, 1, 1e-3, 0, peer(1e-3, 1)),
                row(large, 2, 0.5e-3, 0, null)));
    assertThat(summary.lines())
        .containsExactly(
            "ops on cpu, 1 thread, Other 1.0: 2 cases, geometric mean of the ratios 2.00, least 1.00"
                + " (gemm 4x4x4).",
            "ops on cpu, 2 threads, Other 1.0: 1 case, geometric mean of the ratios 5.00, least 5.00"
                + " (gemm 2x2x2).");
    assertThat(summary.markdown())
        .startsWith("A machine.\n\n- ops on cpu, 1 thread")
        .contains("| Other 1.0, ms | ratio |\n")
        .contains("| gemm 4x4x4 | 0.5000 | 0.5000 | 0.0 |  |  |  | none |  | 2.00 |\n");
  }

  @Test
  void growthIsRelativeToTheFirstOfItsGroup() {
    Summary summary =
        new Summary(
            List.of(),
            List.of(
                row(StepCase.cnn(16, 28), 1, 10e-3, 1 << 20, null),
                row(StepCase.cnn(32, 28), 1, 25e-3, 1 << 21, null)));
    assertThat(summary.markdown())
        .contains("## growth of steps on cpu, 1 thread\n")
        .contains("| cnn-n16-s28 | 10.00 |", " | 1.0 | 1.00 | 1.00 |\n")
        .contains("| cnn-n32-s28 | 25.00 |", " | 2.0 | 1.25 | 1.00 |\n");
  }
}

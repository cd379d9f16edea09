package dev.tandem.benchmarks.timing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimingTest {
  private static volatile Object kept;
  private int runs;

  @Test
  void allocationIsThatOfARun() {
    assertThat(Allocation.bytes(() -> runs++, 1000)).isZero();
    // 16 bytes of header and 1,000 of content, to the next multiple of 8.
    assertThat(Allocation.bytes(() -> kept = new byte[1000], 1000)).isBetween(1016L, 1032L);
  }

  @Test
  void warmUpEndsForWhatAlwaysAllocates() {
    WarmUp.run(
        () -> {
          kept = new byte[64];
          runs++;
        },
        0.001,
        0.02);
    assertThat(runs).isPositive();
  }

  @Test
  void aSlowRunIsMeasuredOnce() {
    Turns turns = new Turns(5, 0.0001, 0, 0);
    Turns.Time time =
        turns.measure(
            () -> {
              runs++;
              sleep();
            });
    assertThat(runs).isEqualTo(2);
    assertThat(time.median()).isEqualTo(time.fastest()).isPositive();
  }

  private static void sleep() {
    try {
      Thread.sleep(2);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  @Test
  void bothSidesTakeTurns() {
    List<String> order = new ArrayList<>();
    new Turns(3, 0.0001, 0, 10)
        .alternate(
            () -> {
              order.add("ours");
              sleep();
            },
            () -> {
              order.add("theirs");
              sleep();
            });
    // One each to see how long it takes, then the turns.
    assertThat(order)
        .containsExactly("ours", "theirs", "ours", "theirs", "ours", "theirs", "ours", "theirs");
  }
}

package dev.tandem.benchmarks.roofline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicLong;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** That the loops do what is counted; how fast they do it is the machine's. */
class ProbesTest {
  private static final int LANES = FloatVector.SPECIES_PREFERRED.length();

  /** Each vector starts at its index and goes half of its way to 1 in every repetition. */
  @Test
  void everyVectorIsComputedOnceInARepetition() {
    int vectors = ArithmeticProbe.flopsPerRepetition() / 2 / LANES;
    for (int repetitions : new int[] {0, 1, 2, 3}) {
      double expected = 0;
      for (int vector = 0; vector < vectors; vector++) {
        expected += LANES * (1 + (vector - 1) * Math.pow(0.5, repetitions));
      }
      assertThat((double) ArithmeticProbe.run(0, repetitions)).isCloseTo(expected, within(1e-3));
    }
  }

  @Test
  void theSumReadsEveryElementOnce() {
    int length = 8 * LANES * 3;
    float[] memory = new float[length + 5];
    for (int i = 0; i < length; i++) {
      memory[i + 3] = i;
    }
    assertThat((double) MemoryProbe.sum(memory, 3, length))
        .isCloseTo(length * (length - 1) / 2.0, within(1e-3));
  }

  @Test
  void theTriadWritesEveryElementOnceAndNothingElse() {
    int length = 8 * LANES * 2;
    int second = length + 256;
    int from = 6;
    float[] memory = new float[3 * second + from];
    for (int i = 0; i < memory.length; i++) {
      memory[i] = i % 97;
    }
    float[] before = memory.clone();
    MemoryProbe.triad(memory, from, length);
    for (int i = 0; i < memory.length; i++) {
      boolean written = i >= from && i < from + length;
      float expected = written ? before[i + second] + 0.5f * before[i + 2 * second] : before[i];
      assertThat(memory[i]).as("element %d", i).isEqualTo(expected);
    }
  }

  @Test
  void repetitionsOfAllThreadsCount() {
    AtomicLong repetitionsRun = new AtomicLong();
    double rate =
        Probe.perSecond(
            2,
            0.001,
            (thread, repetitions) -> {
              repetitionsRun.addAndGet(repetitions);
              long end = System.nanoTime() + repetitions * 1000L;
              while (System.nanoTime() < end) {
                Thread.onSpinWait();
              }
              return 0;
            });
    // Each takes a microsecond at least: no more than two million by two threads are possible.
    assertThat(rate).isPositive().isLessThanOrEqualTo(2.0e6);
    assertThat(repetitionsRun.get()).isPositive();
  }

  @Test
  void aLoopThatFailsIsNotMeasured() {
    assertThatThrownBy(
            () ->
                Probe.perSecond(
                    2,
                    0.001,
                    (thread, repetitions) -> {
                      throw new ArithmeticException("no");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("no");
  }
}

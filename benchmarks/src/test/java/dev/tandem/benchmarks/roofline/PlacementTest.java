package dev.tandem.benchmarks.roofline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.benchmarks.cases.Work;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
  /** 100 operations a second; 40 bytes a second from 64 bytes, 10 from 1,024 and beyond. */
  private static final Machine MACHINE =
      new Machine(1, 100, List.of(new Machine.Bandwidth(64, 40), new Machine.Bandwidth(1024, 10)));

  @ParameterizedTest
  @CsvSource({
    // flops, bytes, seconds: bound, percent of the peak, percent of the limit
    "1000,   40,   12,   COMPUTE,  83.333, 83.333",
    "1000,   40,   25,   OVERHEAD, 40,     40",
    "10,     64,   2,    MEMORY,   5,      80",
    "10,     2048, 256,  MEMORY,   0.039,  80",
    "10,     2048, 1024, OVERHEAD, 0.0098, 20",
    // As long for the one as for the other.
    "160,    64,   1.6,  COMPUTE,  100,    100",
  })
  void theLongerOfBothTimesIsTheLimit(
      double flops,
      double bytes,
      double seconds,
      Placement.Bound bound,
      double peak,
      double limit) {
    Placement placement = Placement.of(new Work(flops, bytes, 0), seconds, MACHINE);
    assertThat(placement.bound()).isEqualTo(bound);
    assertThat(placement.percentOfPeak()).isCloseTo(peak, within(1e-2));
    assertThat(placement.percentOfLimit()).isCloseTo(limit, within(1e-2));
  }

  @Test
  void bandwidthIsInterpolatedByRatiosOfSizes() {
    assertThat(MACHINE.bytesPerSecond(1)).isEqualTo(40);
    assertThat(MACHINE.bytesPerSecond(64)).isEqualTo(40);
    // 256 is half of the way from 64 to 1,024, in ratios.
    assertThat(MACHINE.bytesPerSecond(256)).isCloseTo(25, within(1e-9));
    assertThat(MACHINE.bytesPerSecond(1024)).isEqualTo(10);
    assertThat(MACHINE.bytesPerSecond(1e9)).isEqualTo(10);
  }

  @Test
  void aDipIsFilledByWhatALargerWorkingSetReached() {
    List<Machine.Bandwidth> measured =
        List.of(
            new Machine.Bandwidth(1, 7),
            new Machine.Bandwidth(2, 9),
            new Machine.Bandwidth(4, 3),
            new Machine.Bandwidth(8, 5));
    assertThat(Machine.withoutDips(measured).stream().map(Machine.Bandwidth::bytesPerSecond))
        .containsExactly(9.0, 9.0, 5.0, 5.0);
  }
}

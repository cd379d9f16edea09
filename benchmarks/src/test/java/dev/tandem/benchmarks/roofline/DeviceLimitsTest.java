package dev.tandem.benchmarks.roofline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.engine.Backend;
import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.Backends;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The probes of a device run on any backend; how fast is the device's. */
class DeviceLimitsTest {
  @Test
  void everythingIsMeasured() {
    try (Backend backend = Backends.open("cpu", BackendOptions.defaults().withThreads(1))) {
      DeviceLimits limits = DeviceLimits.measure(backend, 64, List.of(1L << 16, 1L << 18));
      assertThat(limits.roofs().peak()).isPositive().isFinite();
      assertThat(limits.roofs().bandwidth())
          .extracting(Machine.Bandwidth::workingSet)
          .containsExactly(1L << 16, 1L << 18);
      assertThat(limits.roofs().bandwidth())
          .allMatch(at -> at.bytesPerSecond() > 0 && Double.isFinite(at.bytesPerSecond()));
      assertThat(limits.callSeconds()).isPositive();
      assertThat(limits.replayedCallSeconds()).isPositive();
      assertThat(limits.replaySeconds()).isPositive();
    }
  }
}

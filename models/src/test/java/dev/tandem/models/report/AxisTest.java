package dev.tandem.models.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "0.93, 0.97",
    "-5, 3",
    "7, 7",
    "0, 0",
    "1e-30, 2e-30",
    "1e8, 100000001",
    "-1e30, 1e30",
    "1e-9, 1e9",
    "1.5e-45, 3.4e38",
    "4.9e-324, 1",
    "-3.4e38, 3.4e38",
    "1e16, 1e16"
  })
  void holdsEveryValueAndAFewTicks(double smallest, double largest) {
    Axis axis = Axis.ofValues(smallest, largest);
    assertThat(axis.position(smallest)).isBetween(-1e-9, 1 + 1e-9);
    assertThat(axis.position(largest)).isBetween(axis.position(smallest), 1 + 1e-9);
    assertThat(axis.ticks()).hasSizeBetween(2, 9);
    assertThat(axis.ticks())
        .allSatisfy(tick -> assertThat(axis.position(tick)).isBetween(-1e-9, 1 + 1e-9));
  }

  @Test
  void goesLogarithmicBeyondTwoDecades() {
    assertThat(Axis.ofValues(0.01, 1).logarithmic()).isFalse();
    Axis axis = Axis.ofValues(0.009, 1);
    assertThat(axis.logarithmic()).isTrue();
    assertThat(axis.ticks()).containsExactly(0.001, 0.01, 0.1, 1.0);
    assertThat(axis.position(0.1)).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(Axis.ofValues(0, 1000).logarithmic()).isFalse();
    assertThat(Axis.ofValues(-1, 1000).logarithmic()).isFalse();
  }

  @Test
  void countsInWholeSteps() {
    assertThat(Axis.ofCounts(1, 3).ticks()).containsExactly(1.0, 2.0, 3.0);
    assertThat(Axis.ofCounts(1, 1).ticks()).containsExactly(1.0, 2.0);
    assertThat(Axis.ofCounts(1, 50).ticks()).containsExactly(10.0, 20.0, 30.0, 40.0, 50.0);
  }
}

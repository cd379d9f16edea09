package dev.tandem.models.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RegressionMetricsTest {
  private final RegressionMetrics metrics = new RegressionMetrics(2);

  @Test
  void withoutExamplesMetricsAreAbsent() {
    metrics.add(new float[0], new float[0]);
    assertThat(metrics.metrics()).isEmpty();
    assertThat(metrics.notes()).containsExactly("no examples: there are no metrics");
  }

  @Test
  void oneExampleHasNoR2() {
    metrics.add(new float[] {1, 2}, new float[] {2, 5});
    assertThat(metrics.metrics())
        .containsExactlyInAnyOrderEntriesOf(Map.of("mae", 2.0, "mse", 5.0, "rmse", Math.sqrt(5)));
    assertThat(metrics.notes()).containsExactly("one example has no variance: there is no r2");
  }

  @Test
  void constantTargetsAreNoted() {
    metrics.add(new float[] {1, 2, 1, 2}, new float[] {1, 3, 1, 2});
    assertThat(metrics.notes())
        .containsExactly(
            "target 0 never varies, its r2 counts as 1",
            "target 1 never varies, its r2 counts as 0");
    assertThat(metrics.metrics()).containsEntry("r2", 0.5);
  }

  @Test
  void batchesAddUp() {
    RegressionMetrics whole = new RegressionMetrics(2);
    whole.add(new float[] {1, 2, 3, 5}, new float[] {1, 4, 2, 2});
    metrics.add(new float[] {1, 2}, new float[] {1, 4});
    metrics.add(new float[] {3, 5}, new float[] {2, 2});
    assertThat(metrics.metrics()).isEqualTo(whole.metrics());
    assertThat(metrics.examples()).isEqualTo(2);
  }

  @Test
  void errorsOfChangesWithTheR2OfWhatChanged() {
    RegressionMetrics changes = new RegressionMetrics(1);
    changes.add(new float[] {1, -1}, new float[] {0, 0}, new float[] {10, 20});
    // 11 and 19 deviate by 4 from their mean: 1 - 2 / 32.
    assertThat(changes.metrics()).containsEntry("mse", 1.0).containsEntry("r2", 0.9375);
  }

  @Test
  void refusesWhatItCannotMeasureAndCountsNothingOfIt() {
    assertThatThrownBy(() -> metrics.add(new float[3], new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 actual and 3 predicted values are not whole examples of 2 targets");
    assertThatThrownBy(() -> metrics.add(new float[2], new float[4]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> metrics.add(new float[4], new float[] {0, 0, 0, Float.NaN}))
        .hasMessage("predicted value of target 1 in example 1 is NaN: metrics need finite numbers");
    assertThatThrownBy(() -> new RegressionMetrics(0)).hasMessageContaining("at least 1");
    assertThat(metrics.examples()).isZero();
  }
}

package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nine epochs of ten steps. */
class ScheduleTest {
  private static final double ROUNDING = 1e-15;

  private static double factor(Schedule schedule, int step, int drops, int warmup) {
    return schedule.factor(step, 90, step / 10, 9, drops, warmup);
  }

  @Test
  void constantStays() {
    assertThat(factor(Schedule.CONSTANT, 0, 0, 0)).isEqualTo(1);
    assertThat(factor(Schedule.CONSTANT, 89, 3, 0)).isEqualTo(1);
  }

  @Test
  void stepDropsAfterEachThirdOfTheEpochs() {
    assertThat(factor(Schedule.STEP, 29, 0, 0)).isEqualTo(1);
    assertThat(factor(Schedule.STEP, 30, 0, 0)).isCloseTo(0.1, within(ROUNDING));
    assertThat(factor(Schedule.STEP, 59, 0, 0)).isCloseTo(0.1, within(ROUNDING));
    assertThat(factor(Schedule.STEP, 60, 0, 0)).isCloseTo(0.01, within(ROUNDING));
  }

  @Test
  void exponentialFallsEveryEpochToAHundredthAfterTheLast() {
    assertThat(factor(Schedule.EXPONENTIAL, 9, 0, 0)).isEqualTo(1);
    double each = factor(Schedule.EXPONENTIAL, 10, 0, 0);
    // 0.01 ^ (1/9)
    assertThat(each).isCloseTo(0.5994842503189409, within(ROUNDING));
    assertThat(factor(Schedule.EXPONENTIAL, 80, 0, 0) * each).isCloseTo(0.01, within(ROUNDING));
  }

  @Test
  void cosineFallsToZeroAfterTheLastStep() {
    assertThat(factor(Schedule.COSINE, 0, 0, 0)).isEqualTo(1);
    assertThat(factor(Schedule.COSINE, 30, 0, 0)).isCloseTo(0.75, within(ROUNDING));
    assertThat(factor(Schedule.COSINE, 45, 0, 0)).isCloseTo(0.5, within(ROUNDING));
    assertThat(factor(Schedule.COSINE, 60, 0, 0)).isCloseTo(0.25, within(ROUNDING));
    assertThat(factor(Schedule.COSINE, 90, 0, 0)).isCloseTo(0, within(ROUNDING));
  }

  @Test
  void plateauTakesATenthForEachDrop() {
    assertThat(factor(Schedule.PLATEAU, 50, 0, 0)).isEqualTo(1);
    assertThat(factor(Schedule.PLATEAU, 50, 2, 0)).isCloseTo(0.01, within(ROUNDING));
  }

  @Test
  void warmupRisesInALineToTheScheduledRate() {
    assertThat(factor(Schedule.CONSTANT, 0, 0, 4)).isEqualTo(0.25);
    assertThat(factor(Schedule.CONSTANT, 2, 0, 4)).isEqualTo(0.75);
    assertThat(factor(Schedule.CONSTANT, 3, 0, 4)).isEqualTo(1);
    assertThat(factor(Schedule.CONSTANT, 4, 0, 4)).isEqualTo(1);
    assertThat(factor(Schedule.COSINE, 30, 0, 62)).isCloseTo(0.375, within(ROUNDING));
  }

  @Test
  void aPlateauIsMetAfterElevenEpochsWithoutImprovementAndThenCountedAnew() {
    TrainingState state = new TrainingState();
    for (int epoch = 1; epoch <= 23; epoch++) {
      state.finish(record(epoch, epoch == 1 ? 1 : 2));
      // As PyTorch's ReduceLROnPlateau with patience 10.
      assertThat(state.plateauDrops()).as("epoch %d", epoch).isEqualTo((epoch - 1) / 11);
    }
    state.finish(record(24, 0.5));
    assertThat(state.bestEpoch()).isEqualTo(24);
  }

  private static EpochRecord record(int epoch, double loss) {
    return new EpochRecord(epoch, epoch * 10L, 0, Map.of("loss", loss), 0.1, 1, 0);
  }
}

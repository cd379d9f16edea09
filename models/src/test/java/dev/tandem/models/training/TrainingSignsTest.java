package dev.tandem.models.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.models.metrics.ConfusionMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class TrainingSignsTest {
  private static List<EpochRecord> course(
      int epochs, IntToDoubleFunction training, IntToDoubleFunction validation) {
    List<EpochRecord> records = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      Map<String, Double> scores =
          validation == null ? Map.of() : Map.of("loss", validation.applyAsDouble(epoch));
      records.add(
          new EpochRecord(epoch, epoch * 10L, training.applyAsDouble(epoch), scores, 0.001, 1, 0));
    }
    return records;
  }

  private static Evaluation classified(int right, int wrong) {
    ConfusionMatrix matrix = new ConfusionMatrix(List.of("a", "b"));
    for (int i = 0; i < right; i++) {
      matrix.add(i % 2, i % 2);
    }
    for (int i = 0; i < wrong; i++) {
      matrix.add(i % 2, 1 - i % 2);
    }
    return Evaluation.of(right + wrong, 0.1, matrix);
  }

  private static final Evaluation GOOD = classified(95, 5);

  @Test
  void aGoodCourseHasNoSign() {
    List<EpochRecord> course =
        course(50, epoch -> 0.1 + 1.0 / epoch / epoch, epoch -> 0.15 + 1.0 / epoch / epoch);

    assertThat(TrainingSigns.read(course, GOOD, false)).isEmpty();
  }

  @Test
  void aRisingValidationLossUnderAFallingTrainingLossIsOverfitting() {
    List<EpochRecord> course =
        course(40, epoch -> 0.2 + 1.0 / epoch, epoch -> 0.5 + 0.001 * (epoch - 12) * (epoch - 12));

    assertThat(TrainingSigns.read(course, GOOD, false))
        .containsExactly(
            "overfitting: the validation loss rose from 0.5000 after epoch 12 to 1.284, while the training loss fell from"
                + " 0.2833 to 0.2250 (try --early-stopping, --dropout 0.2, a larger --weight-decay or more data)");
    assertThat(TrainingSigns.read(course, GOOD, true)).as("best weights kept").isEmpty();
  }

  @Test
  void aLossThatRisesInBothPartsIsNotOverfitting() {
    List<EpochRecord> course = course(40, epoch -> 0.2 + 0.01 * epoch, epoch -> 0.5 + 0.01 * epoch);

    assertThat(TrainingSigns.read(course, GOOD, false)).isEmpty();
  }

  @Test
  void aLossStillFallingAtTheEndIsUnderfitting() {
    List<EpochRecord> course = course(20, epoch -> 2.1 - 0.1 * epoch, epoch -> 2.2 - 0.1 * epoch);

    assertThat(TrainingSigns.read(course, GOOD, false))
        .containsExactly(
            "underfitting: the training loss was still falling, from 0.3000 after epoch 18 to 0.1000 after epoch 20 (try"
                + " more --epochs or a larger --lr)");
    assertThat(TrainingSigns.read(course.subList(0, 9), GOOD, false))
        .as("too short to tell")
        .isEmpty();
  }

  @Test
  void aLossThatIsAsGoodAsZeroMayFallFurther() {
    List<EpochRecord> course =
        course(40, epoch -> Math.pow(0.7, epoch), epoch -> 0.01 + Math.pow(0.7, epoch));

    assertThat(TrainingSigns.read(course, classified(100, 0), false)).isEmpty();
  }

  @Test
  void theMostFrequentClassAllTheTimeIsUnderfitting() {
    ConfusionMatrix matrix = new ConfusionMatrix(List.of("a", "b"));
    for (int i = 0; i < 10; i++) {
      matrix.add(i < 7 ? 0 : 1, 0);
    }
    Evaluation constant = Evaluation.of(10, 0.6, matrix);

    assertThat(TrainingSigns.read(course(5, epoch -> 0.6, null), constant, false))
        .containsExactly(
            "underfitting: the accuracy on the training part, 0.700, is no better than always naming the most frequent"
                + " class, 0.700 (try more --epochs, another --lr or a larger --hidden)");
  }

  @Test
  void aRegressionNoBetterThanTheMeanIsUnderfitting() {
    Evaluation constant = Evaluation.of(10, 1, Map.of("r2", -0.02), List.of());

    assertThat(TrainingSigns.read(course(5, epoch -> 1, null), constant, false))
        .containsExactly(
            "underfitting: R2 on the training part is -0.020, no better than always predicting the mean (try more"
                + " --epochs, another --lr or a larger --hidden)");
  }
}

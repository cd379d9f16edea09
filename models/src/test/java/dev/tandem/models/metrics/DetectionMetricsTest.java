package dev.tandem.models.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.detection.BoundingBox;
import dev.tandem.datasets.detection.ScoredBox;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class DetectionMetricsTest {
  private static final Offset<Double> ROUNDING = within(1e-12);
  private static final BoundingBox A = new BoundingBox(0, 0, 0, 10, 10);
  private static final BoundingBox B = new BoundingBox(0, 50, 50, 10, 10);
  private static final BoundingBox C = new BoundingBox(0, 20, 0, 5, 8);

  private final DetectionMetrics metrics = new DetectionMetrics(List.of("cat", "dog", "eel"));

  /**
   * Three cats in two pictures. Ranked by score: 0.9 on A is true; 0.8 on A again is false; 0.7 on
   * B is true; 0.6 beside C is false. Precision 1, 1/2, 2/3, 1/2 at recall 1/3, 1/3, 2/3, 2/3. The
   * 34 recalls 0 to 0.33 get 1, the 33 from 0.34 to 0.66 get 2/3, the others 0: (34 + 22) / 101.
   */
  @Test
  void duplicatesAndMisses() {
    metrics.add(List.of(found(B, 0.7), found(A, 0.8), found(A, 0.9)), List.of(A, B));
    metrics.add(List.of(found(B, 0.6)), List.of(C));
    DetectionScores scores = metrics.scores(0).orElseThrow();
    assertThat(scores.averagePrecision()).isEqualTo(56.0 / 101, ROUNDING);
    assertThat(scores.strictAveragePrecision()).isEqualTo(56.0 / 101, ROUNDING);
    assertThat(scores.recall()).isEqualTo(2.0 / 3, ROUNDING);
    assertThat(scores.predicted()).isEqualTo(4);
    assertThat(scores.support()).isEqualTo(3);
  }

  /**
   * 60 of 100 square pixels: the box is true at 0.5, 0.55 and, just so, at 0.6; false at the other
   * seven thresholds.
   */
  @Test
  void strictScoreCountsHowWellTheBoxFits() {
    metrics.add(List.of(found(new BoundingBox(0, 0, 0, 10, 6), 0.4)), List.of(A));
    DetectionScores scores = metrics.scores(0).orElseThrow();
    assertThat(scores.averagePrecision()).isEqualTo(1, ROUNDING);
    assertThat(scores.strictAveragePrecision()).isEqualTo(0.3, ROUNDING);
    assertThat(metrics.meanOverlap()).isEqualTo(0.6, ROUNDING);
  }

  /**
   * The second box overlaps A by 95/105, but A is taken by a better score; so it takes its
   * neighbour, which it overlaps by 85/115.
   */
  @Test
  void takenBoxLeavesTheNextBest() {
    BoundingBox neighbour = new BoundingBox(0, 2, 0, 10, 10);
    BoundingBox between = new BoundingBox(0, 0.5, 0, 10, 10);
    metrics.add(List.of(found(A, 0.9), found(between, 0.8)), List.of(A, neighbour));
    assertThat(metrics.scores(0).orElseThrow().recall()).isEqualTo(1, ROUNDING);
    assertThat(metrics.meanOverlap()).isEqualTo((1 + 85.0 / 115) / 2, ROUNDING);
  }

  /** True box first: precision 1 at recall 1. False box first: precision 1/2 at recall 1. */
  @Test
  void equalScoresRankInTheOrderAdded() {
    metrics.add(List.of(found(A, 0.5)), List.of(A));
    metrics.add(List.of(found(B, 0.5)), List.of());
    assertThat(metrics.meanAveragePrecision()).isEqualTo(1, ROUNDING);

    DetectionMetrics other = new DetectionMetrics(List.of("cat"));
    other.add(List.of(found(B, 0.5)), List.of());
    other.add(List.of(found(A, 0.5)), List.of(A));
    assertThat(other.meanAveragePrecision()).isEqualTo(0.5, ROUNDING);
  }

  /** Cats are found, dogs are not: the mean is 1/2; eels are only imagined and do not count. */
  @Test
  void meanIsOverClassesThatAreThere() {
    metrics.add(List.of(found(A, 0.9), found(ofClass(2, A), 0.9)), List.of(A, ofClass(1, B)));
    assertThat(metrics.meanAveragePrecision()).isEqualTo(0.5, ROUNDING);
    assertThat(metrics.strictMeanAveragePrecision()).isEqualTo(0.5, ROUNDING);
    assertThat(metrics.scores(2)).isEqualTo(Optional.empty());
    assertThat(metrics.metrics()).containsOnlyKeys("map", "map_50_95", "iou");
    assertThat(metrics.notes())
        .containsExactly(
            "never predicted, average precision is 0: dog",
            "predicted but without true boxes, left out of means: eel");
  }

  @Test
  void boxOfAnotherClassIsFalse() {
    metrics.add(List.of(found(ofClass(1, A), 0.9)), List.of(A, ofClass(1, B)));
    assertThat(metrics.meanAveragePrecision()).isZero();
    assertThat(metrics.meanOverlap()).isZero();
  }

  @Test
  void withoutTrueBoxesMetricsAreAbsent() {
    metrics.add(List.of(found(A, 0.9)), List.of());
    assertThat(metrics.metrics()).isEmpty();
    assertThat(metrics.notes()).containsExactly("no true boxes: there are no metrics");
    assertThatThrownBy(metrics::meanAveragePrecision)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no true box was counted");
  }

  @Test
  void refusesClassesItDoesNotHave() {
    assertThatThrownBy(() -> metrics.add(List.of(), List.of(ofClass(3, A))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("true class 3 is not one of 0 to 2");
    assertThatThrownBy(() -> metrics.add(List.of(found(ofClass(3, A), 1)), List.of(A)))
        .hasMessage("predicted class 3 is not one of 0 to 2");
    assertThatThrownBy(() -> metrics.add(List.of(found(A, Double.NaN)), List.of(A)))
        .hasMessageContaining("not a number");
    assertThat(metrics.metrics()).isEmpty();
  }

  @Test
  void suppressionKeepsTheBestOfEachThing() {
    ScoredBox best = found(A, 0.9);
    ScoredBox near = found(new BoundingBox(0, 1, 0, 10, 10), 0.8);
    ScoredBox otherClass = found(ofClass(1, A), 0.7);
    ScoredBox far = found(B, 0.95);
    assertThat(NonMaximumSuppression.keepBest(List.of(near, best, otherClass, far), 0.5))
        .containsExactly(far, best, otherClass);
  }

  /**
   * What overlaps only a suppressed box stays: 0 and 4 share 60/140, 4 and 8 too, 0 and 8 20/180.
   */
  @Test
  void suppressedBoxesSuppressNothing() {
    ScoredBox first = found(A, 0.9);
    ScoredBox second = found(new BoundingBox(0, 4, 0, 10, 10), 0.8);
    ScoredBox third = found(new BoundingBox(0, 8, 0, 10, 10), 0.7);
    assertThat(NonMaximumSuppression.keepBest(List.of(first, second, third), 0.4))
        .containsExactly(first, third);
  }

  @Test
  void suppressionOfEqualScoresKeepsTheFirstAndOfLimitKeepsBoth() {
    ScoredBox first = found(A, 0.5);
    ScoredBox second = found(new BoundingBox(0, 0, 0, 10, 5), 0.5);
    assertThat(NonMaximumSuppression.keepBest(List.of(first, second), 0.4)).containsExactly(first);
    assertThat(NonMaximumSuppression.keepBest(List.of(second, first), 0.4)).containsExactly(second);
    assertThat(NonMaximumSuppression.keepBest(List.of(first, second), 0.5))
        .containsExactly(first, second);
    assertThatThrownBy(() -> NonMaximumSuppression.keepBest(List.of(), 1.5))
        .hasMessage("the overlap is 1.5 (give a number from 0 to 1)");
  }

  private static ScoredBox found(BoundingBox box, double score) {
    return new ScoredBox(box, score);
  }

  private static BoundingBox ofClass(int classId, BoundingBox box) {
    return new BoundingBox(classId, box.left(), box.top(), box.width(), box.height());
  }
}

package dev.tandem.datasets.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BoundingBoxTest {
  private final BoundingBox box = new BoundingBox(0, 0, 0, 2, 2);

  @Test
  void intersectionOverUnion() {
    assertThat(box.intersectionOverUnion(box)).isEqualTo(1);
    // 1 shared of 4 + 4 - 1.
    assertThat(overlap(1, 1, 2, 2)).isEqualTo(1.0 / 7);
    // 4 shared of 16: one lies in the other.
    assertThat(overlap(-1, -1, 4, 4)).isEqualTo(0.25);
    // 2 shared of 4 + 6 - 2.
    assertThat(overlap(1, 0, 3, 2)).isEqualTo(0.25);
  }

  @Test
  void boxesThatTouchOrHaveNoAreaShareNothing() {
    assertThat(overlap(2, 0, 2, 2)).isZero();
    assertThat(overlap(0, 5, 2, 2)).isZero();
    assertThat(overlap(1, 1, 0, 0)).isZero();
    BoundingBox point = new BoundingBox(0, 1, 1, 0, 0);
    assertThat(point.intersectionOverUnion(point)).isZero();
  }

  @Test
  void refusesWhatIsNoBox() {
    assertThatThrownBy(() -> new BoundingBox(0, 1, 2, -3, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width -3.0");
    assertThatThrownBy(() -> new BoundingBox(0, Double.NaN, 2, 3, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new BoundingBox(-1, 1, 2, 3, 4))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private double overlap(double left, double top, double width, double height) {
    BoundingBox other = new BoundingBox(1, left, top, width, height);
    assertThat(other.intersectionOverUnion(box)).isEqualTo(box.intersectionOverUnion(other));
    return box.intersectionOverUnion(other);
  }
}

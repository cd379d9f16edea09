package dev.tandem.datasets.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScenesTest {
  private static final int SIDE = 64;

  private final AnnotatedPictures scenes = Scenes.draw(200, SIDE, false, 7);

  @Test
  void equalSeedsGiveEqualPictures() {
    AnnotatedPictures again = Scenes.draw(50, SIDE, false, 7);
    assertThat(again.pixels()).isEqualTo(Arrays.copyOf(scenes.pixels(), 50 * SIDE * SIDE));
    assertThat(IntStream.range(0, 50).mapToObj(again::truth))
        .isEqualTo(IntStream.range(0, 50).mapToObj(scenes::truth).toList());
    assertThat(Scenes.draw(50, SIDE, false, 8).pixels()).isNotEqualTo(again.pixels());
    assertThat(Scenes.draw(50, SIDE, true, 7).pixels()).isNotEqualTo(again.pixels());
  }

  @Test
  void everyClassAndSeveralDigitsAPicture() {
    List<Integer> counts =
        IntStream.range(0, 200).mapToObj(i -> scenes.truth(i).size()).distinct().toList();
    assertThat(counts).containsExactlyInAnyOrder(1, 2, 3, 4, 5);
    assertThat(allBoxes().stream().map(BoundingBox::classId).distinct()).hasSize(10);
  }

  @Test
  void boxesAreInThePictureAndOverlapByALittle() {
    assertThat(allBoxes())
        .allMatch(box -> box.left() >= 0 && box.top() >= 0)
        .allMatch(box -> box.right() <= SIDE && box.bottom() <= SIDE)
        .allMatch(box -> box.height() >= 8 && box.height() <= 28.01);
    int overlapping = 0;
    for (int i = 0; i < 200; i++) {
      for (BoundingBox a : scenes.truth(i)) {
        for (BoundingBox b : scenes.truth(i)) {
          double overlap = a == b || a.equals(b) ? 0 : a.intersectionOverUnion(b);
          // A quarter of the smaller of two equal boxes is 1/7 of both.
          assertThat(overlap).isLessThanOrEqualTo(1.0 / 7 + 1e-6);
          overlapping += overlap > 0 ? 1 : 0;
        }
      }
    }
    assertThat(overlapping).isPositive();
  }

  /** Ink is brighter than the ground, so the mean in a box is above that outside. */
  @Test
  void digitsAreInTheirBoxes() {
    for (int i = 0; i < 200; i++) {
      float[] picture = scenes.picture(i);
      List<BoundingBox> truth = scenes.truth(i);
      double outside =
          IntStream.range(0, picture.length)
              .filter(p -> truth.stream().noneMatch(box -> contains(box, p)))
              .mapToDouble(p -> picture[p])
              .average()
              .orElseThrow();
      for (BoundingBox box : truth) {
        double inside =
            IntStream.range(0, picture.length)
                .filter(p -> contains(box, p))
                .mapToDouble(p -> picture[p])
                .average()
                .orElseThrow();
        assertThat(inside).isGreaterThan(outside);
      }
    }
  }

  @Test
  void refusesImpossibleSizes() {
    assertThatThrownBy(() -> Scenes.draw(0, 64, false, 1))
        .hasMessage("0 pictures of side 64 are not possible (give 1 or more, of side 32 or more)");
    assertThatThrownBy(() -> Scenes.draw(1, 16, false, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Scenes.draw(3, 32, false, 1).size()).isEqualTo(3);
  }

  private List<BoundingBox> allBoxes() {
    return IntStream.range(0, 200).boxed().flatMap(i -> scenes.truth(i).stream()).toList();
  }

  private static boolean contains(BoundingBox box, int pixel) {
    double x = pixel % SIDE + 0.5;
    double y = pixel / SIDE + 0.5;
    return x > box.left() && x < box.right() && y > box.top() && y < box.bottom();
  }
}

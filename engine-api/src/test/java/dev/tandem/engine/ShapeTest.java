package dev.tandem.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void countsElementsRowsAndColumns() {
    Shape shape = Shape.of(2, 3, 5);
    assertThat(shape.rank()).isEqualTo(3);
    assertThat(shape.elements()).isEqualTo(30);
    assertThat(shape.rows()).isEqualTo(6);
    assertThat(shape.columns()).isEqualTo(5);
    assertThat(shape.dimension(0)).isEqualTo(2);
    assertThat(shape.dimension(-1)).isEqualTo(5);
  }

  @Test
  void aScalarHasOneElement() {
    assertThat(Shape.of().elements()).isEqualTo(1);
    assertThat(Shape.of().rows()).isEqualTo(1);
    assertThat(Shape.of().columns()).isEqualTo(1);
    assertThat(Shape.of()).hasToString("[]");
  }

  @Test
  void anExtentMayBeZero() {
    assertThat(Shape.of(0, 5).elements()).isZero();
    assertThat(Shape.of(0, 5).rows()).isZero();
    assertThat(Shape.of(5, 0).rows()).isEqualTo(5);
  }

  @Test
  void makesRelatedShapes() {
    Shape shape = Shape.of(2, 3);
    assertThat(shape.prepend(7)).isEqualTo(Shape.of(7, 2, 3));
    assertThat(shape).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3));
    assertThat(shape).isNotEqualTo(Shape.of(3, 2));
  }

  @Test
  void keepsItsExtentsToItself() {
    int[] extents = {2, 3};
    Shape shape = Shape.of(extents);
    extents[0] = 9;
    shape.toArray()[1] = 9;
    assertThat(shape).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void refusesImpossibleExtents() {
    assertThatThrownBy(() -> Shape.of(2, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape [2,-1] has a negative extent (extents are 0 or more)");
    int most = Integer.MAX_VALUE;
    assertThatThrownBy(() -> Shape.of(most, most, most)).isInstanceOf(ArithmeticException.class);
  }
}

package dev.tandem.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorTest {
  private final Storage storage = new Storage(null, DataType.FLOAT32, 100) {};
  private final Tensor tensor = new Tensor("x", storage, 10, Shape.of(4, 5));

  @Test
  void describesItself() {
    assertThat(tensor).hasToString("x[4,5] FLOAT32");
    assertThat(tensor.elements()).isEqualTo(20);
    assertThat(tensor.offset()).isEqualTo(10);
  }

  @Test
  void viewsShareTheElements() {
    Tensor view = tensor.view("row", 5, Shape.of(5));
    assertThat(view).hasToString("row[5] FLOAT32");
    assertThat(view.offset()).isEqualTo(15);
    assertThat(view.overlaps(tensor)).isTrue();
    assertThat(view.sameRange(tensor)).isFalse();
    Tensor flat = tensor.reshape(Shape.of(20));
    assertThat(flat.sameRange(tensor)).isTrue();
  }

  @Test
  void neighboursDoNotOverlap() {
    Tensor next = new Tensor("y", storage, 30, Shape.of(5));
    assertThat(tensor.overlaps(next)).isFalse();
    assertThat(next.overlaps(tensor)).isFalse();
    Tensor elsewhere =
        new Tensor("z", new Storage(null, DataType.FLOAT32, 100) {}, 10, Shape.of(20));
    assertThat(tensor.overlaps(elsewhere)).isFalse();
    assertThat(tensor.sameRange(elsewhere)).isFalse();
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> new Tensor("w", storage, 90, Shape.of(11)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "tensor 'w' of shape [11] at offset 90 does not fit its memory of 100 elements");
    assertThatThrownBy(() -> tensor.view("v", 16, Shape.of(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("view 'v' of shape [5] at 16 does not fit tensor 'x' of shape [4,5]");
    assertThatThrownBy(() -> tensor.reshape(Shape.of(3, 7)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor 'x' of shape [4,5] cannot be viewed as [3,7]: 20 elements are not 21");
  }
}

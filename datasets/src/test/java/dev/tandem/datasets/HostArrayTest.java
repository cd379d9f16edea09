package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;

class HostArrayTest {
  private final HostArray floats = HostArray.of(new float[] {0, 1, 2, 3, 4, 5}, 3, 1, 2);
  private final HostArray ints = HostArray.of(new int[] {10, 11, 12}, 3);

  @Test
  void knowsItsShape() {
    assertThat(floats).hasToString("float32 [3,1,2]");
    assertThat(floats.size()).isEqualTo(3);
    assertThat(floats.exampleLength()).isEqualTo(2);
    assertThat(floats.exampleShape()).containsExactly(1, 2);
    assertThat(ints).hasToString("int32 [3]");
    assertThat(ints.exampleLength()).isEqualTo(1);
    assertThat(HostArray.of(new float[0], 0, 4)).hasToString("float32 [0,4]");
  }

  @Test
  void selectsRowsInTheGivenOrder() {
    assertThat(floats.select(new int[] {2, 0, 2}).floats()).containsExactly(4, 5, 0, 1, 4, 5);
    assertThat(floats.select(new int[0])).hasToString("float32 [0,1,2]");
    assertThat(ints.select(new int[] {1}).ints()).containsExactly(11);
  }

  @Test
  void gathersABatchIntoTheCallersBuffer() {
    int[] order = {2, 0, 1};
    FloatBuffer direct =
        ByteBuffer.allocateDirect(24).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    direct.position(3);
    floats.gather(order, 1, 2, direct);
    assertThat(direct.position()).isEqualTo(3);
    assertThat(new float[] {direct.get(0), direct.get(1), direct.get(2), direct.get(3)})
        .containsExactly(0, 1, 2, 3);
    assertThat(direct.get(4)).isZero();
    IntBuffer heap = IntBuffer.allocate(2);
    ints.gather(order, 0, 2, heap);
    assertThat(heap.array()).containsExactly(12, 10);
  }

  @Test
  void fillsUpTheStepsOfRaggedArrays() {
    HostArray tokens = HostArray.ragged(new int[] {1, 2, 3, 4, 5, 6}, new int[] {0, 3, 4, 6}, -1);
    assertThat(tokens).hasToString("int32 [3,3]");
    assertThat(tokens.isRagged()).isTrue();
    assertThat(tokens.steps(1)).isEqualTo(1);
    IntBuffer padded = IntBuffer.allocate(4);
    tokens.gather(new int[] {2, 1}, 0, 2, 2, padded);
    assertThat(padded.array()).containsExactly(5, 6, 4, -1);
    tokens.gather(new int[] {0}, 0, 1, 2, padded);
    assertThat(padded.array()).as("the last step is cut").containsExactly(1, 2, 4, -1);
    HostArray selected = tokens.select(new int[] {1, 2});
    assertThat(selected).hasToString("int32 [2,2]");
    assertThat(selected.ints()).containsExactly(4, 5, 6);

    HostArray series = HostArray.ragged(new float[] {1, 2, 3, 4, 5, 6}, new int[] {0, 1, 3}, 2);
    assertThat(series).hasToString("float32 [2,2,2]");
    FloatBuffer steps = FloatBuffer.wrap(new float[] {9, 9, 9, 9, 9, 9, 9, 9});
    series.gather(new int[] {0, 1}, 0, 2, steps);
    assertThat(steps.array()).containsExactly(1, 2, 0, 0, 3, 4, 5, 6);
  }

  @Test
  void readsPixelsThroughATable() {
    float[] half = new float[256];
    float[] negative = new float[256];
    for (int i = 0; i < 256; i++) {
      half[i] = i / 2f;
      negative[i] = 1 - i;
    }
    HostArray pixels =
        HostArray.pixels(
            new byte[] {1, 2, 3, (byte) 255, 0, 0, 0, 4},
            new float[][] {half, negative},
            2,
            2,
            1,
            2);
    assertThat(pixels).hasToString("float32 [2,2,1,2]");
    assertThat(pixels.floats()).containsExactly(0.5f, 1, -2, -254, 0, 0, 1, -3);
    FloatBuffer one = FloatBuffer.allocate(4);
    pixels.select(new int[] {1, 0}).gather(new int[] {1}, 0, 1, one);
    assertThat(one.array()).containsExactly(0.5f, 1, -2, -254);
    assertThatThrownBy(() -> HostArray.pixels(new byte[4], new float[][] {half}, 1, 2, 2, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesMisuse() {
    assertThatThrownBy(() -> HostArray.of(new float[5], 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("5 values do not fill shape [2,3]");
    assertThatThrownBy(() -> HostArray.of(new int[2], -1, -2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HostArray.of(new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a host array has at least one axis");
    assertThatThrownBy(floats::ints).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(ints::floats).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> floats.gather(new int[] {0}, 0, 1, FloatBuffer.allocate(1)))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new Examples(floats, ints.select(new int[] {0})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("inputs float32 [3,1,2] and targets int32 [1] differ in N");
  }

  @Test
  void examplesSelectBothSides() {
    Examples selected = new Examples(floats, ints).select(new int[] {1});
    assertThat(selected.size()).isEqualTo(1);
    assertThat(selected.inputs().floats()).containsExactly(2, 3);
    assertThat(selected.targets().ints()).containsExactly(11);
  }
}

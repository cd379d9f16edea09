package dev.tandem.datasets.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class GridEncodingTest {
  private static final Offset<Float> ROUNDING = within(1e-6f);

  /** A picture of 40 pixels in 4 x 4 cells of 10, with 2 slots and 3 classes. */
  private final GridEncoding grid = new GridEncoding(40, 4, 2, 3);

  private final float[] targets = new float[grid.length()];
  private final float[] weights = new float[grid.length()];

  /**
   * A box of class 2 from (10, 4) to (20, 20): its centre (15, 12) is 0.5 cells into column 1 and
   * 0.2 into row 1; its size 10 x 16 is 1/4 and 2/5 of the side.
   */
  @Test
  void workedExample() {
    assertThat(encode(2, 10, 4, 10, 16)).isZero();
    assertThat(at(targets, 0, 0, 1, 1)).isEqualTo((0.5f + 0.5f) / 2, ROUNDING);
    assertThat(at(targets, 0, 1, 1, 1)).isEqualTo((0.2f + 0.5f) / 2, ROUNDING);
    assertThat(at(targets, 0, 2, 1, 1)).isEqualTo(0.5f, ROUNDING);
    assertThat(at(targets, 0, 3, 1, 1)).isEqualTo((float) Math.sqrt(0.4), ROUNDING);
    assertThat(at(targets, 0, 4, 1, 1)).isEqualTo(1);
    assertThat(planes(targets, 0, 5, 8, 1, 1)).containsExactly(0, 0, 1);
    assertThat(planes(weights, 0, 0, 8, 1, 1)).containsExactly(5, 5, 5, 5, 1, 1, 1, 1);
  }

  /**
   * The neighbours are on the right, from where the centre is 0.5 cells back, and above, 1.2 on.
   */
  @Test
  void nearestNeighboursLearnTheBoxToo() {
    encode(2, 10, 4, 10, 16);
    assertThat(at(targets, 0, 0, 2, 1)).isEqualTo((-0.5f + 0.5f) / 2, ROUNDING);
    assertThat(at(targets, 0, 1, 2, 1)).isEqualTo((0.2f + 0.5f) / 2, ROUNDING);
    assertThat(at(targets, 0, 1, 1, 0)).isEqualTo((1.2f + 0.5f) / 2, ROUNDING);
    assertThat(objects(0)).isEqualTo(3);
    assertThat(objects(1)).isZero();
  }

  @Test
  void emptyPlacesLearnOnlyThatTheyAreEmpty() {
    assertThat(encode()).isZero();
    assertThat(targets).containsOnly(0);
    for (int slot = 0; slot < 2; slot++) {
      assertThat(planes(weights, slot, 0, 8, 3, 3)).containsExactly(0, 0, 0, 0, 0.5f, 0, 0, 0);
    }
  }

  @Test
  void boxesOfOneCellTakeSlotsBySize() {
    // Centres all in column 1, row 1; the third finds no slot.
    int left = encode(0, 11, 11, 6, 6, 1, 13, 13, 4, 4, 2, 6, 6, 18, 18);
    assertThat(left).isEqualTo(1);
    assertThat(planes(targets, 0, 5, 8, 1, 1)).containsExactly(0, 1, 0);
    assertThat(planes(targets, 1, 5, 8, 1, 1)).containsExactly(1, 0, 0);
  }

  @Test
  void equalBoxesTakeSlotsInTheirOrder() {
    assertThat(encode(2, 11, 11, 6, 6, 1, 11, 11, 6, 6, 0, 11, 11, 6, 6)).isEqualTo(1);
    assertThat(planes(targets, 0, 5, 8, 1, 1)).containsExactly(0, 0, 1);
    assertThat(planes(targets, 1, 5, 8, 1, 1)).containsExactly(0, 1, 0);
  }

  @Test
  void boxOfANeighbourDoesNotGoOverACellsOwn() {
    // Centres (15, 15) and (24, 15): each is the other's neighbour.
    encode(0, 10, 10, 10, 10, 1, 19, 10, 10, 10);
    assertThat(planes(targets, 0, 5, 8, 1, 1)).containsExactly(1, 0, 0);
    assertThat(planes(targets, 0, 5, 8, 2, 1)).containsExactly(0, 1, 0);
  }

  @Test
  void whatIsNotInThePictureIsLeftOut() {
    int left = encode(-1, 10, 10, 10, 10, 0, -20, 10, 10, 10, 0, 35, 35, 10, 10, 0, 10, -9, 10, 10);
    assertThat(left).isZero();
    assertThat(targets).containsOnly(0);
    // Size beyond the picture counts as the whole.
    encode(0, -100, -100, 220, 220);
    assertThat(at(targets, 0, 2, 1, 1)).isEqualTo(1);
    assertThat(at(targets, 0, 3, 1, 1)).isEqualTo(1);
  }

  @Test
  void writesOnlyItsOwnRanges() {
    float[] boxes = {9, 9, 9, 2, 10, 4, 10, 16, 9, 9};
    float[] into = new float[grid.length() + 7];
    float[] counted = new float[grid.length() + 5];
    Arrays.fill(into, -7);
    Arrays.fill(counted, -7);
    grid.encode(boxes, 3, 1, into, 3, counted, 2);
    encode(2, 10, 4, 10, 16);
    assertThat(Arrays.copyOfRange(into, 3, 3 + grid.length())).isEqualTo(targets);
    assertThat(Arrays.copyOfRange(counted, 2, 2 + grid.length())).isEqualTo(weights);
    assertThat(new float[] {into[2], into[3 + grid.length()]}).containsOnly(-7);
    assertThat(new float[] {counted[1], counted[2 + grid.length()]}).containsOnly(-7);
  }

  @Test
  void decodeIsTheInverse() {
    float[] boxes = {2, 10, 4, 10, 16, 0, 31, 30, 9, 10, 1, 0, 0, 2, 3, 1, 20.5f, 20, 7, 7};
    assertThat(encode(boxes)).isZero();
    List<ScoredBox> found = grid.decode(logits(targets), 0, 0.9);
    for (int i = 0; i < boxes.length; i += 5) {
      int from = i;
      BoundingBox box =
          new BoundingBox((int) boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3], boxes[i + 4]);
      // Its own cell and its neighbours inside the picture find it.
      List<ScoredBox> same =
          found.stream().filter(scored -> scored.box().intersectionOverUnion(box) > 0.999).toList();
      assertThat(same).as("box %d", from / 5).isNotEmpty();
      assertThat(same).allMatch(scored -> scored.box().classId() == box.classId());
    }
    int objects = objects(0) + objects(1);
    assertThat(found).hasSize(objects);
    assertThat(grid.decode(logits(targets), 0, 1)).isEmpty();
  }

  /** Logits 0: centre (c + 0.5) d, size side / 4, score 1/2 x 1/2. */
  @Test
  void decodedByHand() {
    GridEncoding one = new GridEncoding(40, 1, 1, 2);
    float[] logits = {99, 0, 0, 0, 0, 0, -1, 0};
    List<ScoredBox> found = one.decode(logits, 1, 0.25);
    assertThat(found).containsExactly(new ScoredBox(new BoundingBox(1, 15, 15, 10, 10), 0.25));
    assertThat(one.decode(logits, 1, 0.26)).isEmpty();
  }

  /** Logits -1000 and 1000: the centre (-20, 60) and the size 40 x 40 leave a corner point. */
  @Test
  void decodedBoxesEndAtThePicture() {
    GridEncoding one = new GridEncoding(40, 1, 1, 1);
    float[] corner = {-1000, 1000, 1000, 1000, 1000, 1000};
    assertThat(one.decode(corner, 0, 0.5))
        .containsExactly(new ScoredBox(new BoundingBox(0, 0, 40, 0, 0), 1));
    float[] leftEdge = {-1000, 0, 1000, 0, 1000, 1000};
    assertThat(one.decode(leftEdge, 0, 0.5))
        .containsExactly(new ScoredBox(new BoundingBox(0, 0, 15, 0, 10), 1));
  }

  @Test
  void refusesClassesAndSizesItDoesNotHave() {
    assertThatThrownBy(() -> encode(3, 10, 10, 10, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a box of class 3 does not fit a grid of 3 classes");
    assertThatThrownBy(() -> new GridEncoding(40, 0, 1, 3)).hasMessageContaining("cells 0");
  }

  @Test
  void encodingAllocatesNothing() {
    float[] boxes = {2, 10, 4, 10, 16, 0, 31, 30, 9, 10, 1, 0, 0, 2, 3, 1, 11, 5, 7, 7};
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = Long.MAX_VALUE;
    for (int warmUp = 0; warmUp < 50 && allocated > 0; warmUp++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int call = 0; call < 100; call++) {
        grid.encode(boxes, 0, 4, targets, 0, weights, 0);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(allocated).as("bytes in 100 calls").isZero();
  }

  private int encode(float... boxes) {
    return grid.encode(boxes, 0, boxes.length / 5, targets, 0, weights, 0);
  }

  private float at(float[] values, int slot, int plane, int column, int row) {
    return values[(slot * 8 + plane) * 16 + row * 4 + column];
  }

  private float[] planes(float[] values, int slot, int from, int to, int column, int row) {
    float[] numbers = new float[to - from];
    for (int plane = from; plane < to; plane++) {
      numbers[plane - from] = at(values, slot, plane, column, row);
    }
    return numbers;
  }

  private int objects(int slot) {
    int objects = 0;
    for (int cell = 0; cell < 16; cell++) {
      objects += at(targets, slot, 4, cell % 4, cell / 4) == 1 ? 1 : 0;
    }
    return objects;
  }

  private static float[] logits(float[] targets) {
    float[] logits = new float[targets.length];
    for (int i = 0; i < logits.length; i++) {
      double t = Math.clamp(targets[i], 1e-7, 1 - 1e-7);
      logits[i] = (float) Math.log(t / (1 - t));
    }
    return logits;
  }
}

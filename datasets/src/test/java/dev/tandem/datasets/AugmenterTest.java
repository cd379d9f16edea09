package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AugmenterTest {
  private static final int CHANNELS = 2;
  private static final int HEIGHT = 6;
  private static final int WIDTH = 7;
  private static final int LENGTH = CHANNELS * HEIGHT * WIDTH;
  private static final int AT = 3;

  /** Every pixel another number, with sentinels around the picture. */
  private static float[] picture() {
    float[] values = new float[LENGTH + 2 * AT];
    for (int i = 0; i < LENGTH; i++) {
      values[AT + i] = i + 1;
    }
    return values;
  }

  private static float at(float[] picture, int channel, int y, int x) {
    return picture[AT + (channel * HEIGHT + y) * WIDTH + x];
  }

  private static float[] applied(String settings, int example) {
    float[] picture = picture();
    Augmentation.parse(settings)
        .augmenter(CHANNELS, HEIGHT, WIDTH)
        .apply(picture, AT, null, 0, 0, 5, 2, example);
    for (int i = 0; i < AT; i++) {
      assertThat(picture[i]).isZero();
      assertThat(picture[AT + LENGTH + i]).isZero();
    }
    return picture;
  }

  private interface Where {
    int source(int place, int moved, int last);
  }

  /** Finds the two displacements that explain a picture; each is at most {@code largest}. */
  private static String displacement(float[] moved, int largest, Where where) {
    float[] original = picture();
    for (int dy = -largest; dy <= largest; dy++) {
      for (int dx = -largest; dx <= largest; dx++) {
        boolean explains = true;
        for (int i = 0; i < LENGTH && explains; i++) {
          int y = where.source(i / WIDTH % HEIGHT, dy, HEIGHT - 1);
          int x = where.source(i % WIDTH, dx, WIDTH - 1);
          explains = moved[AT + i] == at(original, i / WIDTH / HEIGHT, y, x);
        }
        if (explains) {
          return dy + "," + dx;
        }
      }
    }
    throw new AssertionError("no displacement explains " + Arrays.toString(moved));
  }

  @Test
  void shiftsByEveryDistanceAndRepeatsTheEdge() {
    Set<String> found = new HashSet<>();
    for (int example = 0; example < 400; example++) {
      found.add(
          displacement(applied("shift=2", example), 2, (i, d, last) -> Math.clamp(i - d, 0, last)));
    }
    assertThat(found).hasSize(25);
  }

  @Test
  void cropsAtEveryPlaceAndMirrorsAtTheEdge() {
    Set<String> found = new HashSet<>();
    for (int example = 0; example < 400; example++) {
      found.add(
          displacement(
              applied("crop=2", example),
              2,
              (i, d, last) -> {
                int padded = Math.abs(i + d);
                return padded > last ? 2 * last - padded : padded;
              }));
    }
    assertThat(found).hasSize(25);
  }

  @Test
  void flipsEverySecondPicture() {
    int flipped = 0;
    for (int example = 0; example < 1000; example++) {
      float[] picture = applied("flip", example);
      boolean mirrored = at(picture, 0, 0, 0) == WIDTH;
      for (int i = 0; i < LENGTH; i++) {
        int x = mirrored ? WIDTH - 1 - i % WIDTH : i % WIDTH;
        assertThat(picture[AT + i]).isEqualTo(i / WIDTH * WIDTH + x + 1);
      }
      flipped += mirrored ? 1 : 0;
    }
    // Five standard deviations of a thousand tosses.
    assertThat(flipped).isBetween(420, 580);
  }

  @Test
  void cutsOutASquareOfZeros() {
    Set<Integer> sizes = new HashSet<>();
    for (int example = 0; example < 200; example++) {
      float[] picture = applied("cutout=3", example);
      int zeros = 0;
      for (int i = 0; i < LENGTH; i++) {
        assertThat(picture[AT + i]).isIn(0f, i + 1f);
        zeros += picture[AT + i] == 0 ? 1 : 0;
      }
      assertThat(zeros % CHANNELS).isZero();
      sizes.add(zeros / CHANNELS);
    }
    assertThat(sizes).as("whole squares, and those cut at edges and corners").contains(9, 6, 4);
    assertThat(sizes).allMatch(size -> size >= 4 && size <= 9);
  }

  @Test
  void rotatesAroundTheCentre() {
    // A linear ramp turned by an angle is again linear where nothing comes from outside.
    int side = 9;
    float[] ramp = new float[side * side];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i % side;
    }
    Augmenter augmenter = Augmentation.parse("rotate=30").augmenter(1, side, side);
    double largest = 0;
    for (int example = 0; example < 100; example++) {
      float[] turned = ramp.clone();
      augmenter.apply(turned, 0, null, 0, 0, 0, 0, example);
      float middle = turned[4 * side + 4];
      assertThat(middle).isEqualTo(4, within(1e-5f));
      float cos = turned[4 * side + 5] - middle;
      float sin = turned[5 * side + 4] - middle;
      assertThat(cos * cos + sin * sin).isEqualTo(1, within(1e-5f));
      assertThat(turned[2 * side + 3]).isEqualTo(middle - cos - 2 * sin, within(1e-4f));
      largest = Math.max(largest, Math.toDegrees(Math.abs(Math.asin(sin))));
      for (float value : turned) {
        assertThat(value).isBetween(0f, side - 1f);
      }
    }
    assertThat(largest).isBetween(20.0, 30.001);
  }

  @Test
  void turnsAPictureOfOnePixel() {
    float[] one = {5};
    Augmentation.parse("flip,rotate=180").augmenter(1, 1, 1).apply(one, 0, null, 0, 0, 1, 1, 1);
    assertThat(one).containsExactly(5);
  }

  @Test
  void dependsOnSeedEpochAndExampleAlone() {
    Augmenter used = Augmentation.parse("shift=2,flip,rotate=20,cutout=2").augmenter(2, 6, 7);
    for (int other = 0; other < 10; other++) {
      used.apply(picture(), AT, null, 0, 0, 9, 9, other);
    }
    float[] again = picture();
    used.apply(again, AT, null, 0, 0, 5, 2, 11);
    assertThat(again).containsExactly(applied("shift=2,flip,rotate=20,cutout=2", 11));
    Set<Integer> different = new HashSet<>();
    for (int[] key : new int[][] {{5, 2, 11}, {6, 2, 11}, {5, 3, 11}, {5, 2, 12}, {2, 5, 11}}) {
      float[] picture = picture();
      used.apply(picture, AT, null, 0, 0, key[0], key[1], key[2]);
      different.add(Arrays.hashCode(picture));
    }
    assertThat(different).hasSize(5);
  }

  @Test
  void aSettingChangesNothingAboutTheOthers() {
    for (int example = 0; example < 50; example++) {
      float[] cropped = applied("crop=2", example);
      float[] both = applied("crop=2,cutout=2", example);
      for (int i = 0; i < both.length; i++) {
        assertThat(both[i]).isIn(0f, cropped[i]);
      }
    }
  }

  @Test
  void boxesMoveWithWhatTheyEnclose() {
    // One bright pixel in a box of its own size; the box must be where the pixel is.
    Augmenter augmenter = Augmentation.parse("shift=2,crop=1,flip").augmenter(1, 12, 10);
    for (int example = 0; example < 300; example++) {
      float[] picture = new float[120];
      picture[5 * 10 + 6] = 1;
      float[] boxes = {9, 2, 6, 5, 1, 1, -1, 0, 0, 0, 0};
      augmenter.apply(picture, 0, boxes, 1, 2, 3, 0, example);
      int bright = (int) boxes[3] * 10 + (int) boxes[2];
      assertThat(picture[bright]).isEqualTo(1);
      assertThat(boxes).startsWith(9, 2).endsWith(1, 1, -1, 0, 0, 0, 0);
    }
  }

  @Test
  void boxesAreCutAtTheEdgeAndGoneWhenLittleIsLeft() {
    Augmenter augmenter = Augmentation.parse("shift=3").augmenter(1, 8, 8);
    Set<String> seen = new HashSet<>();
    for (int example = 0; example < 300; example++) {
      float[] boxes = {0, 0, 2, 4, 4};
      augmenter.apply(new float[64], 0, boxes, 0, 1, 0, 0, example);
      seen.add(boxes[0] < 0 ? "gone" : (int) boxes[1] + " wide " + (int) boxes[3]);
      if (boxes[0] < 0) {
        assertThat(boxes).containsExactly(-1, 0, 0, 0, 0);
      } else {
        assertThat(boxes[3] * boxes[4]).isGreaterThanOrEqualTo(4);
      }
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "gone",
            "0 wide 1",
            "0 wide 2",
            "0 wide 3",
            "0 wide 4",
            "1 wide 4",
            "2 wide 4",
            "3 wide 4");
  }
}

package dev.tandem.datasets.detection;

import dev.tandem.datasets.Catalog;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.PixelDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * Pictures with real handwritten digits of the bundled set in them: several a picture, of different
 * sizes and brightness, overlapping by a little, on a noisy ground. Digits for testing are of other
 * rows than those for training, written by other people. Equal seeds give equal pictures on every
 * machine.
 */
public final class Scenes {
  /** Of 1797 rows, in the order of the file; the rest is for testing. */
  private static final int TRAINING_ROWS = 1437;

  private static final int DIGIT = 8;
  private static final int CLASSES = 10;

  /** A digit is enlarged by these factors: 12 to 28 pixels high. */
  private static final double SMALLEST = 1.5;

  private static final double LARGEST = 3.5;

  /** A digit for so many pixels at most: 5 in 64 x 64. */
  private static final int ROOM = 750;

  /** How much of the smaller of two boxes the other may cover. */
  private static final double MOST_COVERED = 0.25;

  private static final int TRIES = 40;
  private static final double NOISE = 0.06;
  private static final double BRIGHTEST_GROUND = 0.2;
  private static final double DARKEST_INK = 0.6;

  private final float[] digits;
  private final int[] labels;
  private final RandomGenerator random;
  private final int side;

  private Scenes(Examples examples, RandomGenerator random, int side) {
    digits = examples.inputs().floats();
    labels = examples.targets().ints();
    this.random = random;
    this.side = side;
  }

  /**
   * Draws pictures.
   *
   * @param count of pictures; the first ones of a longer list are those of a shorter
   * @param side of the square pictures in pixels, 32 or more
   * @param test whether they are for testing
   * @return grey pictures, the classes are the digits
   */
  public static AnnotatedPictures draw(int count, int side, boolean test, long seed) {
    if (count < 1 || side < 32) {
      throw new IllegalArgumentException(
          "%d pictures of side %d are not possible (give 1 or more, of side 32 or more)"
              .formatted(count, side));
    }
    RandomGenerator random =
        RandomGeneratorFactory.of("L64X128MixRandom").create(2 * seed + (test ? 1 : 0));
    Scenes scenes = new Scenes(digits(test), random, side);
    byte[] pixels = new byte[Math.multiplyExact(count, side * side)];
    List<List<BoundingBox>> boxes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boxes.add(scenes.draw(pixels, i * side * side));
    }
    return new AnnotatedPictures(
        IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList(),
        IntStream.range(0, count).mapToObj(i -> "scene " + i).toList(),
        pixels,
        1,
        side,
        AnnotatedPictures.boxes(boxes),
        Collections.nCopies(count, new Letterbox(side, side, side)),
        List.of("drawn from digits " + (test ? "for testing" : "for training") + ", seed " + seed));
  }

  private static Examples digits(boolean test) {
    Examples all = ((PixelDataset) Catalog.load("digits", null)).unscaled();
    return all.select(
        IntStream.range(test ? TRAINING_ROWS : 0, test ? all.size() : TRAINING_ROWS).toArray());
  }

  /** Draws one picture and returns its boxes. */
  private List<BoundingBox> draw(byte[] pixels, int at) {
    float[] scene = new float[side * side];
    Arrays.fill(scene, (float) (random.nextDouble() * BRIGHTEST_GROUND));
    int wanted = 1 + random.nextInt(Math.max(1, side * side / ROOM));
    List<BoundingBox> boxes = new ArrayList<>();
    for (int tries = 0; boxes.size() < wanted && tries < TRIES; tries++) {
      int digit = random.nextInt(labels.length);
      double scale = random.nextDouble(SMALLEST, LARGEST);
      double left = random.nextDouble(side - DIGIT * scale);
      double top = random.nextDouble(side - DIGIT * scale);
      BoundingBox box = ink(digit, left, top, scale);
      if (boxes.stream().allMatch(other -> covered(box, other) <= MOST_COVERED)) {
        boxes.add(box);
        write(digit, left, top, scale, random.nextDouble(DARKEST_INK, 1), scene);
      }
    }
    for (int i = 0; i < scene.length; i++) {
      pixels[at + i] = (byte) Math.round(255 * Math.clamp(scene[i] + noise(), 0, 1));
    }
    return boxes;
  }

  /** The box around the ink of a digit. */
  private BoundingBox ink(int digit, double left, double top, double scale) {
    int firstX = DIGIT;
    int firstY = DIGIT;
    int lastX = 0;
    int lastY = 0;
    for (int i = 0; i < DIGIT * DIGIT; i++) {
      if (digits[digit * DIGIT * DIGIT + i] > 0.2) {
        firstX = Math.min(firstX, i % DIGIT);
        lastX = Math.max(lastX, i % DIGIT);
        firstY = Math.min(firstY, i / DIGIT);
        lastY = Math.max(lastY, i / DIGIT);
      }
    }
    return new BoundingBox(
        labels[digit],
        left + firstX * scale,
        top + firstY * scale,
        (lastX + 1 - firstX) * scale,
        (lastY + 1 - firstY) * scale);
  }

  /** The share of the smaller box that both cover. */
  private static double covered(BoundingBox a, BoundingBox b) {
    double overlap = a.intersectionOverUnion(b);
    double shared = overlap * (a.area() + b.area()) / (1 + overlap);
    return shared / Math.min(a.area(), b.area());
  }

  /** Lays a digit over what is there, enlarged by linear interpolation. */
  private void write(int digit, double left, double top, double scale, double ink, float[] scene) {
    for (int y = (int) top; y < Math.min(side, top + DIGIT * scale); y++) {
      for (int x = (int) left; x < Math.min(side, left + DIGIT * scale); x++) {
        double value =
            ink * sample(digit, (x + 0.5 - left) / scale - 0.5, (y + 0.5 - top) / scale - 0.5);
        scene[y * side + x] = (float) Math.max(scene[y * side + x], value);
      }
    }
  }

  private double sample(int digit, double x, double y) {
    int x0 = (int) Math.floor(x);
    int y0 = (int) Math.floor(y);
    double right = x - x0;
    double down = y - y0;
    double above = (1 - right) * pixel(digit, x0, y0) + right * pixel(digit, x0 + 1, y0);
    double below = (1 - right) * pixel(digit, x0, y0 + 1) + right * pixel(digit, x0 + 1, y0 + 1);
    return (1 - down) * above + down * below;
  }

  private float pixel(int digit, int x, int y) {
    boolean inside = x >= 0 && x < DIGIT && y >= 0 && y < DIGIT;
    return inside ? digits[(digit * DIGIT + y) * DIGIT + x] : 0;
  }

  /** Nearly normal: four uniform numbers, whose sum every machine rounds alike. */
  private double noise() {
    double sum = -2;
    for (int i = 0; i < 4; i++) {
      sum += random.nextDouble();
    }
    return NOISE * sum * Math.sqrt(3);
  }
}

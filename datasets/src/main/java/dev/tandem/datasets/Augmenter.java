package dev.tandem.datasets;

import java.util.Arrays;

/**
 * Varies pictures of one size in place, as an {@link Augmentation} says. Holds scratch memory:
 * confined to one thread at a time, and allocates nothing per picture.
 *
 * <p>What is done to a picture depends on seed, epoch and example alone, not on the thread, the
 * batch, or the backend. The random numbers are those of SplitMix64 (Steele, Lea and Flood, "Fast
 * Splittable Pseudorandom Number Generators", 2014), keyed by the three: draw i is the finaliser of
 * the key plus i times the golden ratio. Each setting has draws of its own, so that adding one
 * changes nothing about the others.
 */
public final class Augmenter {
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
  private static final int SHIFT_DRAWS = 1;
  private static final int CROP_DRAWS = 3;
  private static final int FLIP_DRAW = 5;
  private static final int ROTATE_DRAW = 6;
  private static final int CUTOUT_DRAWS = 7;

  /** The share of a box that must stay in the picture; below, the object is not recognisable. */
  private static final float LEAST_VISIBLE = 0.25f;

  private static final int BOX = 5;
  private static final int LEFT = 1;
  private static final int TOP = 2;
  private static final int BOX_WIDTH = 3;
  private static final int BOX_HEIGHT = 4;

  private final Augmentation settings;
  private final int channels;
  private final int height;
  private final int width;
  private final float[] before;
  private final int[] sourceRow;
  private final int[] sourceColumn;
  private final float[] rightShare;
  private final float[] lowerShare;

  Augmenter(Augmentation settings, PictureFormat format) {
    this.settings = settings;
    channels = format.channels();
    height = format.height();
    width = format.width();
    before = new float[settings.rotate() > 0 ? format.length() : height * width];
    sourceRow = new int[height];
    sourceColumn = new int[width];
    rightShare = new float[width];
    lowerShare = new float[width];
  }

  /**
   * Varies one picture, and moves its boxes along. A box is cut at the edge of the picture; one of
   * which less than a quarter is left becomes none: class -1, and 0 for the rest.
   *
   * @param pictures {@code [C,H,W]} from index {@code at}, read and overwritten
   * @param boxes {@code [boxCount,5]} from index {@code boxesAt}: class or -1 for none, left, top,
   *     width, height in pixels; read and overwritten; may be null without boxes
   * @param boxCount 0 for a picture without boxes
   * @param example the index of the example in its part of the data set
   * @throws DataException if there are boxes and the settings do not go with them
   */
  public void apply(
      float[] pictures,
      int at,
      float[] boxes,
      int boxesAt,
      int boxCount,
      long seed,
      int epoch,
      int example) {
    if (boxCount > 0) {
      settings.requireBoxes();
    }
    long key = mix(mix(mix(seed) + epoch) + example);
    int shiftX = between(key, SHIFT_DRAWS, settings.shift());
    int shiftY = between(key, SHIFT_DRAWS + 1, settings.shift());
    int cropX = between(key, CROP_DRAWS, settings.crop());
    int cropY = between(key, CROP_DRAWS + 1, settings.crop());
    boolean flip = settings.flip() && draw(key, FLIP_DRAW) < 0;
    if (flip || shiftX != 0 || shiftY != 0 || cropX != 0 || cropY != 0) {
      trace(sourceColumn, shiftX, cropX);
      trace(sourceRow, shiftY, cropY);
      if (flip) {
        reverse(sourceColumn);
      }
      move(pictures, at);
      for (int box = 0; box < boxCount; box++) {
        moveBox(boxes, boxesAt + box * BOX, shiftX - cropX, shiftY - cropY, flip);
      }
    }
    if (settings.rotate() > 0) {
      // 2^-63 takes a draw to [-1, 1).
      double degrees = draw(key, ROTATE_DRAW) * 0x1p-63 * settings.rotate();
      rotate(pictures, at, StrictMath.toRadians(degrees));
    }
    if (settings.cutout() > 0) {
      cutOut(
          pictures,
          at,
          below(key, CUTOUT_DRAWS, width) - settings.cutout() / 2,
          below(key, CUTOUT_DRAWS + 1, height) - settings.cutout() / 2);
    }
  }

  /** For each place along an axis, the place that it comes from: shifted, then cropped. */
  private static void trace(int[] source, int shift, int crop) {
    int last = source.length - 1;
    for (int i = 0; i <= last; i++) {
      int padded = i + crop;
      int mirrored = padded < 0 ? -padded : padded > last ? 2 * last - padded : padded;
      source[i] = Math.clamp(mirrored - shift, 0, last);
    }
  }

  private static void reverse(int[] values) {
    for (int i = 0, j = values.length - 1; i < j; i++, j--) {
      int value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }

  private void move(float[] pictures, int at) {
    int plane = height * width;
    for (int channel = 0; channel < channels; channel++) {
      int first = at + channel * plane;
      System.arraycopy(pictures, first, before, 0, plane);
      for (int y = 0; y < height; y++) {
        int from = sourceRow[y] * width;
        int to = first + y * width;
        for (int x = 0; x < width; x++) {
          pictures[to + x] = before[from + sourceColumn[x]];
        }
      }
    }
  }

  private void moveBox(float[] boxes, int at, int right, int down, boolean flip) {
    if (boxes[at] < 0) {
      return;
    }
    float area = boxes[at + BOX_WIDTH] * boxes[at + BOX_HEIGHT];
    float left = boxes[at + LEFT] + right;
    float top = boxes[at + TOP] + down;
    float keptLeft = Math.max(0, left);
    float keptTop = Math.max(0, top);
    float keptWidth = Math.min(width, left + boxes[at + BOX_WIDTH]) - keptLeft;
    float keptHeight = Math.min(height, top + boxes[at + BOX_HEIGHT]) - keptTop;
    if (!(keptWidth > 0 && keptHeight > 0 && keptWidth * keptHeight >= LEAST_VISIBLE * area)) {
      Arrays.fill(boxes, at, at + BOX, 0);
      boxes[at] = -1;
      return;
    }
    boxes[at + LEFT] = flip ? width - keptLeft - keptWidth : keptLeft;
    boxes[at + TOP] = keptTop;
    boxes[at + BOX_WIDTH] = keptWidth;
    boxes[at + BOX_HEIGHT] = keptHeight;
  }

  /** Turns clockwise (y points down): each pixel is looked up where it was before the turn. */
  private void rotate(float[] pictures, int at, double radians) {
    int plane = height * width;
    System.arraycopy(pictures, at, before, 0, channels * plane);
    float cos = (float) StrictMath.cos(radians);
    float sin = (float) StrictMath.sin(radians);
    float middleX = (width - 1) / 2f;
    float middleY = (height - 1) / 2f;
    int right = width > 1 ? 1 : 0;
    int below = height > 1 ? width : 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        float fromX = middleX + cos * (x - middleX) + sin * (y - middleY);
        float fromY = middleY - sin * (x - middleX) + cos * (y - middleY);
        float clampedX = Math.clamp(fromX, 0, width - 1);
        float clampedY = Math.clamp(fromY, 0, height - 1);
        int column = Math.min((int) clampedX, Math.max(0, width - 2));
        int row = Math.min((int) clampedY, Math.max(0, height - 2));
        sourceColumn[x] = row * width + column;
        rightShare[x] = clampedX - column;
        lowerShare[x] = clampedY - row;
      }
      for (int channel = 0; channel < channels; channel++) {
        int from = channel * plane;
        int to = at + from + y * width;
        for (int x = 0; x < width; x++) {
          int corner = from + sourceColumn[x];
          float upper = between(before[corner], before[corner + right], rightShare[x]);
          float lower =
              between(before[corner + below], before[corner + below + right], rightShare[x]);
          pictures[to + x] = between(upper, lower, lowerShare[x]);
        }
      }
    }
  }

  private static float between(float first, float second, float share) {
    return first + share * (second - first);
  }

  private void cutOut(float[] pictures, int at, int left, int top) {
    int fromX = Math.max(0, left);
    int toX = Math.min(width, left + settings.cutout());
    int fromY = Math.max(0, top);
    int toY = Math.min(height, top + settings.cutout());
    for (int channel = 0; channel < channels; channel++) {
      for (int y = fromY; y < toY; y++) {
        int row = at + (channel * height + y) * width;
        Arrays.fill(pictures, row + fromX, row + toX, 0);
      }
    }
  }

  private static long draw(long key, int index) {
    return mix(key + index * GOLDEN_RATIO);
  }

  /** From 0 to below a bound; even to within bound / 2^32. */
  private static int below(long key, int index, int bound) {
    return (int) ((draw(key, index) >>> 32) * bound >>> 32);
  }

  /** From -largest to largest. */
  private static int between(long key, int index, int largest) {
    return below(key, index, 2 * largest + 1) - largest;
  }

  /** The finaliser of SplitMix64, Stafford's variant 13. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}

package dev.tandem.datasets;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How training pictures are varied at random, so that a network sees each of them in another place
 * and pose every epoch. What is done to a picture, in this order:
 *
 * <ol>
 *   <li>shift: moved by up to so many whole pixels in each direction; the edge is repeated
 *   <li>crop: padded by so many pixels, mirrored at the edge, and cut back to its size at a random
 *       place
 *   <li>flip: mirrored left to right, every second time
 *   <li>rotate: turned around its centre by up to so many degrees in either direction, bilinear;
 *       the edge is repeated
 *   <li>cut-out: a square around a random pixel set to 0, which is the mean of standardised
 *       pictures (DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks
 *       with Cutout", 2017)
 * </ol>
 *
 * <p>Edges are repeated or mirrored rather than filled with a colour, since black is another number
 * in every standardised channel, and an artificial border is something to learn.
 *
 * @param shift the largest shift in pixels, 0 for none
 * @param crop the padding in pixels, 0 for none
 * @param flip whether to mirror
 * @param rotate the largest angle in degrees, 0 for none, at most 180
 * @param cutout the side of the square in pixels, 0 for none
 */
public record Augmentation(int shift, int crop, boolean flip, double rotate, int cutout) {

  /** Leaves pictures as they are. */
  public static final Augmentation NONE = new Augmentation(0, 0, false, 0, 0);

  private static final String NOTHING = "none";
  private static final double LARGEST_ANGLE = 180;
  private static final List<String> WORDS = List.of("shift", "crop", "flip", "rotate", "cutout");
  private static final String EXAMPLE = "for instance shift=2,flip,rotate=10";

  /** Checks the ranges. */
  public Augmentation {
    if (shift < 0 || crop < 0 || cutout < 0 || !(rotate >= 0 && rotate <= LARGEST_ANGLE)) {
      throw new IllegalArgumentException(
          "augmentation out of range: shift %d, crop %d, rotate %s, cutout %d"
              .formatted(shift, crop, rotate, cutout));
    }
  }

  /**
   * Reads settings such as {@code shift=2,crop=4,flip,rotate=10,cutout=8}, in any order; {@code
   * none} is nothing.
   *
   * @throws DataException if a word is unknown or occurs twice, or its number is missing, unwanted
   *     or out of range
   */
  public static Augmentation parse(String text) {
    int shift = 0;
    int crop = 0;
    boolean flip = false;
    double rotate = 0;
    int cutout = 0;
    if (text.strip().equals(NOTHING)) {
      return NONE;
    }
    Set<String> seen = new HashSet<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String word = (equals < 0 ? part : part.substring(0, equals)).strip();
      String number = equals < 0 ? null : part.substring(equals + 1).strip();
      if (!WORDS.contains(word)) {
        throw new DataException(
            word.isEmpty()
                ? "augmentation '" + text + "' has an empty part (" + EXAMPLE + ")"
                : Nearest.unknown("augmentation", word, WORDS));
      }
      if (!seen.add(word)) {
        throw new DataException(
            "augmentation '" + text + "' says " + word + " twice (say it once)");
      }
      switch (word) {
        case "shift" -> shift = pixels(word, number);
        case "crop" -> crop = pixels(word, number);
        case "rotate" -> rotate = degrees(word, number);
        case "cutout" -> cutout = pixels(word, number);
        default -> {
          if (number != null) {
            throw new DataException(
                "augmentation flip=" + number + ": flip takes no number (say flip)");
          }
          flip = true;
        }
      }
    }
    return new Augmentation(shift, crop, flip, rotate, cutout);
  }

  private static int pixels(String word, String number) {
    if (number == null || !number.matches("[0-9]{1,5}") || Integer.parseInt(number) == 0) {
      throw new DataException(
          "augmentation %s needs a whole number of pixels from 1 up, not %s (for instance %s=4)"
              .formatted(word, number == null ? "nothing" : "'" + number + "'", word));
    }
    return Integer.parseInt(number);
  }

  private static double degrees(String word, String number) {
    boolean isNumber = number != null && number.matches("[0-9]{1,3}([.][0-9]{1,9})?");
    double angle = isNumber ? Double.parseDouble(number) : 0;
    if (!(angle > 0 && angle <= LARGEST_ANGLE)) {
      throw new DataException(
          "augmentation %s needs an angle above 0 and up to 180 degrees, not %s (for instance %s=10)"
              .formatted(word, number == null ? "nothing" : "'" + number + "'", word));
    }
    return angle;
  }

  /** Whether pictures are left as they are. */
  public boolean isNone() {
    return equals(NONE);
  }

  /** The settings for the user to read: {@code shift by up to 2 pixels, flip left to right}. */
  public String describe() {
    List<String> parts = new ArrayList<>();
    if (shift > 0) {
      parts.add("shift by up to " + count(shift));
    }
    if (crop > 0) {
      parts.add("crop after padding by " + count(crop));
    }
    if (flip) {
      parts.add("flip left to right");
    }
    if (rotate > 0) {
      parts.add("rotate by up to " + angle() + " degrees");
    }
    if (cutout > 0) {
      parts.add(String.format(Locale.ROOT, "cut out a square of %dx%d pixels", cutout, cutout));
    }
    return parts.isEmpty() ? NOTHING : String.join(", ", parts);
  }

  private static String count(int pixels) {
    return pixels + (pixels == 1 ? " pixel" : " pixels");
  }

  private String angle() {
    return rotate == Math.rint(rotate) ? Long.toString((long) rotate) : Double.toString(rotate);
  }

  /**
   * Checks that boxes can move along: a turned box is none any more, and a square cut out may hide
   * the whole of an object.
   *
   * @throws DataException if pictures are turned or squares are cut out
   */
  public void requireBoxes() {
    if (rotate > 0 || cutout > 0) {
      throw new DataException(
          "augmentation %s does not go with boxes (leave it out: shift, crop and flip move boxes"
                  .formatted(rotate > 0 ? "rotate=" + angle() : "cutout=" + cutout)
              + " along)");
    }
  }

  /**
   * What does it to pictures of a size.
   *
   * @throws DataException if a setting is too large for them
   */
  public Augmenter augmenter(int channels, int height, int width) {
    requireFit("shift", shift, height, width);
    requireFit("crop", crop, height, width);
    requireFit("cutout", cutout, height, width);
    return new Augmenter(this, new PictureFormat(channels, height, width));
  }

  private static void requireFit(String word, int pixels, int height, int width) {
    int side = Math.min(height, width);
    if (pixels >= side && pixels > 0) {
      throw DataException.of(
          "augmentation %s=%d is too large for pictures of %dx%d pixels (%s)",
          word, pixels, height, width, side == 1 ? "leave it out" : "choose 1 to " + (side - 1));
    }
  }
}

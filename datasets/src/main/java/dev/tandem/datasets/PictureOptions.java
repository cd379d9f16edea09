package dev.tandem.datasets;

/**
 * How pictures of a folder are read.
 *
 * @param channels 1 for grey, 3 for colour, 0 to decide by the pictures: grey if all are grey
 * @param height of every picture in pixels; 0, as the width then is too, for the most frequent size
 *     of the folder, its longer side at most 128
 * @param width of every picture in pixels
 * @param strict whether a picture that cannot be read or an empty class is an error rather than a
 *     note
 */
public record PictureOptions(int channels, int height, int width, boolean strict) {

  /** Decides by the pictures; leaves out those that cannot be read. */
  public static final PictureOptions DEFAULT = new PictureOptions(0, 0, 0, false);

  /** The longest side of pictures whose size nobody chose. */
  static final int LONGEST_SIDE = 128;

  /** Checks the ranges. */
  public PictureOptions {
    if (channels != 0 && channels != 1 && channels != 3) {
      throw new DataException("pictures of " + channels + " channels (choose 1 or 3)");
    }
    if (height < 0 || width < 0 || (height == 0) != (width == 0)) {
      throw new DataException(
          "pictures of %dx%d pixels (choose height and width from 1 up)".formatted(height, width));
    }
  }

  /** For new pictures that a trained network is to take. */
  public static PictureOptions of(PictureFormat format) {
    return new PictureOptions(format.channels(), format.height(), format.width(), false);
  }

  boolean sizeIsGiven() {
    return height > 0;
  }
}

package dev.tandem.datasets;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The size of the pictures that a network takes, and which number is white in them.
 *
 * @param channels 1 for grey, 3 for red, green and blue
 * @param height in pixels
 * @param width in pixels
 * @param white the largest number of a pixel, at most 255; picture files always have 255, and null
 *     stands for it in what was written before there was a choice
 */
public record PictureFormat(int channels, int height, int width, Integer white) {
  private static final int WHITE_OF_FILES = 255;

  /** Checks that it is a size, as it may not be in a damaged file. */
  public PictureFormat {
    if (channels <= 0 || height <= 0 || width <= 0) {
      throw new IllegalArgumentException(
          "no size of pictures: " + channels + " x " + height + " x " + width);
    }
    white = white == null ? WHITE_OF_FILES : white;
    if (white <= 0 || white > WHITE_OF_FILES) {
      throw new IllegalArgumentException("white of pictures is no byte above 0: " + white);
    }
  }

  /** Pictures whose pixels are from 0 to 255. */
  public PictureFormat(int channels, int height, int width) {
    this(channels, height, width, WHITE_OF_FILES);
  }

  /** The same size with pixels as picture files have them. */
  PictureFormat ofFiles() {
    return new PictureFormat(channels, height, width);
  }

  boolean isSizeOf(PictureFormat other) {
    return other != null && ofFiles().equals(other.ofFiles());
  }

  /** The number of bytes of a picture. */
  int length() {
    return Math.multiplyExact(Math.multiplyExact(channels, height), width);
  }

  /** The names of the channels, in order. */
  List<String> channelNames() {
    return channels == 1
        ? List.of("grey")
        : channels == 3
            ? List.of("red", "green", "blue")
            : IntStream.range(0, channels).mapToObj(c -> "channel" + (c + 1)).toList();
  }

  /** For error messages: {@code 3 channels, 32x24 pixels}, height before width. */
  @Override
  public String toString() {
    return channels
        + (channels == 1 ? " channel, " : " channels, ")
        + height
        + "x"
        + width
        + " pixels";
  }
}

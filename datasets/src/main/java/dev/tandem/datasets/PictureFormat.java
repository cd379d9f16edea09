package dev.tandem.datasets;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The size of the pictures that a network takes.
 *
 * @param channels 1 for grey, 3 for red, green and blue
 * @param height in pixels
 * @param width in pixels
 */
public record PictureFormat(int channels, int height, int width) {

  /** Checks that it is a size, as it may not be in a damaged file. */
  public PictureFormat {
    if (channels <= 0 || height <= 0 || width <= 0) {
      throw new IllegalArgumentException(
          "no size of pictures: " + channels + " x " + height + " x " + width);
    }
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

package dev.tandem.datasets.detection;

import dev.tandem.datasets.DataException;
import dev.tandem.datasets.Picture;
import dev.tandem.datasets.PictureDecoder;
import dev.tandem.datasets.PictureDecoder.Size;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Reads pictures into squares; confined to one thread at a time. */
final class SquarePictures implements AutoCloseable {
  private final PictureDecoder decoder = new PictureDecoder();
  private final int side;

  /**
   * A picture in a square.
   *
   * @param placement where it stands
   * @param square with it, in colour
   */
  record Placed(Letterbox placement, Picture square) {}

  SquarePictures(int side) {
    this.side = side;
  }

  /**
   * Reads a picture.
   *
   * @param file its name, for error messages
   * @throws DataException if it cannot be read; the message names it
   */
  Placed read(String file, byte[] bytes) {
    try {
      return read(bytes);
    } catch (IOException e) {
      throw new DataException(file + " " + e.getMessage() + " (replace the picture)", e);
    }
  }

  /**
   * Reads a picture.
   *
   * @throws IOException if it is none; the message is the reason
   */
  Placed read(byte[] bytes) throws IOException {
    Size size = decoder.size(new ByteArrayInputStream(bytes));
    Letterbox placement = new Letterbox(size.width(), size.height(), side);
    return new Placed(placement, placement.draw(decoder.decode(bytes, side, side)));
  }

  @Override
  public void close() {
    decoder.close();
  }
}

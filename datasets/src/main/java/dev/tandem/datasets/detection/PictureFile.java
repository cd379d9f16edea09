package dev.tandem.datasets.detection;

import dev.tandem.datasets.DataException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Pictures in files, with errors that a user understands. */
final class PictureFile {
  /** 400 MB decoded; a small file may claim any size. */
  private static final long MOST_PIXELS = 100_000_000;

  private PictureFile() {}

  /**
   * Decodes the first picture of a file, by its content and not its name.
   *
   * @param file its name, for error messages
   * @throws DataException if it is of no known format, damaged, truncated, or has over 100 million
   *     pixels; the message names it
   */
  static BufferedImage read(String file, byte[] bytes) {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new DataException(
            file + " is not a picture that can be read (save it as JPEG, PNG, GIF or BMP)");
      }
      ImageReader reader = readers.next();
      try {
        return decode(file, reader, in);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      // The decoders of the JDK throw many kinds of runtime exceptions on damaged files.
      if (e instanceof DataException) {
        throw (DataException) e;
      }
      throw damaged(file, e.getMessage(), e);
    }
  }

  private static BufferedImage decode(String file, ImageReader reader, ImageInputStream in)
      throws IOException {
    reader.setInput(in, true, true);
    long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
    if (pixels > MOST_PIXELS) {
      throw DataException.of(
          "%s has %d x %d pixels, more than %d (make it smaller)",
          file, reader.getWidth(0), reader.getHeight(0), MOST_PIXELS);
    }
    // The JPEG decoder fills what is missing with grey and only warns.
    reader.addIIOReadWarningListener(
        (source, warning) -> {
          if (warning.startsWith("Premature end") || warning.startsWith("Corrupt JPEG data")) {
            throw damaged(file, warning, null);
          }
        });
    return reader.read(0);
  }

  private static DataException damaged(String file, String reason, Exception cause) {
    return new DataException(
        file + " is damaged or truncated: " + reason + " (replace the picture)", cause);
  }
}

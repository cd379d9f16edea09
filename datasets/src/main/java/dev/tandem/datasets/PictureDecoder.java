package dev.tandem.datasets;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG, JPEG, GIF (its first picture) and BMP by the JDK's own readers, recognised by their
 * content. Size is looked at before anything is decoded. Keeps a reader for each format: confined
 * to one thread at a time.
 */
public final class PictureDecoder implements AutoCloseable {
  /**
   * The largest picture that is decoded, 8192x8192. A progressive JPEG is held in memory as a
   * whole, 6 bytes a pixel.
   */
  static final long MOST_PIXELS = 1L << 26;

  /** From here on only some rows and columns are kept while decoding, if it is to shrink a lot. */
  private static final long MANY_PIXELS = 1L << 22;

  /** So many pixels of those kept, in each direction, are averaged to one. */
  private static final int AVERAGED = 4;

  private static final int OPAQUE = 255;

  private final Map<String, ImageReader> readers = new HashMap<>();
  private String warning;

  /** The size of a picture, in pixels. */
  public record Size(int height, int width) {}

  /**
   * Reads the size of a picture.
   *
   * @throws IOException if it is none; the message is the reason
   */
  public Size size(InputStream file) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(file)) {
      return size(open(in));
    } catch (IOException | RuntimeException e) {
      throw reason(e);
    }
  }

  /**
   * Decodes a picture, not necessarily in its full size if it is much larger than needed. It is
   * grey if its pixels are; transparent pixels lie on white.
   *
   * @param height that it will be scaled to
   * @param width that it will be scaled to
   * @throws IOException if it cannot be; the message is the reason
   */
  public Picture decode(byte[] file, int height, int width) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      ImageReader reader = open(in);
      Size size = size(reader);
      ImageReadParam parameters = reader.getDefaultReadParam();
      if ((long) size.height * size.width > MANY_PIXELS) {
        int shrinking = Math.max(size.height / height, size.width / width);
        int kept = Math.max(1, shrinking / AVERAGED);
        parameters.setSourceSubsampling(kept, kept, 0, 0);
      }
      warning = null;
      BufferedImage image = reader.read(0, parameters);
      if (warning != null) {
        throw new Unreadable("is damaged: " + warning);
      }
      return picture(image);
    } catch (IOException | RuntimeException e) {
      throw reason(e);
    }
  }

  /** Readers check little before they index or allocate; what state one is in then, who knows. */
  private IOException reason(Exception cause) {
    close();
    if (cause instanceof Unreadable reason) {
      return reason;
    }
    String message = cause.getMessage();
    return new Unreadable(
        "is damaged: "
            + (message == null || message.isBlank()
                ? cause.getClass().getSimpleName()
                : message.lines().findFirst().orElseThrow()),
        cause);
  }

  /** The reason why a picture cannot be read, in words that follow its name. */
  private static final class Unreadable extends IOException {
    private static final long serialVersionUID = 1L;

    Unreadable(String reason) {
      super(reason);
    }

    Unreadable(String reason, Exception cause) {
      super(reason, cause);
    }
  }

  private ImageReader open(ImageInputStream in) throws IOException {
    byte[] start = new byte[4];
    in.mark();
    int length = Math.max(0, in.read(start));
    in.reset();
    ImageReader reader = readers.computeIfAbsent(format(start, length), this::newReader);
    // Metadata would cost as much as a small picture's pixels.
    reader.setInput(in, true, true);
    return reader;
  }

  private ImageReader newReader(String format) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    reader.addIIOReadWarningListener(
        (source, text) -> {
          // A JPEG that ends too early, or whose codes are wrong, is filled up in grey with no
          // more than a warning; other warnings are about superfluous bytes.
          if (text.contains("remature end") || text.contains("bad Huffman")) {
            warning = text;
          }
        });
    return reader;
  }

  private static String format(byte[] start, int length) throws IOException {
    int first = length < 4 ? 0 : start[0] & 0xff;
    int second = start[1] & 0xff;
    if (first == 0x89 && second == 'P' && start[2] == 'N' && start[3] == 'G') {
      return "png";
    }
    if (first == 0xff && second == 0xd8 && (start[2] & 0xff) == 0xff) {
      return "jpeg";
    }
    if (first == 'G' && second == 'I' && start[2] == 'F' && start[3] == '8') {
      return "gif";
    }
    if (first == 'B' && second == 'M') {
      return "bmp";
    }
    throw new Unreadable(length == 0 ? "is empty" : "is neither PNG, JPEG, GIF nor BMP");
  }

  private static Size size(ImageReader reader) throws IOException {
    Size size = new Size(reader.getHeight(0), reader.getWidth(0));
    if (size.height <= 0 || size.width <= 0 || (long) size.height * size.width > MOST_PIXELS) {
      throw new Unreadable(
          "has %dx%d pixels, at most %d are decoded"
              .formatted(size.height, size.width, MOST_PIXELS));
    }
    return size;
  }

  private static Picture picture(BufferedImage image) {
    ColorModel model = image.getColorModel();
    boolean plain =
        model instanceof ComponentColorModel
            && !model.isAlphaPremultiplied()
            && model.getTransferType() <= DataBuffer.TYPE_USHORT;
    // getRGB would take grey for linear light and brighten it.
    if (plain && model.getNumColorComponents() == 1) {
      return grey(image.getRaster(), model);
    }
    int height = image.getHeight();
    int width = image.getWidth();
    int plane = height * width;
    byte[] pixels = new byte[3 * plane];
    boolean fast =
        plain
            && model.getColorSpace().isCS_sRGB()
            && model.getTransferType() == DataBuffer.TYPE_BYTE;
    int bands = fast ? model.getNumComponents() : 4;
    int[] row = new int[bands * width];
    int[] colours = fast ? null : new int[width];
    boolean allGrey = true;
    for (int y = 0; y < height; y++) {
      if (fast) {
        image.getRaster().getPixels(0, y, width, 1, row);
      } else {
        unpack(image.getRGB(0, y, width, 1, colours, 0, width), row);
      }
      for (int x = 0; x < width; x++) {
        int at = x * bands;
        int alpha = bands == 4 ? row[at + 3] : OPAQUE;
        int red = onWhite(row[at], alpha);
        int green = onWhite(row[at + 1], alpha);
        int blue = onWhite(row[at + 2], alpha);
        int to = y * width + x;
        pixels[to] = (byte) red;
        pixels[plane + to] = (byte) green;
        pixels[2 * plane + to] = (byte) blue;
        allGrey &= red == green && green == blue;
      }
    }
    return allGrey
        ? new Picture(1, height, width, Arrays.copyOf(pixels, plane))
        : new Picture(3, height, width, pixels);
  }

  private static void unpack(int[] colours, int[] row) {
    for (int x = 0; x < colours.length; x++) {
      row[4 * x] = colours[x] >> 16 & 0xff;
      row[4 * x + 1] = colours[x] >> 8 & 0xff;
      row[4 * x + 2] = colours[x] & 0xff;
      row[4 * x + 3] = colours[x] >>> 24;
    }
  }

  private static Picture grey(Raster raster, ColorModel model) {
    int height = raster.getHeight();
    int width = raster.getWidth();
    int excess = Math.max(0, model.getComponentSize(0) - Byte.SIZE);
    int bands = raster.getNumBands();
    byte[] pixels = new byte[height * width];
    int[] row = new int[bands * width];
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int alpha = bands == 2 ? row[2 * x + 1] >> excess : OPAQUE;
        pixels[y * width + x] = (byte) onWhite(row[bands * x] >> excess, alpha);
      }
    }
    return new Picture(1, height, width, pixels);
  }

  private static int onWhite(int value, int alpha) {
    return alpha == OPAQUE ? value : (value * alpha + OPAQUE * (OPAQUE - alpha) + 127) / OPAQUE;
  }

  @Override
  public void close() {
    readers.values().forEach(ImageReader::dispose);
    readers.clear();
  }
}

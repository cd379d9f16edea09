package dev.tandem.models.pictures;

import dev.tandem.datasets.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Canvases as PNG files (ISO/IEC 15948): 8 bits of grey where a canvas has no colour, else of red,
 * green and blue.
 */
public final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int GREY = 0;
  private static final int TRUE_COLOUR = 2;

  /** How a row is written: as it is, or as differences from the pixel on the left or above. */
  private enum Filter {
    NONE,
    SUB,
    UP
  }

  private Png() {}

  /**
   * Replaces a file as a whole.
   *
   * @throws IOException if it cannot be written; then the old file is as it was
   */
  public static void write(Path file, Canvas canvas) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(encode(canvas));
    AtomicFile.replace(
        file,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /** The bytes of the file. */
  public static byte[] encode(Canvas canvas) {
    boolean grey = isGrey(canvas);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.write(SIGNATURE);
      ByteBuffer header = ByteBuffer.allocate(13);
      header.putInt(canvas.width()).putInt(canvas.height());
      // Bits, colour type; then the only compression, set of filters, and no interlacing.
      header.put((byte) 8).put((byte) (grey ? GREY : TRUE_COLOUR));
      chunk(out, "IHDR", header.array());
      chunk(out, "IDAT", compressed(canvas, grey ? 1 : 3));
      chunk(out, "IEND", new byte[0]);
    } catch (IOException e) {
      throw new AssertionError("memory does not fail to be written", e);
    }
    return bytes.toByteArray();
  }

  private static boolean isGrey(Canvas canvas) {
    for (int y = 0; y < canvas.height(); y++) {
      for (int x = 0; x < canvas.width(); x++) {
        int rgb = canvas.pixel(x, y);
        if ((rgb >> 8 & 0xFF) != (rgb & 0xFF) || rgb >> 16 != (rgb & 0xFF)) {
          return false;
        }
      }
    }
    return true;
  }

  private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 checksum = new CRC32();
    checksum.update(name);
    checksum.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) checksum.getValue());
  }

  private static byte[] compressed(Canvas canvas, int channels) throws IOException {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
      byte[] above = new byte[canvas.width() * channels];
      byte[] row = new byte[above.length];
      for (int y = 0; y < canvas.height(); y++) {
        read(canvas, y, channels, row);
        Filter filter = best(row, above, channels);
        out.write(filter.ordinal());
        out.write(filtered(filter, row, above, channels));
        byte[] next = above;
        above = row;
        row = next;
      }
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  private static void read(Canvas canvas, int y, int channels, byte[] row) {
    for (int i = 0; i < row.length; i++) {
      int rgb = canvas.pixel(i / channels, y);
      row[i] = (byte) (rgb >> 8 * (channels - 1 - i % channels));
    }
  }

  /** The filter with the smallest sum of differences, which the standard recommends (12.8). */
  private static Filter best(byte[] row, byte[] above, int channels) {
    Filter best = Filter.NONE;
    long least = Long.MAX_VALUE;
    for (Filter filter : Filter.values()) {
      long sum = 0;
      for (byte value : filtered(filter, row, above, channels)) {
        sum += Math.abs(value);
      }
      if (sum < least) {
        least = sum;
        best = filter;
      }
    }
    return best;
  }

  private static byte[] filtered(Filter filter, byte[] row, byte[] above, int channels) {
    byte[] out = Arrays.copyOf(row, row.length);
    for (int i = 0; i < row.length; i++) {
      switch (filter) {
        case SUB -> out[i] -= i < channels ? 0 : row[i - channels];
        case UP -> out[i] -= above[i];
        case NONE -> {}
      }
    }
    return out;
  }
}

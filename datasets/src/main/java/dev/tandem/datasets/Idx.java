package dev.tandem.datasets;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * IDX files of unsigned bytes, the format of MNIST (Y. LeCun, "The MNIST database of handwritten
 * digits", "File formats"): two zero bytes, the type 0x08, the number of axes, the length of each
 * axis as a big-endian int32, then the bytes in row-major order. Compressed files are recognised by
 * their content, whatever their name. Nothing is allocated before header and size of the file
 * agree; of a compressed file the size is bounded by what gzip can have compressed.
 */
final class Idx {
  /** The number of axes of a file of pictures, {@code [N,H,W]}. */
  static final int PICTURE_AXES = 3;

  /** The number of axes of a file of class ids, {@code [N]}. */
  static final int LABEL_AXES = 1;

  private static final int UNSIGNED_BYTE = 0x08;

  /**
   * Deflate's best: 258 bytes from 2 bits, less the headers (zlib, "Maximum Compression Factor").
   */
  private static final long LARGEST_COMPRESSION = 1032;

  /** What virtual machines allow. */
  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private static final String COPY_AGAIN = "copy it again";

  private Idx() {}

  /**
   * The content of a file.
   *
   * @param bytes unsigned, row-major
   */
  record Content(byte[] bytes, int[] shape) {}

  /**
   * Reads a file, compressed by gzip or not.
   *
   * @param axes the number of axes that are expected
   * @throws DataException if the file cannot be read, is no IDX file of unsigned bytes with so many
   *     axes, is truncated or longer than its header says
   */
  static Content read(Path file, int axes) {
    long size = DataFiles.size(file);
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in, size, axes);
    } catch (IOException e) {
      throw DataFiles.unreadable(file, e);
    }
  }

  /** The same of bytes that were read before. */
  static Content parse(String name, byte[] file, int axes) {
    try {
      return read(name, new ByteArrayInputStream(file), file.length, axes);
    } catch (IOException e) {
      throw new DataException(
          name + " cannot be read: " + e.getMessage() + " (" + COPY_AGAIN + ")", e);
    }
  }

  private static Content read(String name, InputStream stored, long size, int axes)
      throws IOException {
    PushbackInputStream peeked = Gzip.peekable(stored);
    if (!Gzip.isNext(peeked)) {
      return content(name, peeked, size, size, axes);
    }
    try {
      return content(name, new GZIPInputStream(peeked), -1, size * LARGEST_COMPRESSION, axes);
    } catch (IOException e) {
      throw new DataException(
          name + " cannot be decompressed: " + e.getMessage() + " (" + COPY_AGAIN + ")", e);
    }
  }

  /**
   * Reads header and bytes.
   *
   * @param size of the decompressed file; -1 if it is not known
   * @param bound what the decompressed file cannot exceed
   */
  private static Content content(String name, InputStream in, long size, long bound, int axes)
      throws IOException {
    int[] shape = shape(name, in, axes);
    long header = 4L + 4L * axes;
    long values = 1;
    for (int length : shape) {
      // Two lengths below 2^31 fit a long; a product beyond the largest array is refused here.
      values *= length;
      if (values > LARGEST_ARRAY) {
        throw DataException.of(
            "%s has shape %s, more than %d bytes (split it, or check that it is an IDX file)",
            name, describe(shape), LARGEST_ARRAY);
      }
    }
    if (size >= 0 ? header + values != size : header + values > bound) {
      throw differs(
          name, shape, header + values, size >= 0 ? "it has " + size : "at most " + bound);
    }
    if (values > Runtime.getRuntime().maxMemory()) {
      throw DataException.of(
          "%s has shape %s, which does not fit the Java heap of %d MiB (raise it, for instance"
              + " TANDEM_OPTS=-Xmx8g)",
          name, describe(shape), Runtime.getRuntime().maxMemory() >> 20);
    }
    byte[] bytes = new byte[(int) values];
    int found = in.readNBytes(bytes, 0, bytes.length);
    if (found < bytes.length) {
      throw differs(name, shape, header + values, "it has " + (header + found));
    }
    if (in.read() >= 0) {
      throw differs(name, shape, header + values, "it has more");
    }
    return new Content(bytes, shape);
  }

  private static int[] shape(String name, InputStream in, int axes) throws IOException {
    byte[] magic = in.readNBytes(4);
    if (magic.length < 4 || magic[0] != 0 || magic[1] != 0) {
      throw DataException.of(
          "%s is no IDX file: it begins with %s, expected 00 00 08 %02x (give a file such as"
              + " train-%s-ubyte)",
          name, hex(magic), axes, axes == PICTURE_AXES ? "images-idx3" : "labels-idx1");
    }
    if (magic[2] != UNSIGNED_BYTE) {
      throw DataException.of(
          "%s is an IDX file of element type 0x%02x, unsigned bytes (0x08) can be read (save it as"
              + " .npy)",
          name, magic[2] & 0xff);
    }
    if (magic[3] != axes) {
      throw DataException.of(
          "%s is an IDX file of %d axes, %s have %d (were pictures and labels swapped?)",
          name, magic[3] & 0xff, axes == PICTURE_AXES ? "pictures" : "class ids", axes);
    }
    ByteBuffer lengths = ByteBuffer.wrap(in.readNBytes(4 * axes));
    if (lengths.remaining() < 4 * axes) {
      throw new DataException(name + " is truncated in its IDX header (" + COPY_AGAIN + ")");
    }
    int[] shape = new int[axes];
    for (int axis = 0; axis < axes; axis++) {
      shape[axis] = lengths.getInt();
      if (shape[axis] <= 0) {
        throw DataException.of(
            "%s has an IDX header whose axis %d has length %s (1 to 2147483647 can be read)",
            name, axis, Integer.toUnsignedString(shape[axis]));
      }
    }
    return shape;
  }

  private static DataException differs(String name, int[] shape, long needed, String found) {
    return DataException.of(
        "%s is truncated or damaged: its header says %s, which needs %d bytes, but %s (%s)",
        name, describe(shape), needed, found, COPY_AGAIN);
  }

  private static String describe(int[] shape) {
    return Arrays.stream(shape)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String hex(byte[] bytes) {
    return bytes.length == 0 ? "nothing" : HexFormat.ofDelimiter(" ").formatHex(bytes);
  }
}

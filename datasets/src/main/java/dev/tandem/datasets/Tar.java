package dev.tandem.datasets;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Tar archives (POSIX.1-2017, pax, "ustar Interchange Format"), read from front to back: the
 * formats ustar, pax and GNU with their long names. Only files and directories are handed out;
 * links and devices are passed over. Nothing is written to disk, so a path that leads out of the
 * archive does no harm.
 */
final class Tar {
  private static final int BLOCK = 512;
  private static final int NAME_BYTES = 100;
  private static final int SIZE_AT = 124;
  private static final int SIZE_BYTES = 12;
  private static final int CHECKSUM_AT = 148;
  private static final int CHECKSUM_BYTES = 8;
  private static final int TYPE_AT = 156;
  private static final int MAGIC_AT = 257;
  private static final int PREFIX_AT = 345;
  private static final int PREFIX_BYTES = 155;

  /** Far more than a path may have anywhere. */
  private static final int LONGEST_NAME = 1 << 16;

  /** Takes the entries one after the other. */
  @FunctionalInterface
  interface Visitor {
    /**
     * An entry.
     *
     * @param name a directory's ends in a slash
     * @param content ends where the file ends; need not be read
     * @param size in bytes
     */
    void entry(String name, InputStream content, long size) throws IOException;
  }

  private Tar() {}

  /**
   * Visits all entries.
   *
   * @param in the archive, decompressed
   * @throws IOException if it is truncated or no tar archive
   */
  static void each(InputStream in, Visitor visitor) throws IOException {
    String longName = null;
    byte[] header = in.readNBytes(BLOCK);
    while (header.length == BLOCK && header[0] != 0) {
      requireChecksum(header);
      long size = size(header);
      long padding = Math.floorMod(-size, (long) BLOCK);
      char type = (char) header[TYPE_AT];
      if (type == 'L' || type == 'x') {
        if (size > LONGEST_NAME) {
          throw new IOException("a name of " + size + " bytes in a tar header");
        }
        String text = new String(exactly(in, (int) size), StandardCharsets.UTF_8);
        longName = type == 'L' ? untilZero(text) : paxPath(text, longName);
        in.skipNBytes(padding);
      } else {
        String name = longName != null ? longName : name(header);
        Content content = new Content(in, size);
        if (type == '0' || type == 0) {
          visitor.entry(name, content, size);
        } else if (type == '5') {
          visitor.entry(name.endsWith("/") ? name : name + "/", content, size);
        }
        in.skipNBytes(content.left + padding);
        longName = type == 'g' ? longName : null;
      }
      header = in.readNBytes(BLOCK);
    }
    if (header.length > 0 && header.length < BLOCK) {
      throw new EOFException("the archive ends inside a header");
    }
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the archive ends inside a name");
    }
    return bytes;
  }

  private static void requireChecksum(byte[] header) throws IOException {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      boolean checksum = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_BYTES;
      sum += checksum ? ' ' : header[i] & 0xff;
    }
    if (sum != octal(header, CHECKSUM_AT, CHECKSUM_BYTES)) {
      throw new IOException("it is no tar archive, or damaged: a header's checksum is wrong");
    }
  }

  private static long size(byte[] header) throws IOException {
    if ((header[SIZE_AT] & 0x80) == 0) {
      return octal(header, SIZE_AT, SIZE_BYTES);
    }
    // GNU's binary sizes are for files from 8 GiB up.
    throw new IOException("an entry '" + name(header) + "' of more than 8 GiB");
  }

  private static long octal(byte[] header, int at, int length) throws IOException {
    String digits = untilZero(new String(header, at, length, StandardCharsets.ISO_8859_1)).strip();
    if (!digits.matches("[0-7]{1,12}")) {
      throw new IOException(
          "it is no tar archive, or damaged: '" + digits + "' is no octal number");
    }
    return Long.parseLong(digits, 8);
  }

  private static String name(byte[] header) {
    String name = text(header, 0, NAME_BYTES);
    // GNU's own magic is "ustar" and two spaces; it has other things where POSIX has the prefix.
    boolean posix = text(header, MAGIC_AT, 6).equals("ustar");
    String prefix = posix ? text(header, PREFIX_AT, PREFIX_BYTES) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static String text(byte[] header, int at, int length) {
    return untilZero(new String(header, at, length, StandardCharsets.UTF_8));
  }

  private static String untilZero(String text) {
    int zero = text.indexOf(0);
    return zero < 0 ? text : text.substring(0, zero);
  }

  /** The path in pax's records, {@code LENGTH KEY=VALUE} and a line feed. */
  private static String paxPath(String records, String otherwise) {
    String path = otherwise;
    for (String line : records.split("\n")) {
      String record = line.substring(line.indexOf(' ') + 1);
      path = record.startsWith("path=") ? record.substring("path=".length()) : path;
    }
    return path;
  }

  /** The bytes of one entry. */
  private static final class Content extends InputStream {
    private final InputStream in;
    private long left;

    Content(InputStream in, long size) {
      this.in = in;
      left = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(into, at, (int) Math.min(length, left));
      if (read < 0) {
        throw new EOFException("the archive ends inside a file");
      }
      left -= read;
      return read;
    }
  }
}

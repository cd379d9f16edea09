package dev.tandem.datasets;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Writes small ustar archives for tests. */
final class TarWriter {
  private static final int BLOCK = 512;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Adds a file, or a directory if the name ends in a slash. */
  TarWriter add(String name, byte[] content) {
    return add(name, name.endsWith("/") ? '5' : '0', content);
  }

  TarWriter add(String name, char type, byte[] content) {
    byte[] header = header(name, type, content.length);
    out.writeBytes(header);
    out.writeBytes(Arrays.copyOf(content, (content.length + BLOCK - 1) / BLOCK * BLOCK));
    return this;
  }

  static byte[] header(String name, char type, long size) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 124, String.format(Locale.ROOT, "%011o", size));
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar");
    put(header, 263, "00");
    int sum = 0;
    for (byte value : header) {
      sum += value & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    return header;
  }

  static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** The archive, with the two empty blocks that end it. */
  byte[] bytes() {
    byte[] written = out.toByteArray();
    return Arrays.copyOf(written, written.length + 2 * BLOCK);
  }
}

package dev.tandem.datasets;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Reads bytes as text. */
final class Texts {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private Texts() {}

  /**
   * UTF-8, with or without a byte order mark. Bytes that are no UTF-8 are an error, not replaced:
   * what they are replaced by would be learned as part of the text.
   *
   * @throws DataException if the bytes are not UTF-8, naming the first that is not, or blank
   */
  static String decode(String name, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(in, out, true);
    if (result.isError()) {
      throw DataException.of(
          "%s is not UTF-8 text: byte %d is 0x%02X (save the file as UTF-8)",
          name, in.position(), bytes[in.position()] & 0xFF);
    }
    out.flip();
    if (out.length() > 0 && out.charAt(0) == BYTE_ORDER_MARK) {
      out.position(1);
    }
    String text = out.toString();
    if (text.isBlank()) {
      throw new DataException(name + " is empty (give a file with text)");
    }
    return text;
  }
}

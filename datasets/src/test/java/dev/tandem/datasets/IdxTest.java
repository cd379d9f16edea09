package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxTest {
  private static final byte[] SIX = {1, 2, 3, (byte) 255, 5, 6};

  @TempDir Path directory;

  static byte[] idx(byte[] values, int... shape) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + values.length);
    file.putInt(0x0800 | shape.length);
    Arrays.stream(shape).forEach(file::putInt);
    return file.put(values).array();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      out.write(bytes);
    }
    return compressed.toByteArray();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(directory.resolve("x-idx3-ubyte"), bytes);
  }

  @Test
  void readsPlainAndCompressedFilesByTheirContent() throws IOException {
    byte[] plain = idx(SIX, 3, 1, 2);
    for (byte[] bytes : new byte[][] {plain, gzip(plain)}) {
      Idx.Content content = Idx.read(file(bytes), Idx.PICTURE_AXES);
      assertThat(content.bytes()).containsExactly(SIX);
      assertThat(content.shape()).containsExactly(3, 1, 2);
    }
    Path misnamed = Files.write(directory.resolve("plain.gz"), idx(SIX, 6));
    assertThat(Idx.read(misnamed, Idx.LABEL_AXES).bytes()).containsExactly(SIX);
  }

  /** Each case is the header in hexadecimal, before six bytes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "00000803 00000004 00000001 00000002 | is truncated or damaged: its header says [4,1,2],"
            + " which needs 24 bytes, but it has 22 (copy it again)",
        "00000803 00000002 00000001 00000002 | is truncated or damaged: its header says [2,1,2],"
            + " which needs 20 bytes, but it has 22 (copy it again)",
        "00000803 7fffffff 7fffffff 7fffffff | has shape [2147483647,2147483647,2147483647], more"
            + " than 2147483639 bytes (split it, or check that it is an IDX file)",
        "00000803 7fffffff 00000001 00000001 | has shape [2147483647,1,1], more than 2147483639"
            + " bytes (split it, or check that it is an IDX file)",
        "00000803 ffffffff 00000001 00000002 | has an IDX header whose axis 0 has length 4294967295"
            + " (1 to 2147483647 can be read)",
        "00000803 00000003 00000000 00000002 | has an IDX header whose axis 1 has length 0 (1 to"
            + " 2147483647 can be read)",
        "00000801 00000003 00000001 00000002 | is an IDX file of 1 axes, pictures have 3 (were"
            + " pictures and labels swapped?)",
        "00000d03 00000003 00000001 00000002 | is an IDX file of element type 0x0d, unsigned bytes"
            + " (0x08) can be read (save it as .npy)",
        "89504e47 00000003 00000001 00000002 | is no IDX file: it begins with 89 50 4e 47, expected"
            + " 00 00 08 03 (give a file such as train-images-idx3-ubyte)"
      })
  void refusesHostileHeaders(String header, String message) throws IOException {
    byte[] bytes = new byte[22];
    System.arraycopy(java.util.HexFormat.of().parseHex(header.replace(" ", "")), 0, bytes, 0, 16);
    System.arraycopy(SIX, 0, bytes, 16, 6);
    Path file = file(bytes);
    assertThatThrownBy(() -> Idx.read(file, Idx.PICTURE_AXES))
        .isInstanceOf(DataException.class)
        .hasMessage(file + " " + message);
  }

  @Test
  void boundsWhatACompressedFileCanHoldBeforeItAllocates() throws IOException {
    byte[] compressed = gzip(idx(SIX, 2_000_000, 28, 28));
    Path file = file(compressed);
    assertThatThrownBy(() -> Idx.read(file, Idx.PICTURE_AXES))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "%s is truncated or damaged: its header says [2000000,28,28], which needs 1568000016"
                + " bytes, but at most %d (copy it again)",
            file, compressed.length * 1032);
  }

  @Test
  void refusesFilesThatEndTooEarlyOrTooLate() throws IOException {
    byte[] compressed = gzip(idx(SIX, 3, 1, 2));
    Path shorter = file(gzip(Arrays.copyOf(idx(SIX, 3, 1, 2), 20)));
    assertThatThrownBy(() -> Idx.read(shorter, Idx.PICTURE_AXES))
        .hasMessage(
            shorter
                + " is truncated or damaged: its header says [3,1,2], which needs 22 bytes, but it"
                + " has 20 (copy it again)");
    Path longer = file(gzip(Arrays.copyOf(idx(SIX, 3, 1, 2), 23)));
    assertThatThrownBy(() -> Idx.read(longer, Idx.PICTURE_AXES))
        .hasMessageContaining("needs 22 bytes, but it has more (copy it again)");
    Path cut = file(Arrays.copyOf(compressed, compressed.length - 12));
    assertThatThrownBy(() -> Idx.read(cut, Idx.PICTURE_AXES))
        .isInstanceOf(DataException.class)
        .hasMessage(
            cut + " cannot be decompressed: Unexpected end of ZLIB input stream (copy it again)");
    compressed[compressed.length - 5] ^= 1;
    Path changed = file(compressed);
    assertThatThrownBy(() -> Idx.read(changed, Idx.PICTURE_AXES))
        .hasMessage(changed + " cannot be decompressed: Corrupt GZIP trailer (copy it again)");
    Path header = file(new byte[] {0, 0, 8, 3, 0, 0});
    assertThatThrownBy(() -> Idx.read(header, Idx.PICTURE_AXES))
        .hasMessage(header + " is truncated in its IDX header (copy it again)");
    Path empty = file(new byte[0]);
    assertThatThrownBy(() -> Idx.read(empty, Idx.LABEL_AXES))
        .hasMessageContaining("is no IDX file: it begins with nothing, expected 00 00 08 01");
    Path notGzip = Files.write(directory.resolve("x.gz"), "hello".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Idx.read(notGzip, Idx.LABEL_AXES))
        .hasMessageContaining("is no IDX file: it begins with 68 65 6c 6c");
    assertThatThrownBy(() -> Idx.read(directory.resolve("absent"), Idx.LABEL_AXES))
        .hasMessage(directory.resolve("absent") + " does not exist (check the path)");
  }
}

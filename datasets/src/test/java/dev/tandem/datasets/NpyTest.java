package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
  @TempDir Path directory;

  private static Path fixture(String name) throws URISyntaxException {
    return Path.of(NpyTest.class.getResource("npy/" + name + ".npy").toURI());
  }

  /** A file of format version 1.0 with the given header and this many bytes of data. */
  private Path file(String header, int dataBytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) text.length).put(text);
    return Files.write(directory.resolve("x.npy"), bytes.array());
  }

  private static String header(String descr, String shape) {
    return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  }

  private void assertRefused(Path file, String message) {
    assertThatThrownBy(() -> Npy.read(file))
        .isInstanceOf(DataException.class)
        .hasMessage(file + message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"f2", "f4", "f8", "big-f4", "big-f8", "version2", "fortran"})
  void readsEveryFloatTypeThatNumpyWrote(String name) throws Exception {
    HostArray array = Npy.read(fixture(name));
    assertThat(array).hasToString("float32 [2,3]");
    assertThat(array.floats()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"i4", "i8", "u1", "i2", "big-i4", "big-i8", "big-i2"})
  void readsEveryIntegerTypeThatNumpyWrote(String name) throws Exception {
    HostArray array = Npy.read(fixture(name));
    assertThat(array).hasToString("int32 [2,3]");
    assertThat(array.ints()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  /** As numpy.asfortranarray writes an array of three axes. */
  @Test
  void readsFortranOrderOfMoreAxes() throws Exception {
    HostArray array = Npy.read(fixture("fortran3"));
    assertThat(array).hasToString("int32 [2,3,4]");
    assertThat(array.ints()).containsExactly(IntStream.range(0, 24).toArray());
  }

  @Test
  void readsBooleansAsZeroAndOneAndVectors() throws Exception {
    assertThat(Npy.read(fixture("b1")).ints()).containsExactly(0, 1, 0, 1, 0, 1);
    assertThat(Npy.read(fixture("vector"))).hasToString("int32 [3]");
  }

  @Test
  void readsNegativeAndUnsignedValues() throws IOException {
    Path bytes = file(header("|u1", "(1,)"), 1);
    Files.write(bytes, withLastByte(Files.readAllBytes(bytes), (byte) 0xff));
    assertThat(Npy.read(bytes).ints()).containsExactly(255);
    Path shorts = file(header("<i2", "(1,)"), 2);
    byte[] negative = withLastByte(Files.readAllBytes(shorts), (byte) 0xff);
    Files.write(shorts, negative);
    assertThat(Npy.read(shorts).ints()).containsExactly(-256);
  }

  private static byte[] withLastByte(byte[] bytes, byte last) {
    bytes[bytes.length - 1] = last;
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({"1", "7", "20000", "40000"})
  void writesWhatItReads(int rows) {
    float[] floats = new float[rows * 3];
    int[] ints = new int[rows];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = i / 7f;
    }
    Arrays.setAll(ints, i -> i * 7919 - 1000);
    Path x = directory.resolve("x.npy");
    Path y = directory.resolve("y.npy");
    Npy.write(x, HostArray.of(floats, rows, 3));
    Npy.write(y, HostArray.of(ints, rows));
    assertThat(Npy.read(x).floats()).containsExactly(floats);
    assertThat(Npy.read(x).shape()).containsExactly(rows, 3);
    assertThat(Npy.read(y).ints()).containsExactly(ints);
    assertThat(Npy.read(y).shape()).containsExactly(rows);
  }

  @Test
  void writesTheBytesThatNumpyWrites() throws Exception {
    Path mine = directory.resolve("mine.npy");
    for (String name : new String[] {"f4", "i4", "vector"}) {
      Npy.write(mine, Npy.read(fixture(name)));
      assertThat(mine).hasSameBinaryContentAs(fixture(name));
    }
  }

  @Test
  void writesTheSameInEveryLocale() throws Exception {
    Locale before = Locale.getDefault();
    Path mine = directory.resolve("mine.npy");
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      Npy.write(mine, Npy.read(fixture("f4")));
    } finally {
      Locale.setDefault(before);
    }
    assertThat(mine).hasSameBinaryContentAs(fixture("f4"));
  }

  @Test
  void keepsNotANumberAndInfinity() {
    Path file = directory.resolve("x.npy");
    Npy.write(file, HostArray.of(new float[] {Float.NaN, Float.NEGATIVE_INFINITY}, 2));
    assertThat(Npy.read(file).floats()).containsExactly(Float.NaN, Float.NEGATIVE_INFINITY);
  }

  @Test
  void replacesAFileAndLeavesNothingBeside() throws IOException {
    Path file = directory.resolve("x.npy");
    Files.writeString(file, "before");
    Npy.write(file, HostArray.of(new int[] {1}, 1));
    assertThat(Npy.read(file).ints()).containsExactly(1);
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void leavesNothingWhereItCannotWrite() throws IOException {
    Path occupied = Files.createDirectories(directory.resolve("x.npy/inside")).getParent();
    assertThatThrownBy(() -> Npy.write(occupied, HostArray.of(new int[] {1}, 1)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(occupied + " cannot be written: ")
        .hasMessageEndingWith(" (name a file)");
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(occupied);
    }
    Path nowhere = directory.resolve("none/x.npy");
    assertThatThrownBy(() -> Npy.write(nowhere, HostArray.of(new int[] {1}, 1)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(nowhere + " cannot be written: ");
  }

  @Test
  void namesTheRemedyOfWhatNumpyCanWriteAndWeCannotRead() throws Exception {
    assertRefused(
        fixture("complex"),
        " has element type '<c8', of f2, f4, f8, i4, i8, u1, i2, b1 (save array.astype('float32') or"
            + " array.astype('int32'))");
    assertRefused(
        fixture("structured"),
        " has element type '[(a, <f4), (b, <i4)]', of f2, f4, f8, i4, i8, u1, i2, b1 (save"
            + " array.astype('float32') or array.astype('int32'))");
    assertRefused(
        fixture("scalar"),
        " holds a single number, shape () (give it an axis: one row for each example)");
    assertRefused(
        fixture("empty"), " holds no values, axis 0 has length 0 (give at least one example)");
    assertRefused(
        fixture("huge-f8"), ": 1.0E300 at flat index 1 does not fit float32 (scale the values)");
    assertRefused(
        fixture("huge-i8"),
        ": 2147483648 at flat index 1 does not fit int32 (renumber the values)");
  }

  @Test
  void refusesWhatIsNoNpyFile() throws IOException {
    Path file = directory.resolve("x.npy");
    String message = " is not a .npy file (write it with numpy.save)";
    for (String text :
        new String[] {"", "\u0093NUM", "a,b\n1,2\n3,4\n", "PK\u0003\u0004 an archive"}) {
      assertRefused(Files.writeString(file, text, StandardCharsets.ISO_8859_1), message);
    }
    assertRefused(directory.resolve("none.npy"), " does not exist (check the path)");
    assertRefused(directory, " is a directory (name a file in it)");
  }

  @Test
  void refusesEveryTruncationOfAFile() throws Exception {
    byte[] whole = Files.readAllBytes(fixture("f4"));
    for (int length = 0; length < whole.length; length++) {
      Path file = Files.write(directory.resolve("x.npy"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Npy.read(file))
          .isInstanceOf(DataException.class)
          .hasMessageStartingWith(file + " ")
          .hasMessageEndingWith(")");
    }
    assertRefused(
        Files.write(directory.resolve("x.npy"), Arrays.copyOf(whole, whole.length - 1)),
        " is truncated: shape [2,3] of f4 needs 24 bytes of data, the file has 23 (copy it again, or"
            + " save it again with numpy.save)");
    assertRefused(
        Files.write(directory.resolve("x.npy"), Arrays.copyOf(whole, whole.length + 1)),
        " is longer than its header says: shape [2,3] of f4 needs 24 bytes of data, the file has 25"
            + " (copy it again, or save it again with numpy.save)");
  }

  @Test
  void boundsTheHeaderBeforeItIsRead() throws IOException {
    byte[] bytes = new byte[32];
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0})
        .putInt(-1);
    Path file = Files.write(directory.resolve("x.npy"), bytes);
    assertRefused(
        file,
        " has a .npy header of 4294967295 bytes in a file of 32 bytes, at most 65535 are read (save it"
            + " again with numpy.save)");
    bytes[6] = 3;
    Files.write(file, bytes);
    assertRefused(
        file,
        " has .npy format version 3.0, versions 1.0 and 2.0 can be read (save it again with"
            + " numpy.save)");
  }

  @Test
  void boundsTheShapeBeforeAnythingIsAllocated() throws IOException {
    assertRefused(
        file(header("<f4", "(2147483647,)"), 4),
        " is truncated: shape [2147483647] of f4 needs 8589934588 bytes of data, the file has 4 (copy"
            + " it again, or save it again with numpy.save)");
    assertRefused(
        file(header("<f4", "(65536, 65536)"), 4),
        " has shape [65536,65536], more than 2147483647 values (split the array)");
    assertRefused(
        file(header("<f4", "(4294967296, 4294967296)"), 4),
        " has an axis of length 4294967296, more than 2147483647 (split the array)");
    assertRefused(
        file(header("<f4", "(9999999999999999999,)"), 4),
        " has an axis of length 9999999999999999999, more than 2147483647 (split the array)");
    assertRefused(
        file(header("<f4", "(1, 0)"), 0),
        " holds no values, axis 1 has length 0 (give at least one example)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{'descr': '<f4'}",
        "not a dictionary",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1.5,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1, }",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } and more"
      })
  void refusesAHeaderThatIsNoHeader(String header) throws IOException {
    assertRefused(
        file(header, 4),
        " has a .npy header that cannot be understood (save it again with numpy.save)");
  }

  @Test
  void survivesAHeaderOfVeryManyAxes() throws IOException {
    assertRefused(
        file(header("<f4", "(" + "1,".repeat(30000) + ")"), 4),
        " has a .npy header that cannot be understood (save it again with numpy.save)");
    assertRefused(
        file("{" + "'descr':'<f4',".repeat(4000) + "}", 4),
        " has a .npy header that cannot be understood (save it again with numpy.save)");
  }
}

package dev.tandem.models.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made to mislead: each is refused in one line, before memory is taken on its word. */
class HostileSafetensorsTest {
  /**
   * Some ten times what reading the fixture takes; a header that is believed asks for gigabytes.
   */
  private static final long MOST_BYTES_ALLOCATED = 1 << 20;

  private static final String[] HEADER_NUMBERS = {
    "-1",
    "0",
    "1",
    "3",
    "2147483648",
    "4611686018427387904",
    "9223372036854775807",
    "9223372036854775808",
    "1e3",
    "1.0",
    "null",
    "[]",
    "{}",
    "\"1\"",
    "[[[[[[",
    ""
  };

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          []                                                                                | does not start with '{'
          ` {}` | does not start with '{'
          {                                                                                 | not valid JSON
          {} {}                                                                             | text follows the end
          {"a":1}                                                                           | 'a' in its header is not an object
          {"a":{"b":{"c":{"d":{}}}}}                                                        | unknown key 'b'
          {"__metadata__":{"a":1}}                                                          | __metadata__ 'a' is not a string
          {"__metadata__":{"a":"1","a":"2"}}                                                | Duplicate
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{}}                     | Duplicate
          {"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}              | Duplicate
          {"a":{"dtype":"F32","shape":[1]}}                                                 | lacks dtype, shape or data_offsets
          {"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}                        | has the dtype 'F8_E4M3' (save it as one of [F64, F32,
          {"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}                                | has the dtype 'null'
          {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}                           | shape of tensor 'a' is not a list
          {"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}                          | shape of tensor 'a' is not a list
          {"a":{"dtype":"F32","shape":{},"data_offsets":[0,4]}}                             | shape of tensor 'a' is not a list
          {"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}         | shape of tensor 'a' is not a list
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}                            | does not fit its 4 bytes
          {"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}          | does not fit its 4 bytes
          {"a":{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,0]}}      | does not fit its 0 bytes
          {"a":{"dtype":"F32","shape":[3000000000,0],"data_offsets":[0,0]}}                 | larger than a Java array
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}                            | data_offsets [4, 0]
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}                              | data_offsets [0]
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}                          | data_offsets [0, 4, 4]
          {"a":{"dtype":"F32","shape":[250000000],"data_offsets":[0,1000000000]}}           | within the file's 4 bytes
          {}                                                                                | end at byte 0 of 4
          {"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}                             | after a gap
          {"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}                             | end at byte 3 of 4
          {"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}} | inside the one before it
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | inside the one before it
          {"line\\nend\\u001b[31m":1}                                                       | 'line?end?[31m'
          """)
  void refusesHeader(String header, String problem) throws IOException {
    Path file = write(header.getBytes(StandardCharsets.UTF_8), 4);
    assertRefused(file, problem);
  }

  @Test
  void refusesHeadersInOtherEncodings() throws IOException {
    assertRefused(write("{}".getBytes(StandardCharsets.UTF_16LE), 0), "not valid JSON");
    assertRefused(write(new byte[] {'{', '"', (byte) 0xff, '"', ':'}, 0), "not valid JSON");
  }

  @Test
  void refusesRanksThatNobodyHas() throws IOException {
    String ones = "1,".repeat(64) + "1";
    assertRefused(
        write(
            ("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + ones + "],\"data_offsets\":[0,1]}}")
                .getBytes(StandardCharsets.UTF_8),
            1),
        "a list of at most 64");
  }

  @Test
  void refusesDoublesThatFloatsCannotHold() throws IOException {
    byte[] header =
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}"
            .getBytes(StandardCharsets.UTF_8);
    Path file = write(header, 8);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putDouble(bytes.length - 8, -1e39);
    assertRefused(Files.write(file, bytes), "tensor 'a' holds -1.0E39, beyond float32");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 3, 0x7fffffff})
  void refusesHeaderLengthsBeyondTheFile(long length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    assertRefused(
        Files.write(directory.resolve("a"), bytes.array()),
        "claims a header of " + Long.toUnsignedString(length) + " bytes in a file of 10");
  }

  @Test
  void refusesWhatIsNoFile() throws IOException {
    assertRefused(directory, "is a directory (name a safetensors file)");
    assertRefused(directory.resolve("missing"), "does not exist (check the path)");
    assertRefused(Files.createFile(directory.resolve("empty")), "has 0 bytes");
    assertRefused(Files.write(directory.resolve("short"), new byte[7]), "has 7 bytes");
    assertRefused(Files.write(directory.resolve("zero"), new byte[8]), "does not start with '{'");
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    byte[] valid = valid();
    for (int length = 0; length < valid.length; length++) {
      Path file = Files.write(directory.resolve("a"), Arrays.copyOf(valid, length));
      assertThatThrownBy(() -> Safetensors.read(file)).isInstanceOf(WeightsException.class);
    }
  }

  @Test
  void survivesRandomMutations() throws IOException {
    byte[] valid = valid();
    Random random = new Random(20_260_401);
    Path file = directory.resolve("mutated");
    Safetensors.read(Files.write(file, valid));
    int refused = 0;
    int mutations = 3_000;
    for (int mutation = 0; mutation < mutations; mutation++) {
      byte[] mutated =
          random.nextBoolean() ? flipBytes(valid, random) : replaceNumber(valid, random);
      Files.write(file, mutated);
      long before = allocatedBytes();
      Throwable thrown = catchThrowable(() -> Safetensors.read(file));
      assertThat(allocatedBytes() - before)
          .as("bytes allocated by mutation %d", mutation)
          .isLessThan(MOST_BYTES_ALLOCATED);
      if (thrown != null) {
        refused++;
        assertThat(thrown).as("mutation %d", mutation).isInstanceOf(WeightsException.class);
        assertThat(thrown.getMessage()).startsWith(file + ": ").doesNotContain("\n");
      }
    }
    assertThat(refused).as("mutations that broke the file").isBetween(mutations / 4, mutations - 1);
  }

  private static byte[] flipBytes(byte[] valid, Random random) {
    byte[] mutated = valid.clone();
    for (int count = 1 + random.nextInt(3); count > 0; count--) {
      mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
    }
    return mutated;
  }

  /** Puts something else in the place of one number of the header, with the length corrected. */
  private static byte[] replaceNumber(byte[] valid, Random random) {
    int headerEnd = 8 + (int) ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong();
    int begin = 8 + random.nextInt(headerEnd - 8);
    while (!isDigit(valid[begin])) {
      begin = begin == headerEnd - 1 ? 8 : begin + 1;
    }
    int end = begin;
    while (isDigit(valid[end])) {
      end++;
    }
    byte[] number =
        HEADER_NUMBERS[random.nextInt(HEADER_NUMBERS.length)].getBytes(StandardCharsets.UTF_8);
    int length = valid.length - (end - begin) + number.length;
    return ByteBuffer.allocate(length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerEnd - 8 - (end - begin) + number.length)
        .put(valid, 8, begin - 8)
        .put(number)
        .put(valid, end, valid.length - end)
        .array();
  }

  private static boolean isDigit(byte character) {
    return character >= '0' && character <= '9';
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static void assertRefused(Path file, String problem) {
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(problem)
        .message()
        .doesNotContain("\n", "\u001b")
        .endsWith(")");
  }

  private Path write(byte[] header, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header);
    return Files.write(directory.resolve("hostile"), bytes.array());
  }

  private static byte[] valid() throws IOException {
    try (InputStream input =
        HostileSafetensorsTest.class.getResourceAsStream("every_type.safetensors")) {
      return input.readAllBytes();
    }
  }
}

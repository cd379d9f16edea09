package dev.tandem.models.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code src/test/python/make_safetensors_fixtures.py} wrote the fixtures. */
class SafetensorsTest {
  private static final NamedTensor BIAS = new NamedTensor("b", new int[] {2}, new float[] {1, 2});

  @TempDir Path directory;
  @TempDir Path fixtures;

  @Test
  void readsEveryTypeInTheOrderOfTheHeader() throws IOException {
    Safetensors.Contents contents = Safetensors.read(fixture("every_type.safetensors"));
    assertThat(contents.tensors())
        .extracting(NamedTensor::name)
        .containsExactly("größe", "f32", "f64", "f16", "bf16");
    assertTensor(contents.tensors().get(0), new int[] {0, 4});
    assertTensor(contents.tensors().get(1), new int[] {3}, 0.1f, -1e-45f, Float.MAX_VALUE);
    assertTensor(
        contents.tensors().get(2), new int[] {2, 2}, 1.5f, -2.25f, 0.1f, Float.POSITIVE_INFINITY);
    assertTensor(
        contents.tensors().get(3),
        new int[] {8},
        0,
        -0f,
        1,
        -2.5f,
        65504,
        0x1p-24f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY);
    assertTensor(
        contents.tensors().get(4),
        new int[] {5},
        1,
        -2.5f,
        Float.intBitsToFloat(0x7f7f0000),
        Float.intBitsToFloat(0x006c0000),
        Float.POSITIVE_INFINITY);
    assertThat(contents.integers())
        .extracting(NamedIntegers::name)
        .containsExactly("bn1.num_batches_tracked", "bool", "u8", "i32");
    assertIntegers(contents.integers().get(0), new int[0], (1L << 40) + 1);
    assertIntegers(contents.integers().get(1), new int[] {3}, 1, 0, 1);
    assertIntegers(contents.integers().get(2), new int[] {2}, 0, 255);
    assertIntegers(contents.integers().get(3), new int[] {1, 2}, -7, Integer.MAX_VALUE);
    assertThat(contents.metadata()).isEqualTo(Map.of("format", "pt", "note", "line\nend"));
  }

  @Test
  void writesTheCanonicalBytes() throws IOException {
    Path file = directory.resolve("model.safetensors");
    Safetensors.write(
        file,
        List.of(
            new NamedTensor("fc1.weight", new int[] {2, 3}, new float[] {0, 1, 2, 3, 4, 5}),
            new NamedTensor("fc1.bias", new int[] {2}, new float[] {-0.5f, 0.25f}),
            new NamedTensor("scale", new int[0], new float[] {3})),
        Map.of("format", "pt"));
    assertThat(file).hasSameBinaryContentAs(fixture("canonical.safetensors"));
    assertOnlyFile(file);
  }

  @Test
  void roundTripsTensorsLargerThanTheBuffer() {
    float[] values = new float[100_003];
    IntStream.range(0, values.length).forEach(i -> values[i] = Float.intBitsToFloat(i * 42_901));
    NamedTensor large = new NamedTensor("quote\" and ünï", new int[] {values.length}, values);
    Path file = directory.resolve("model.safetensors");
    Safetensors.write(file, List.of(BIAS, large), Map.of());
    Safetensors.Contents contents = Safetensors.read(file);
    assertThat(contents.tensors()).hasSize(2);
    assertTensor(contents.tensors().get(0), BIAS.shape(), BIAS.values());
    assertTensor(contents.tensors().get(1), large.shape(), values);
    assertThat(contents.tensors().get(1).name()).isEqualTo(large.name());
  }

  @Test
  void roundTripsNothingAtAll() {
    Path file = directory.resolve("model.safetensors");
    Safetensors.write(file, List.of(), Map.of());
    assertThat(Safetensors.read(file).tensors()).isEmpty();
  }

  @Test
  void replacesAnOldFileAndLeavesNothingBeside() {
    Path file = directory.resolve("model.safetensors");
    Safetensors.write(
        file, List.of(BIAS, new NamedTensor("c", new int[0], new float[1])), Map.of());
    Safetensors.write(file, List.of(BIAS), Map.of());
    assertThat(Safetensors.read(file).tensors()).hasSize(1);
    assertOnlyFile(file);
  }

  @Test
  void keepsTheOldFileWhenTheDiskIsFull() throws IOException {
    Path file = Files.writeString(directory.resolve("model.safetensors"), "old");
    assertThatThrownBy(
            () ->
                AtomicFile.replace(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.allocate(1000));
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left on device");
    assertThat(file).hasContent("old");
    assertOnlyFile(file);
  }

  @Test
  void saysWhyItCannotWrite() throws IOException {
    Path missing = directory.resolve("missing").resolve("model.safetensors");
    assertThatThrownBy(() -> Safetensors.write(missing, List.of(BIAS), Map.of()))
        .isInstanceOf(WeightsException.class)
        .hasMessage(
            missing
                + ": cannot be written: its directory does not exist"
                + " (check the directory and its free space)");
    assertThatThrownBy(() -> Safetensors.write(directory, List.of(BIAS), Map.of()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("it is a directory");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void refusesTensorsThatAFileCannotHold() {
    Path file = directory.resolve("model.safetensors");
    assertThatThrownBy(() -> Safetensors.write(file, List.of(BIAS, BIAS), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the tensor name 'b' is taken: give every tensor its own");
    NamedTensor reserved = new NamedTensor("__metadata__", new int[] {1}, new float[1]);
    assertThatThrownBy(() -> Safetensors.write(file, List.of(reserved), Map.of()))
        .hasMessageContaining("is taken");
    assertThatThrownBy(() -> new NamedTensor("b", new int[] {2, 2}, new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("b has 3 values, its shape [2, 2] needs 4");
    assertThatThrownBy(() -> new NamedIntegers("b", new int[] {-1}, new long[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(file).doesNotExist();
  }

  private static void assertTensor(NamedTensor tensor, int[] shape, float... values) {
    assertThat(tensor.shape()).isEqualTo(shape);
    assertThat(bits(tensor.values())).isEqualTo(bits(values));
  }

  private static void assertIntegers(NamedIntegers tensor, int[] shape, long... values) {
    assertThat(tensor.shape()).isEqualTo(shape);
    assertThat(tensor.values()).isEqualTo(values);
  }

  private static int[] bits(float[] values) {
    return IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i])).toArray();
  }

  private void assertOnlyFile(Path file) {
    assertThat(directory).isDirectoryNotContaining(path -> !path.equals(file));
  }

  private Path fixture(String name) throws IOException {
    Path copy = fixtures.resolve(name);
    try (InputStream input = SafetensorsTest.class.getResourceAsStream(name)) {
      Files.copy(input, copy);
    }
    return copy;
  }
}

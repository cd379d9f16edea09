package dev.tandem.engine.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kernels' sources, without a device: what they may contain, and that a GPU's compiler agrees.
 */
class KernelSourcesTest {
  private static final Path FOLDER =
      Path.of("src", "main", "resources", "dev", "tandem", "engine", "cuda", "kernels");

  @TempDir private Path folder;

  static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".cu")).sorted().toList();
    }
  }

  /** NVRTC has no headers; sums in the order of arrival would differ from run to run. */
  @ParameterizedTest
  @MethodSource("sources")
  void needsNothingThatNvrtcHasNotAndNothingThatVaries(Path source) throws IOException {
    String text = Files.readString(source);

    assertThat(text).startsWith("#include \"common.cuh\"\n");
    assertThat(text.indexOf("#include", 1)).as("a second include").isNegative();
    assertThat(text).doesNotContain("atomicAdd", "__expf", "__logf", "__fdividef", "printf");
  }

  @ParameterizedTest
  @MethodSource("sources")
  void compilesForDevicesWhereNvccIsFound(Path source) throws Exception {
    Optional<Path> nvcc = nvcc();
    assumeTrue(nvcc.isPresent(), "no nvcc in PATH, CUDA_HOME or CUDA_PATH");
    Process process =
        new ProcessBuilder(
                nvcc.orElseThrow().toString(),
                "-std=c++17",
                "-gencode=arch=compute_80,code=[sm_80,sm_90]",
                "-fatbin",
                "-o",
                folder.resolve("out.fatbin").toString(),
                source.toString())
            .redirectErrorStream(true)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).as("warnings").isEmpty();
  }

  private static Optional<Path> nvcc() {
    Stream<String> path = Arrays.stream(System.getenv("PATH").split(":"));
    Stream<String> toolkits =
        Stream.of(System.getenv("CUDA_HOME"), System.getenv("CUDA_PATH"))
            .filter(Objects::nonNull)
            .map(toolkit -> toolkit + "/bin");
    return Stream.concat(path, toolkits)
        .map(place -> Path.of(place, "nvcc"))
        .filter(Files::isExecutable)
        .findFirst();
  }
}

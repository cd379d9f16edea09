package dev.tandem.engine.cuda.jcuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.engine.cuda.StandIn;
import dev.tandem.engine.cuda.loading.CudaLibraries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernels compiled, kept and loaded, on the stand-in. */
class KernelCompilerTest {
  private static final Logger LOGGER = Logger.getLogger(KernelCache.class.getName());

  @TempDir private Path folder;

  @BeforeAll
  static void requireStandIn() {
    Optional<String> missing = StandIn.install();
    assumeTrue(missing.isEmpty(), () -> missing.orElseThrow());
    CudaLibraries.load();
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void speakAgain() {
    LOGGER.setLevel(null);
  }

  @Test
  void keepsWhatItCompiledAndLoadsItAgain() throws IOException {
    assertThat(halved(8)).isEqualTo(4);
    Path file = onlyFile();
    byte[] kept = Files.readAllBytes(file);
    Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    assertThat(halved(8)).isEqualTo(4);
    assertThat(onlyFile()).isEqualTo(file);
    assertThat(Files.readAllBytes(file)).isEqualTo(kept);
    assertThat(Files.getLastModifiedTime(file).toMillis()).as("not written again").isZero();
  }

  @Test
  void compilesAgainWhatIsDamaged() throws IOException {
    halved(8);
    Path file = onlyFile();
    byte[] kept = Files.readAllBytes(file);
    byte[] damaged = kept.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(file, damaged);
    assertThat(halved(8)).isEqualTo(4);
    assertThat(Files.readAllBytes(file)).isNotEqualTo(damaged);
  }

  /** A file that is whole, but not machine code for this device. */
  @Test
  void compilesAgainWhatDoesNotLoad() throws IOException {
    halved(8);
    String name = onlyFile().getFileName().toString();
    String key = name.substring(0, name.length() - ".cubin".length());
    KernelCache cache = new KernelCache(folder.resolve("kernels"));
    byte[] other = {'n', 'o', ' ', 'c', 'o', 'd', 'e'};
    cache.write(key, other);
    assertThat(cache.read(key)).isEqualTo(other);
    assertThat(halved(8)).isEqualTo(4);
    assertThat(cache.read(key)).isNotEqualTo(other);
  }

  @Test
  void aKernelThatIsNotThereIsNamed() {
    try (CudaContext context = new CudaContext(0);
        Kernels kernels = new Kernels(context, folder.resolve("kernels"))) {
      Kernel kernel = kernels.module("elementwise").kernel("nowhere");
      assertThatThrownBy(() -> kernel.launch(1, 1))
          .isInstanceOf(CudaException.class)
          .hasMessageStartingWith("cuModuleGetFunction(nowhere of elementwise.cu) failed: ")
          .hasMessageContaining("CUDA_ERROR_NOT_FOUND");
      assertThatThrownBy(() -> kernels.module("missing").kernel("any").launch(1, 1))
          .hasMessage(
              "/dev/tandem/engine/cuda/kernels/missing.cu is missing from the program (build it anew)");
    }
  }

  @Test
  void aLaunchThatIsRefusedNamesKernelAndGrid() {
    try (CudaContext context = new CudaContext(0);
        Kernels kernels = new Kernels(context, folder.resolve("kernels"))) {
      Kernel scale = kernels.module("elementwise").kernel("scale");
      assertThatThrownBy(() -> scale.launch(1, 2000))
          .isInstanceOf(CudaException.class)
          .hasMessageStartingWith(
              "cuLaunchKernel(scale, grid 1 x 1 x 1, block 2000 x 1 x 1, 0 bytes shared) failed: CUDA_ERROR_");
    }
  }

  /** Halves a number on the device, with kernels from the folder or compiled into it. */
  private float halved(float value) {
    try (CudaContext context = new CudaContext(0);
        Kernels kernels = new Kernels(context, folder.resolve("kernels"));
        DeviceBuffer buffer = context.allocate("a test", Float.BYTES);
        PinnedMemory memory = new PinnedMemory(context, Float.BYTES)) {
      context.fill(buffer.at(0), Float.floatToRawIntBits(value), 1);
      kernels
          .module("elementwise")
          .kernel("scale")
          .index(1)
          .number(0.5)
          .address(buffer.address())
          .address(buffer.address())
          .launchOver(1);
      memory.copyFrom(buffer.at(0), Float.BYTES);
      return memory.floats().get(0);
    }
  }

  private Path onlyFile() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("kernels"))) {
      return files
          .reduce(
              (one, two) -> {
                throw new AssertionError(one + " and " + two);
              })
          .orElseThrow();
    }
  }
}

package dev.tandem.engine.cuda.loading;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CudnnBuildTest {
  private static final int BLOCK = 1 << 20;

  @TempDir private Path folder;

  private Path library(int position, int size) throws IOException {
    byte[] bytes = new byte[size];
    byte[] name = "libcublasLt.so.13".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(name, 0, bytes, position, name.length);
    Files.write(folder.resolve("libcudnn_ops.so.9"), bytes);
    return Files.createFile(folder.resolve("libcudnn.so.9"));
  }

  @Test
  void aWheelIsNamedBesideIt() throws IOException {
    MadeUpMachine machine =
        new MadeUpMachine(folder)
            .with("/p/nvidia/cudnn/lib/libcudnn.so.9", "/p/nvidia_cudnn_cu12-9.5.dist-info/RECORD");
    assertThat(CudnnBuild.cudaMajor(machine.path("/p/nvidia/cudnn/lib/libcudnn.so.9")))
        .hasValue(12);
  }

  /** At the start, at the end, and across two blocks of the search. */
  @ParameterizedTest
  @ValueSource(ints = {0, 12345, BLOCK - 17, BLOCK - 16, BLOCK - 1, BLOCK, 3 * BLOCK - 17})
  void theLibraryThatItOpensIsReadFromIt(int position) throws IOException {
    assertThat(CudnnBuild.cudaMajor(library(position, 3 * BLOCK))).hasValue(13);
  }

  @Test
  void withoutASignNothingIsSaid() throws IOException {
    Path alone = Files.createFile(folder.resolve("libcudnn.so.9"));
    assertThat(CudnnBuild.cudaMajor(alone)).isEmpty();
    Files.write(folder.resolve("libcudnn_ops.so.9"), new byte[BLOCK + 5]);
    assertThat(CudnnBuild.cudaMajor(alone)).isEmpty();
  }
}

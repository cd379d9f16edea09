package dev.tandem.engine.cuda.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Loads JCuda's real classes, in a program of its own each time, on libraries that have nothing but
 * NVIDIA's names, version nodes and the functions by which versions are told.
 */
class CudaLibrariesTest {
  /** The status 0 of every call is success. */
  private static final String DRIVER =
      """
      int cuInit(unsigned flags) { return 0; }
      int cuDriverGetVersion(int *version) { *version = %d; return 0; }
      int cuGetErrorString(int status, const char **text) { *text = "some text"; return 0; }
      int cuDeviceGetCount(int *count) { *count = 1; return 0; }
      int cuDeviceGet(int *device, int ordinal) { *device = 7; return 0; }
      int cuDeviceGetName(char *name, int size, int device) { *name = 'G'; return 0; }
      int cuDeviceTotalMem_v2(unsigned long *bytes, int device) { *bytes = 3ul << 30; return 0; }
      int cuDeviceGetAttribute(int *value, int attribute, int device)
      { *value = device != 7 ? -1 : attribute == 75 ? 9 : attribute == 76 ? 0 : -1; return 0; }
      """;

  private static final String CUBLAS =
      """
      int cublasGetProperty(int part, int *value) { *value = part == 0 ? %d : part + 5; return 0; }
      """;

  private static final String NVRTC =
      "int nvrtcVersion(int *major, int *minor) { *major = %d; *minor = 6; return 0; }";

  private static final String CUDNN =
      """
      unsigned long cudnnGetVersion() { return %d; }
      unsigned long cudnnGetCudartVersion() { return %d; }
      """;

  @TempDir private Path folder;
  private Path libraries;
  private Path temporary;

  @BeforeEach
  void folders() throws IOException {
    NativeBuild.require();
    libraries = Files.createDirectory(folder.toRealPath().resolve("libraries"));
    temporary = Files.createDirectory(folder.resolve("temporary"));
  }

  private void build(int cuda, int cudnn, int cudaOfCudnn) throws Exception {
    NativeBuild.library(libraries, "libcuda.so.1", DRIVER.formatted(cuda * 1000));
    NativeBuild.library(libraries, "libcublasLt.so." + cuda, "int light() { return 0; }");
    NativeBuild.library(libraries, "libcublas.so." + cuda, CUBLAS.formatted(cuda));
    NativeBuild.library(libraries, "libnvrtc.so." + cuda, NVRTC.formatted(cuda));
    NativeBuild.library(
        libraries,
        "libcudnn.so." + cudnn,
        CUDNN.formatted(cudnn == 8 ? 8907 : 90501, cudaOfCudnn * 1000));
  }

  private List<String> load() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-Dtandem.cuda.standin=true",
                "-Dtandem.cuda.libraries=" + libraries,
                "-cp",
                System.getProperty("java.class.path"),
                LoadingProgram.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  @ParameterizedTest
  @CsvSource({"12, 9, 9.5.1", "13, 9, 9.5.1", "12, 8, 8.9.7"})
  void jcudaLoadsOnEveryCudaAndCudnn(int cuda, int cudnn, String version) throws Exception {
    build(cuda, cudnn, cuda);
    assertThat(load())
        .containsExactly(
            "available: stand-in on the host, no GPU: results count, speed does not",
            "driver: CUDA %d.0, %s/libcuda.so.1".formatted(cuda, libraries),
            "cuBLAS: %d.6.7, %s/libcublas.so.%d".formatted(cuda, libraries, cuda),
            "NVRTC: %d.6, %s/libnvrtc.so.%d".formatted(cuda, libraries, cuda),
            "cuDNN: %s, %s/libcudnn.so.%d".formatted(version, libraries, cudnn),
            "again: true",
            "folder kept: true");
  }

  @Test
  void aCudnnForAnotherCudaIsRefused() throws Exception {
    build(12, 9, 13);
    assertThat(load())
        .containsExactly(
            "not available",
            "refused: backend 'cuda' is not available: cuDNN: %s/libcudnn.so.9 is for CUDA 13,"
                    .formatted(libraries)
                + " cuBLAS is 12 (./mvnw -pl engine-cuda -am test builds the stand-in)",
            "folder kept: true");
  }

  @Test
  void aDamagedLibraryIsRefused() throws Exception {
    build(12, 9, 12);
    Files.writeString(libraries.resolve("libnvrtc.so.12"), "not a library");
    assertThat(load())
        .element(1)
        .asString()
        .startsWith(
            "refused: backend 'cuda' is not available: NVRTC: does not load: %s/libnvrtc.so.12: "
                .formatted(libraries));
  }

  /** JCuda would load this file, by its name, from the folder for temporary files. */
  @Test
  void aPlantedFileIsNotLoaded() throws Exception {
    build(12, 9, 12);
    Path marker = folder.resolve("marker");
    String planted = "libJCudaDriver-12.6.0-linux-x86_64.so";
    Path library =
        NativeBuild.library(
            folder,
            "planted.so",
            """
            #include <fcntl.h>
            __attribute__((constructor)) void planted() { open("%s", O_CREAT | O_WRONLY, 0600); }
            """
                .formatted(marker));
    OpenLibrary.open(library);
    assertThat(marker).exists();
    Files.delete(marker);

    Files.copy(library, temporary.resolve(planted));
    assertThat(load()).contains("again: true").endsWith("left: " + planted);
    assertThat(marker).doesNotExist();
  }

  @Test
  void aFolderThatOthersMayEnterIsRefused() throws IOException {
    Path open =
        Files.createDirectory(
            folder.resolve("open"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    assertThatThrownBy(() -> JCudaNatives.requirePrivate(open))
        .isInstanceOf(IOException.class)
        .hasMessage(open + " is open to other users (give another with -Djava.io.tmpdir)");
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
    assertThatThrownBy(() -> JCudaNatives.requirePrivate(link)).isInstanceOf(IOException.class);
  }
}

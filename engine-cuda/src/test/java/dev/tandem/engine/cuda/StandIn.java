package dev.tandem.engine.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The stand-in for NVIDIA's libraries that lets the GPU backend run, slowly and watched closely, on
 * a machine without a GPU. Its sources are under {@code src/test/native}.
 */
public final class StandIn {
  private static final Path SCRIPT = Path.of("src", "test", "native", "build.sh");
  private static final Path FOLDER = Path.of("target", "standin");

  private static Optional<String> missing;

  private StandIn() {}

  /**
   * Builds the libraries, if that was not done since their sources changed, and makes {@link
   * CudaBackendProvider} find them and nothing else.
   *
   * @return why there is no stand-in on this machine; empty where there is one
   */
  public static synchronized Optional<String> install() {
    if (missing == null) {
      missing = build();
      if (missing.isEmpty()) {
        System.setProperty("tandem.cuda.standin", "true");
        System.setProperty("tandem.cuda.libraries", FOLDER.toAbsolutePath().toString());
      }
    }
    return missing;
  }

  private static Optional<String> build() {
    try {
      Process process =
          new ProcessBuilder("sh", SCRIPT.toString(), FOLDER.toString())
              .redirectErrorStream(true)
              .start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      int status = process.waitFor();
      if (status == 3) {
        return Optional.of(output);
      }
      if (status != 0) {
        throw new IllegalStateException("the CUDA stand-in does not build:\n" + output);
      }
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }
}

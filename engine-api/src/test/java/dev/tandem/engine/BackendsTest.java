package dev.tandem.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Discovery, with two backends of the test's own: one that is missing and one that will not open.
 * Only a class loader of the test's own registers them, as other modules use these test classes.
 */
class BackendsTest {
  private final Thread thread = Thread.currentThread();
  private final ClassLoader before = thread.getContextClassLoader();
  private URLClassLoader loader;

  @BeforeEach
  void register(@TempDir Path directory) throws IOException {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.write(
        services.resolve(BackendProvider.class.getName()),
        List.of(Present.class.getName(), Missing.class.getName()));
    loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, before);
    thread.setContextClassLoader(loader);
  }

  @AfterEach
  void unregister() throws IOException {
    thread.setContextClassLoader(before);
    loader.close();
  }

  /** Has the highest rank and no device. */
  public static final class Missing implements BackendProvider {
    @Override
    public String id() {
      return "missing";
    }

    @Override
    public int rank() {
      return 9;
    }

    @Override
    public Probe probe() {
      return new Probe.Unavailable("no device in /dev/nothing", "plug one in");
    }

    @Override
    public Backend open(BackendOptions options) {
      throw new AssertionError("opened although its probe found nothing");
    }
  }

  /** Is there, and says how it was opened. */
  public static final class Present implements BackendProvider {
    @Override
    public String id() {
      return "present";
    }

    @Override
    public int rank() {
      return 1;
    }

    @Override
    public Probe probe() {
      return new Probe.Available("a test");
    }

    @Override
    public Backend open(BackendOptions options) {
      throw new BackendUnavailableException("asked for " + options.math());
    }
  }

  @Test
  void providersComeInOrderOfRank() {
    assertThat(Backends.providers())
        .extracting(BackendProvider::id)
        .containsExactly("missing", "present");
  }

  @Test
  void anUnknownNameIsToldWhatThereIs() {
    assertThatThrownBy(() -> Backends.open("gpu", BackendOptions.defaults()))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage("there is no backend 'gpu' (there are auto and missing, present)");
  }

  @Test
  void aBackendAskedForByNameNeverFallsBack() {
    assertThatThrownBy(() -> Backends.open("missing", BackendOptions.defaults()))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage("backend 'missing' is not available: no device in /dev/nothing (plug one in)");
  }

  @Test
  void autoTakesTheHighestRankThatIsThereAndHandsTheOptionsOn() {
    BackendOptions options = new BackendOptions(3, MathMode.BF16);
    assertThatThrownBy(() -> Backends.open(Backends.AUTO, options)).hasMessage("asked for BF16");
    assertThatThrownBy(() -> Backends.open("present", options)).hasMessage("asked for BF16");
  }

  @Test
  void refusesImpossibleNumbersOfThreads() {
    assertThatThrownBy(() -> new BackendOptions(0, MathMode.FP32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads is 0 (give a number from 1 to 1024)");
  }
}

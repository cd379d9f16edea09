package dev.tandem.engine.cuda.loading;

import dev.tandem.engine.BackendUnavailableException;
import dev.tandem.engine.Probe;
import dev.tandem.engine.Probe.Obstacle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The way to NVIDIA's libraries: {@link #probe} looks for them, {@link #load} makes JCuda's classes
 * usable. Both may be called from any thread.
 */
public final class CudaLibraries {
  /** What is found and open; kept, as libraries stay open. What is missing is looked for again. */
  private static Prepared prepared;

  private static boolean loaded;

  private record Prepared(Choice choice, LoadedLibraries libraries, List<Obstacle> obstacles) {}

  private CudaLibraries() {}

  /**
   * Looks for a GPU and opens the libraries that fit it, but touches no class of JCuda. Without a
   * driver nothing native is called.
   */
  public static synchronized Probe probe() {
    Prepared found = prepare();
    return found.obstacles().isEmpty()
        ? new Probe.Available(found.libraries().device(), !found.libraries().standIn())
        : unavailable(found.obstacles());
  }

  /**
   * Loads everything once; afterwards JCudaDriver, JNvrtc, JCublas2 and JCudnn may be touched.
   *
   * @throws BackendUnavailableException if something is missing or does not load
   */
  public static synchronized LoadedLibraries load() {
    Prepared found = prepare();
    if (!found.obstacles().isEmpty()) {
      Probe.Unavailable missing = unavailable(found.obstacles());
      throw new BackendUnavailableException(
          "backend 'cuda' is not available: %s (%s)".formatted(missing.reason(), missing.remedy()));
    }
    if (!loaded) {
      loadNatives(found.choice());
      loaded = true;
    }
    return found.libraries();
  }

  private static Prepared prepare() {
    if (prepared != null) {
      return prepared;
    }
    Machine machine = Machine.current();
    CudaSearch.Drivers drivers = file -> new Driver.Loaded(OpenLibrary.open(file));
    CudaSearch.Result found = new CudaSearch(machine, drivers, new DeviceFiles(machine)).run();
    if (!found.obstacles().isEmpty()) {
      return new Prepared(null, null, found.obstacles());
    }
    Opened opened = Opened.of(found, machine);
    LoadedLibraries libraries =
        new LoadedLibraries(opened.libraries(), found.gpu(), machine.standIn());
    Prepared result = new Prepared(found.choice(), libraries, opened.obstacles());
    if (opened.obstacles().isEmpty()) {
      prepared = result;
    }
    return result;
  }

  private static void loadNatives(Choice choice) {
    try {
      JCudaNatives.load(choice.cuda(), choice.cudnnMajor());
    } catch (IOException | LinkageError failure) {
      // JCuda reports in many lines; the loader's own is the one that names the library.
      String message = String.valueOf(failure.getMessage());
      String reason =
          message.lines().filter(line -> line.contains(".so")).findFirst().orElse(message);
      throw new BackendUnavailableException(
          "JCuda does not load: %s (TANDEM_OPTS=-D%s=FOLDER takes other libraries)"
              .formatted(reason.strip(), Machine.LIBRARIES));
    }
  }

  /** All in one line if there is one obstacle; of several, what they are. */
  static Probe.Unavailable unavailable(List<Obstacle> obstacles) {
    List<Obstacle> causes = new ArrayList<>(obstacles);
    causes.removeIf(obstacle -> obstacle.part().equals(CudaSearch.SEARCHED));
    String reason =
        causes.stream()
            .map(obstacle -> obstacle.part() + ": " + obstacle.reason())
            .collect(Collectors.joining("; "));
    String remedy =
        causes.size() == 1
            ? causes.getFirst().remedy()
            : "'tandem devices' tells the remedy of each; --backend cpu needs none of them";
    return new Probe.Unavailable(reason, remedy, obstacles);
  }
}

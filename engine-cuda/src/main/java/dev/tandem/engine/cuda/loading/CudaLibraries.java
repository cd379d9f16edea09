package dev.tandem.engine.cuda.loading;

import dev.tandem.engine.BackendUnavailableException;
import dev.tandem.engine.Probe;
import dev.tandem.engine.Probe.Obstacle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The way to NVIDIA's libraries: {@link #probe} looks for them, {@link #load} makes JCuda's classes
 * usable. Both may be called from any thread.
 */
public final class CudaLibraries {
  private static LoadedLibraries loaded;

  private CudaLibraries() {}

  /**
   * Looks for a GPU and for libraries that fit it, and touches no class of JCuda. Without a driver
   * nothing native is called.
   */
  public static synchronized Probe probe() {
    if (loaded != null) {
      return new Probe.Available(loaded.device());
    }
    Machine machine = Machine.current();
    CudaSearch.Result result = search(machine);
    return result.obstacles().isEmpty()
        ? new Probe.Available(LoadedLibraries.device(result.gpu(), machine.standIn()))
        : unavailable(result.obstacles());
  }

  /**
   * Loads everything once; afterwards JCudaDriver, JNvrtc, JCublas2 and JCudnn may be touched.
   *
   * @throws BackendUnavailableException if something is missing or does not load
   */
  public static synchronized LoadedLibraries load() {
    if (loaded == null) {
      Machine machine = Machine.current();
      CudaSearch.Result result = search(machine);
      List<Obstacle> obstacles = result.obstacles();
      if (obstacles.isEmpty()) {
        Opened opened = Opened.of(result, machine);
        obstacles = opened.obstacles();
        loaded = obstacles.isEmpty() ? load(result, opened, machine.standIn()) : null;
      }
      if (!obstacles.isEmpty()) {
        Probe.Unavailable missing = unavailable(obstacles);
        throw new BackendUnavailableException(
            "backend 'cuda' is not available: %s (%s)"
                .formatted(missing.reason(), missing.remedy()));
      }
    }
    return loaded;
  }

  private static CudaSearch.Result search(Machine machine) {
    CudaSearch.Drivers drivers = file -> new Driver.Loaded(OpenLibrary.open(file));
    return new CudaSearch(machine, drivers, new DeviceFiles(machine)).run();
  }

  private static LoadedLibraries load(CudaSearch.Result result, Opened opened, boolean standIn) {
    try {
      JCudaNatives.load(result.choice().cuda(), result.choice().cudnnMajor());
    } catch (IOException | LinkageError failure) {
      String reason = failure.getMessage().lines().filter(line -> line.contains(".so")).findFirst().orElse(failure.getMessage());
      throw new BackendUnavailableException(
          "JCuda does not load: %s (another -D%s may hold libraries that do)"
              .formatted(reason, Machine.LIBRARIES));
    }
    return new LoadedLibraries(opened.libraries(), result.gpu(), standIn);
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

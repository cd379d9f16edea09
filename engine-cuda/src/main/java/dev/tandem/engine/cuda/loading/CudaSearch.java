package dev.tandem.engine.cuda.loading;

import dev.tandem.engine.Probe.Obstacle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Looks for the driver, the GPU and NVIDIA's libraries. Only the driver is opened, and only if it
 * is there: without one the search reads a few folders.
 */
final class CudaSearch {
  /** {@code cuInit} finds no device; the device files say why. */
  private static final int NO_DEVICE = 100;

  /** {@code cuInit}: the library and the kernel module are of different releases. */
  private static final int DRIVER_MISMATCH = 803;

  /** Opens a driver. */
  @FunctionalInterface
  interface Drivers {
    /**
     * @throws IllegalArgumentException if the library cannot be opened
     */
    Driver open(Path file);
  }

  /**
   * What was found.
   *
   * @param driver the driver's library
   * @param driverVersion the newest CUDA that it runs
   * @param gpu the device
   * @param choice the libraries
   * @param obstacles what stands in the way; if there is any, the rest may be null
   */
  record Result(Path driver, int driverVersion, Gpu gpu, Choice choice, List<Obstacle> obstacles) {}

  /** The part that stands for the search itself: not an obstacle, but where it was looked. */
  static final String SEARCHED = "searched";

  private static final String DRIVER = "libcuda.so.1";

  /** What a machine without a usable driver is advised: the CUDA that most drivers run. */
  private static final int ASSUMED_DRIVER = Choice.OLDEST_DRIVER;

  private final Machine machine;
  private final Drivers drivers;
  private final DeviceFiles deviceFiles;
  private final Remedies remedies;
  private final List<Obstacle> obstacles = new ArrayList<>();

  CudaSearch(Machine machine, Drivers drivers, DeviceFiles deviceFiles) {
    this.machine = machine;
    this.drivers = drivers;
    this.deviceFiles = deviceFiles;
    this.remedies = new Remedies(machine);
  }

  /** Searches. */
  Result run() {
    if (!machine.system().equals(Machine.SUPPORTED)) {
      String reason =
          "JCuda is packed for %s, not for %s".formatted(Machine.SUPPORTED, machine.system());
      return failure(List.of(new Obstacle("system", reason, "use --backend cpu")));
    }
    Optional<Path> given = machine.libraries().filter(folder -> !Files.isDirectory(folder));
    if (given.isPresent()) {
      String reason = "%s: no folder %s".formatted(Machine.LIBRARIES, given.get());
      return failure(List.of(new Obstacle("search path", reason, "name a folder that exists")));
    }
    Libraries libraries = new Libraries(SearchPath.of(machine));
    Path file = libraries.first(DRIVER).orElse(null);
    Driver driver = file == null ? missing() : open(file);
    int version = driver == null ? ASSUMED_DRIVER : driver.version();
    Gpu gpu = driver == null ? null : gpu(file, driver, version);
    int architecture = gpu == null ? Integer.MAX_VALUE : gpu.architecture();
    Choice choice =
        Choice.of(
            new Choice.Limits(Math.max(version, ASSUMED_DRIVER), architecture, remedies),
            libraries,
            CudnnBuild::cudaMajor);
    obstacles.addAll(choice.obstacles());
    if (!obstacles.isEmpty()) {
      obstacles.add(searched(libraries));
      return failure(List.copyOf(obstacles));
    }
    return new Result(file, version, gpu, choice, List.of());
  }

  private static Result failure(List<Obstacle> obstacles) {
    return new Result(null, 0, null, null, obstacles);
  }

  private Driver missing() {
    obstacles.add(new Obstacle("driver", "no " + DRIVER, remedies.driver()));
    return null;
  }

  private Driver open(Path file) {
    try {
      return drivers.open(file);
    } catch (IllegalArgumentException unusable) {
      obstacles.add(
          new Obstacle("driver", "does not load: " + unusable.getMessage(), remedies.driver()));
      return null;
    }
  }

  private Gpu gpu(Path file, Driver driver, int version) {
    if (version < Choice.OLDEST_DRIVER) {
      String reason =
          "too old: %s runs CUDA %s, 12.0 is the oldest that will do"
              .formatted(file, Versions.cuda(version));
      obstacles.add(new Obstacle("driver", reason, remedies.driver()));
      return null;
    }
    int status = driver.initialize();
    if (status != 0 && status != NO_DEVICE) {
      obstacles.add(
          new Obstacle(
              "driver",
              "it does not start: %s (cuInit: %d)".formatted(driver.text(status), status),
              status == DRIVER_MISMATCH ? "sudo reboot" : "nvidia-smi shows its state"));
      return null;
    }
    Gpu gpu = status == 0 ? driver.gpu().orElse(null) : null;
    if (gpu == null) {
      obstacles.add(noGpu());
    }
    return gpu;
  }

  private Obstacle noGpu() {
    String variable = "CUDA_VISIBLE_DEVICES";
    Optional<Obstacle> files = deviceFiles.obstacle();
    if (files.isPresent()) {
      return files.get();
    }
    return machine.environment().containsKey(variable)
        ? new Obstacle(
            "GPU",
            "the driver shows none, with %s='%s'"
                .formatted(variable, machine.environment().get(variable)),
            "unset " + variable)
        : new Obstacle("GPU", "the driver shows none", "nvidia-smi shows its state");
  }

  private static Obstacle searched(Libraries libraries) {
    String folders =
        libraries.folders().stream().map(Path::toString).collect(Collectors.joining(", "));
    return new Obstacle(
        SEARCHED,
        folders.isEmpty() ? "no folder: none of the usual ones exists" : folders,
        "TANDEM_OPTS=-D%s=FOLDER adds one".formatted(Machine.LIBRARIES));
  }
}

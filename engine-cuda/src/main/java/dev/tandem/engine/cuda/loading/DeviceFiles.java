package dev.tandem.engine.cuda.loading;

import dev.tandem.engine.Probe.Obstacle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The files through which programs reach the GPU: the driver itself says only that there is no
 * device if it may not open them.
 */
final class DeviceFiles {
  /** The one file of WSL. */
  private static final String WSL = "/dev/dxg";

  private final Machine machine;
  private final Predicate<Path> usable;

  DeviceFiles(Machine machine) {
    this(machine, file -> Files.isReadable(file) && Files.isWritable(file));
  }

  DeviceFiles(Machine machine, Predicate<Path> usable) {
    this.machine = machine;
    this.usable = usable;
  }

  /** Returns what is wrong with them, if anything. */
  Optional<Obstacle> obstacle() {
    if (Files.exists(machine.path(WSL))) {
      return denied(machine.path(WSL));
    }
    List<Path> gpus = SearchPath.matches(machine.path("/dev"), "nvidia[0-9]*");
    if (gpus.isEmpty()) {
      return Optional.of(missing("/dev/nvidia0", "sudo modprobe nvidia"));
    }
    List<Path> files = new ArrayList<>(List.of(machine.path("/dev/nvidiactl"), gpus.getLast()));
    Path memory = machine.path("/dev/nvidia-uvm");
    if (!Files.exists(memory)) {
      return Optional.of(missing("/dev/nvidia-uvm", "sudo nvidia-modprobe -u -c=0"));
    }
    files.add(memory);
    return files.stream().map(this::denied).flatMap(Optional::stream).findFirst();
  }

  private Obstacle missing(String file, String remedy) {
    boolean container = new Remedies(machine).container();
    return new Obstacle(
        "GPU", "there is no " + file, container ? Remedies.SHARE_WITH_CONTAINER : remedy);
  }

  private Optional<Obstacle> denied(Path file) {
    if (usable.test(file)) {
      return Optional.empty();
    }
    try {
      PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
      return Optional.of(
          new Obstacle(
              "GPU",
              "no permission on %s (%s:%s %s)"
                  .formatted(
                      file,
                      attributes.owner().getName(),
                      attributes.group().getName(),
                      PosixFilePermissions.toString(attributes.permissions())),
              "sudo usermod -aG %s %s, then log in again"
                  .formatted(attributes.group().getName(), machine.user())));
    } catch (IOException unreadable) {
      return Optional.of(new Obstacle("GPU", "no permission on " + file, "run as its owner"));
    }
  }
}

package dev.tandem.engine.cuda.loading;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The one command that mends a thing on this machine. */
final class Remedies {
  static final String SHARE_WITH_CONTAINER = "start the container with --gpus all";

  private static final Map<String, String> DRIVERS =
      Map.of(
          "ubuntu", "sudo ubuntu-drivers install",
          "debian", "sudo apt install nvidia-driver",
          "fedora", "sudo dnf install akmod-nvidia xorg-x11-drv-nvidia-cuda",
          "arch", "sudo pacman -S nvidia");

  private final Machine machine;

  Remedies(Machine machine) {
    this.machine = machine;
  }

  boolean container() {
    return Files.exists(machine.path("/.dockerenv"))
        || Files.exists(machine.path("/run/.containerenv"));
  }

  /** Returns how to get a driver, or a newer one. */
  String driver() {
    if (machine.standIn()) {
      return standIn();
    }
    if (container()) {
      return SHARE_WITH_CONTAINER;
    }
    if (Files.exists(machine.path("/usr/lib/wsl"))) {
      return "install NVIDIA's driver in Windows, it serves WSL too";
    }
    return DRIVERS.getOrDefault(distribution(), "install it from nvidia.com/drivers");
  }

  /**
   * Returns how to get a library of NVIDIA's: into a folder of its own, as {@code pip --target}
   * replaces what is in its folder, and no Python environment has to be touched.
   *
   * @param part {@code cublas}, {@code cuda-nvrtc} or {@code cudnn}
   */
  String wheel(String part, int cuda) {
    if (machine.standIn()) {
      return standIn();
    }
    boolean suffix = cuda == 12 || part.equals("cudnn"); // Since CUDA 13 the others have none.
    Path folder = SearchPath.dataFolder(machine).resolve(part);
    return "python3 -m pip install --target %s nvidia-%s%s"
        .formatted(folder, part, suffix ? "-cu" + cuda : "");
  }

  private static String standIn() {
    return "./mvnw -pl engine-cuda -am test builds the stand-in";
  }

  private String distribution() {
    try {
      return Files.readAllLines(machine.path("/etc/os-release")).stream()
          .filter(line -> line.startsWith("ID="))
          .map(line -> line.substring(3).replace("\"", ""))
          .findFirst()
          .orElse("");
    } catch (IOException | RuntimeException unreadable) {
      return "";
    }
  }
}

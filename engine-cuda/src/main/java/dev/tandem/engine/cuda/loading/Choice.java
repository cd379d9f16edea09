package dev.tandem.engine.cuda.loading;

import dev.tandem.engine.Probe.Obstacle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Versions that agree with each other and with the driver.
 *
 * @param cuda the major version of CUDA
 * @param cublasLt the library that cuBLAS needs
 * @param cublas cuBLAS
 * @param nvrtc the compiler
 * @param cudnn cuDNN
 * @param cudnnMajor its major version
 * @param obstacles why there is no such choice; then the paths that are missing are null
 */
record Choice(
    int cuda,
    Path cublasLt,
    Path cublas,
    Path nvrtc,
    Path cudnn,
    int cudnnMajor,
    List<Obstacle> obstacles) {
  /** The oldest driver that runs CUDA 12. */
  static final int OLDEST_DRIVER = 12000;

  /** The oldest driver that runs CUDA 13. */
  private static final int DRIVER_OF_CUDA_13 = 13000;

  /** CUDA 13 knows no older architecture. */
  private static final int OLDEST_ARCHITECTURE_OF_CUDA_13 = 75;

  /**
   * Chooses the newest CUDA of which all is there, or else the one of which most is.
   *
   * @param limits the driver's version and the GPU
   * @param libraries what lies on the search path
   * @param build for which CUDA a cuDNN was built, as far as can be seen
   */
  static Choice of(Limits limits, Libraries libraries, Function<Path, OptionalInt> build) {
    Choice best = null;
    for (int cuda : limits.majors()) {
      Choice choice = of(cuda, limits, libraries, build);
      if (best == null || choice.obstacles.size() < best.obstacles.size()) {
        best = choice;
      }
    }
    return best;
  }

  private static Choice of(
      int cuda, Limits limits, Libraries libraries, Function<Path, OptionalInt> build) {
    List<Obstacle> obstacles = new ArrayList<>();
    Remedies remedies = limits.remedies();
    Path cublas = libraries.first("libcublas.so." + cuda).orElse(null);
    Path cublasLt =
        cublas == null ? null : libraries.beside(cublas, "libcublasLt.so." + cuda).orElse(null);
    if (cublasLt == null) {
      String name = cublas == null ? "libcublas.so." : "libcublasLt.so.";
      obstacles.add(
          new Obstacle(
              "cuBLAS",
              "no " + name + cuda + limits.newer(libraries, name),
              remedies.wheel("cublas", cuda)));
    }
    Path nvrtc = libraries.first("libnvrtc.so." + cuda).orElse(null);
    if (nvrtc == null) {
      obstacles.add(
          new Obstacle(
              "NVRTC",
              "no libnvrtc.so." + cuda + limits.newer(libraries, "libnvrtc.so."),
              remedies.wheel("cuda-nvrtc", cuda)));
    }
    Optional<Cudnn> cudnn = cudnn(cuda, libraries, build);
    if (cudnn.isEmpty()) {
      obstacles.add(cudnnObstacle(cuda, libraries, remedies));
    }
    return new Choice(
        cuda,
        cublasLt,
        cublas,
        nvrtc,
        cudnn.map(Cudnn::file).orElse(null),
        cudnn.map(Cudnn::major).orElse(0),
        List.copyOf(obstacles));
  }

  private record Cudnn(int major, Path file) {}

  private static Optional<Cudnn> cudnn(
      int cuda, Libraries libraries, Function<Path, OptionalInt> build) {
    int oldest = cuda == 12 ? 8 : 9; // There is no cuDNN 8 for CUDA 13.
    for (int major = 9; major >= oldest; major--) {
      for (Path file : libraries.all("libcudnn.so." + major)) {
        if (build.apply(file).orElse(cuda) == cuda) {
          return Optional.of(new Cudnn(major, file));
        }
      }
    }
    return Optional.empty();
  }

  private static Obstacle cudnnObstacle(int cuda, Libraries libraries, Remedies remedies) {
    String remedy = remedies.wheel("cudnn", cuda);
    for (int major = 9; major >= 8; major--) {
      Optional<Path> other = libraries.first("libcudnn.so." + major);
      if (other.isPresent()) {
        return new Obstacle("cuDNN", "%s is not for CUDA %d".formatted(other.get(), cuda), remedy);
      }
    }
    return new Obstacle("cuDNN", "no libcudnn.so.9" + (cuda == 12 ? " or .8" : ""), remedy);
  }

  /**
   * What restricts the choice.
   *
   * @param driver the newest CUDA that the driver runs, for example 12060
   * @param architecture of the GPU, for example 90
   * @param remedies what can be advised on this machine
   */
  record Limits(int driver, int architecture, Remedies remedies) {
    /** Returns the major versions of CUDA that may be chosen, the newest first. */
    List<Integer> majors() {
      boolean newest =
          driver >= DRIVER_OF_CUDA_13 && architecture >= OLDEST_ARCHITECTURE_OF_CUDA_13;
      return newest ? List.of(13, 12) : List.of(12);
    }

    private String newer(Libraries libraries, String name) {
      Optional<Path> newer = libraries.first(name + 13);
      if (newer.isEmpty() || majors().contains(13)) {
        return "";
      }
      return driver < DRIVER_OF_CUDA_13
          ? "; %s needs a driver for CUDA 13, this one is for %s"
              .formatted(newer.get(), Versions.cuda(driver))
          : "; %s needs a GPU of compute capability 7.5 or above".formatted(newer.get());
    }
  }
}

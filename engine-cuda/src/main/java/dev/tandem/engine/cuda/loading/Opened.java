package dev.tandem.engine.cuda.loading;

import dev.tandem.engine.Probe.Obstacle;
import dev.tandem.engine.cuda.loading.LoadedLibraries.Library;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The chosen libraries, opened, with the versions that they state themselves.
 *
 * @param libraries in the order in which to show them
 * @param obstacles what does not load or does not fit
 */
record Opened(List<Library> libraries, List<Obstacle> obstacles) {
  /** Opens what was found, each library after those that it needs. */
  static Opened of(CudaSearch.Result found, Machine machine) {
    return new Opening(found, new Remedies(machine)).all();
  }

  private static final class Opening {
    private final CudaSearch.Result found;
    private final Choice choice;
    private final Remedies remedies;
    private final List<Library> libraries = new ArrayList<>();
    private final List<Obstacle> obstacles = new ArrayList<>();

    Opening(CudaSearch.Result found, Remedies remedies) {
      this.found = found;
      this.choice = found.choice();
      this.remedies = remedies;
    }

    Opened all() {
      int cuda = choice.cuda();
      libraries.add(
          new Library("driver", "CUDA " + Versions.cuda(found.driverVersion()), found.driver()));
      String cublas = remedies.wheel("cublas", cuda);
      open("cuBLAS", choice.cublasLt(), cublas);
      open("cuBLAS", choice.cublas(), cublas)
          .ifPresent(library -> add("cuBLAS", cublasVersion(library), choice.cublas()));
      String nvrtc = remedies.wheel("cuda-nvrtc", cuda);
      // NVRTC opens these by name when it first compiles, and a wheel is not in the loader's path.
      SearchPath.matches(choice.nvrtc().getParent(), "libnvrtc-builtins.so." + cuda + ".*").stream()
          .limit(1)
          .forEach(builtins -> open("NVRTC", builtins, nvrtc));
      open("NVRTC", choice.nvrtc(), nvrtc)
          .ifPresent(library -> add("NVRTC", nvrtcVersion(library), choice.nvrtc()));
      open("cuDNN", choice.cudnn(), remedies.wheel("cudnn", cuda)).ifPresent(this::addCudnn);
      return new Opened(List.copyOf(libraries), List.copyOf(obstacles));
    }

    private Optional<OpenLibrary> open(String part, Path file, String remedy) {
      try {
        return Optional.of(OpenLibrary.open(file.toRealPath()));
      } catch (IOException | IllegalArgumentException unusable) {
        obstacles.add(new Obstacle(part, "does not load: " + unusable.getMessage(), remedy));
        return Optional.empty();
      }
    }

    private void addCudnn(OpenLibrary library) {
      if (library.has("cudnnGetCudartVersion")) {
        long major = library.size("cudnnGetCudartVersion") / 1000;
        if (major != choice.cuda()) {
          obstacles.add(
              new Obstacle(
                  "cuDNN",
                  "%s is for CUDA %d, cuBLAS is %d".formatted(choice.cudnn(), major, choice.cuda()),
                  remedies.wheel("cudnn", choice.cuda())));
          return;
        }
      }
      String version =
          library.has("cudnnGetVersion") ? Versions.cudnn(library.size("cudnnGetVersion")) : "";
      add("cuDNN", version, choice.cudnn());
    }

    /** Adds a library; one that does not state its version may have it in the name of its file. */
    private void add(String name, String version, Path file) {
      String shown = version;
      if (version.isEmpty()) {
        try {
          shown = Versions.file(file.toRealPath().getFileName().toString());
        } catch (IOException unreadable) {
          shown = Versions.file(file.getFileName().toString());
        }
      }
      libraries.add(new Library(name, shown, file));
    }

    private static String cublasVersion(OpenLibrary library) {
      List<String> parts = new ArrayList<>();
      for (int part = 0; part < 3; part++) { // MAJOR_VERSION, MINOR_VERSION, PATCH_LEVEL
        library
            .storedInt("cublasGetProperty", part, OpenLibrary.STORED)
            .ifPresent(number -> parts.add(number.toString()));
      }
      return String.join(".", parts);
    }

    private static String nvrtcVersion(OpenLibrary library) {
      return library
          .storedInts("nvrtcVersion", 2, OpenLibrary.STORED, OpenLibrary.STORED)
          .map(numbers -> numbers[0] + "." + numbers[1])
          .orElse("");
    }
  }
}

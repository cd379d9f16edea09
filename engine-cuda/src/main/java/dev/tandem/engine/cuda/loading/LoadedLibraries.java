package dev.tandem.engine.cuda.loading;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What JCuda runs on.
 *
 * @param libraries NVIDIA's libraries, in the order in which to show them
 * @param gpu the device that computes
 * @param standIn whether all this is the stand-in that emulates it on the host
 */
public record LoadedLibraries(List<Library> libraries, Gpu gpu, boolean standIn) {
  /**
   * One library.
   *
   * @param name its name in words, for example {@code cuBLAS}
   * @param version the version that it states itself
   * @param path where it lies
   */
  public record Library(String name, String version, Path path) {}

  /** Returns the device in words. */
  public String device() {
    return device(gpu, standIn);
  }

  static String device(Gpu gpu, boolean standIn) {
    return standIn ? "stand-in on the host, no GPU: results count, speed does not" : gpu.describe();
  }

  /** Returns version and path of each library by its name, in the order in which to show them. */
  public Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>();
    for (Library library : libraries) {
      details.put(library.name(), "%s, %s".formatted(library.version(), library.path()));
    }
    return details;
  }
}

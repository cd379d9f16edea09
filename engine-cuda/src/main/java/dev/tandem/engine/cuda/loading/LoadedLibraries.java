package dev.tandem.engine.cuda.loading;

import java.nio.file.Path;
import java.util.List;

/**
 * What JCuda runs on.
 *
 * @param libraries NVIDIA's libraries, in the order in which to show them
 * @param standIn whether they are the stand-in that emulates them on the host
 */
public record LoadedLibraries(List<Library> libraries, boolean standIn) {
  /**
   * One library.
   *
   * @param soname its name, for example {@code libcublas.so.12}
   * @param version its version, or an empty string
   * @param path where it lies
   */
  public record Library(String soname, String version, Path path) {}
}

package dev.tandem.engine.cuda.loading;

import dev.tandem.engine.BackendUnavailableException;
import dev.tandem.engine.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Loads whatever is found, in a program of its own, and prints what came of it. */
final class LoadingProgram {
  private LoadingProgram() {}

  public static void main(String[] arguments) throws IOException {
    String before = System.getProperty("java.io.tmpdir");
    System.out.println(
        CudaLibraries.probe() instanceof Probe.Available available
            ? "available: " + available.device()
            : "not available");
    try {
      CudaLibraries.load()
          .details()
          .forEach((name, value) -> System.out.println(name + ": " + value));
      System.out.println("again: " + (CudaLibraries.load() == CudaLibraries.load()));
    } catch (BackendUnavailableException unavailable) {
      System.out.println("refused: " + unavailable.getMessage());
    }
    System.out.println("folder kept: " + before.equals(System.getProperty("java.io.tmpdir")));
    try (Stream<Path> files = Files.list(Path.of(before))) {
      files.map(Path::getFileName).sorted().forEach(name -> System.out.println("left: " + name));
    }
  }
}

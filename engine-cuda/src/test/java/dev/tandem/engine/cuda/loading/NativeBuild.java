package dev.tandem.engine.cuda.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Builds small shared objects with the system's C compiler. */
final class NativeBuild {
  private NativeBuild() {}

  /** Skips the test where there is no compiler, or no system whose libraries are of this form. */
  static void require() {
    assumeTrue(
        (System.getProperty("os.name") + " " + System.getProperty("os.arch"))
            .equals(Machine.SUPPORTED),
        "shared objects of Linux x86-64 are loaded here");
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "gcc"))),
        "no gcc on the PATH to build libraries with");
  }

  /**
   * Builds a library whose symbols carry a version node of the library's own name, as NVIDIA's do.
   *
   * @param folder where to put it
   * @param soname its name and that of its file
   * @param source C
   * @param needs libraries to link against, built before
   */
  static Path library(Path folder, String soname, String source, Path... needs)
      throws IOException, InterruptedException {
    Path code = Files.writeString(folder.resolve(soname + ".c"), source);
    Path node = Files.writeString(folder.resolve(soname + ".map"), soname + " { global: *; };\n");
    Path library = folder.resolve(soname);
    List<String> command =
        new ArrayList<>(
            List.of(
                "gcc",
                "-shared",
                "-fPIC",
                "-Wl,-soname," + soname,
                "-Wl,--version-script," + node,
                "-o",
                library.toString(),
                code.toString()));
    for (Path need : needs) {
      command.add(need.toString());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return library;
  }
}

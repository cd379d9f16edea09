package dev.tandem.engine.cuda.loading;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine that exists only as files below a folder. */
final class MadeUpMachine {
  private final Path root;
  private final Map<String, String> environment = new HashMap<>();
  private String system = Machine.SUPPORTED;
  private Optional<Path> libraries = Optional.empty();
  private boolean standIn;

  /** Makes an empty one; its program is /app/target/app/engine-cuda.jar. */
  MadeUpMachine(Path root) throws IOException {
    this.root = root.toRealPath();
  }

  MadeUpMachine with(String... files) throws IOException {
    for (String file : files) {
      Files.createDirectories(path(file).getParent());
      Files.createFile(path(file));
    }
    return this;
  }

  MadeUpMachine text(String file, String content) throws IOException {
    Files.createDirectories(path(file).getParent());
    Files.writeString(path(file), content);
    return this;
  }

  /** Sets a variable to a path below the root. */
  MadeUpMachine variable(String name, String path) {
    environment.put(name, path(path).toString());
    return this;
  }

  MadeUpMachine rawVariable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  MadeUpMachine libraries(String path) {
    libraries = Optional.of(path(path));
    return this;
  }

  MadeUpMachine standIn() {
    standIn = true;
    return this;
  }

  MadeUpMachine system(String name) {
    system = name;
    return this;
  }

  Path path(String absolute) {
    return root.resolve(absolute.substring(1));
  }

  Machine machine() {
    return new Machine(
        system,
        root,
        path("/home/ann"),
        "ann",
        environment,
        Optional.of(path("/app/target/app/engine-cuda.jar")),
        libraries,
        standIn);
  }

  /** Returns the search path without the root. */
  List<String> searchPath() {
    return SearchPath.of(machine()).stream().map(f -> "/" + root.relativize(f)).toList();
  }
}

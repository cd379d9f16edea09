package dev.tandem.engine.cuda.loading;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The folders in which NVIDIA's libraries may lie, in the order in which they are searched: the one
 * given; {@code cuda} beside the program; Tandem's own in the user's data; what variables of the
 * environment name; the loader's path; installed toolkits; Python wheels. What somebody chose for
 * this shell thus comes before what happens to be installed.
 */
final class SearchPath {
  private static final List<String> SYSTEM_FOLDERS =
      List.of(
          "/lib/x86_64-linux-gnu",
          "/usr/lib/x86_64-linux-gnu",
          "/lib64",
          "/usr/lib64",
          "/lib",
          "/usr/lib",
          "/usr/local/lib",
          "/usr/lib/wsl/lib",
          "/usr/local/nvidia/lib64",
          "/run/opengl-driver/lib");

  /** Where Python keeps packages below its prefix. */
  private static final List<String> PACKAGES =
      List.of(
          "lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/python3/dist-packages");

  private final Machine machine;
  private final List<Path> folders = new ArrayList<>();

  /** The same folders without links, of which distributions have many. */
  private final Set<Path> real = new HashSet<>();

  private SearchPath(Machine machine) {
    this.machine = machine;
  }

  /** Returns the folders that exist, each once. */
  static List<Path> of(Machine machine) {
    SearchPath path = new SearchPath(machine);
    if (machine.standIn()) {
      path.addStandIn();
    } else {
      path.addChosen();
      path.addLoaderPath();
      path.addInstalled();
    }
    return List.copyOf(path.folders);
  }

  /** Returns Tandem's own folder for NVIDIA's libraries in the user's data. */
  static Path dataFolder(Machine machine) {
    return machine
        .variable("XDG_DATA_HOME")
        .map(Path::of)
        .orElse(machine.home().resolve(".local/share"))
        .resolve("tandem/cuda");
  }

  private void addStandIn() {
    if (machine.libraries().isPresent()) {
      add(machine.libraries().get());
      return;
    }
    Optional<Path> folder = machine.program();
    while (folder.isPresent()) {
      add(folder.get().resolve("engine-cuda/target/standin"));
      folder = folder.map(Path::getParent);
    }
  }

  private void addChosen() {
    machine.libraries().ifPresent(this::addTree);
    machine
        .program()
        .map(Path::getParent)
        .map(Path::getParent)
        .ifPresent(parent -> addTree(parent.resolve("cuda")));
    addTree(dataFolder(machine));
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      folder(variable).ifPresent(this::addToolkit);
    }
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      folder(variable).ifPresent(this::addPrefix);
    }
  }

  private void addLoaderPath() {
    for (String name : list("LD_LIBRARY_PATH")) {
      toPath(name).ifPresent(this::add);
    }
    LoaderCache.folders(machine.path("/etc/ld.so.cache")).forEach(this::add);
    SYSTEM_FOLDERS.forEach(folder -> add(machine.path(folder)));
  }

  private void addInstalled() {
    addToolkit(machine.path("/usr/local/cuda"));
    matches(machine.path("/usr/local"), "cuda-*").forEach(this::addToolkit);
    addToolkit(machine.path("/opt/cuda"));
    addToolkit(machine.path("/usr/lib/cuda"));
    for (String name : list("PATH")) {
      toPath(name)
          .filter(folder -> Files.exists(folder.resolve("python3")))
          .map(Path::getParent)
          .ifPresent(this::addPrefix);
    }
    addPrefix(machine.home().resolve(".local"));
    addPrefix(machine.path("/usr/local"));
    addPrefix(machine.path("/usr"));
    matches(machine.home(), ".pyenv/versions/*").forEach(this::addPrefix);
    for (String conda : List.of("miniconda3", "anaconda3", "miniforge3")) {
      addPrefix(machine.home().resolve(conda));
    }
    matches(machine.root(), "opt/*").forEach(this::addPrefix);
  }

  /** Adds a folder of unknown layout: flat, a toolkit, or what {@code pip --target} makes. */
  private void addTree(Path folder) {
    add(folder);
    addToolkit(folder);
    matches(folder, "*/lib").forEach(this::add);
    matches(folder, "nvidia/*/lib").forEach(this::add);
    matches(folder, "*/nvidia/*/lib").forEach(this::add);
  }

  private void addToolkit(Path folder) {
    add(folder.resolve("lib64"));
    add(folder.resolve("targets/x86_64-linux/lib"));
    add(folder.resolve("lib"));
  }

  /** Adds what conda and Python's wheels put below a prefix. */
  private void addPrefix(Path prefix) {
    if (Files.exists(prefix.resolve("conda-meta"))) {
      addToolkit(prefix);
    }
    for (String packages : PACKAGES) {
      matches(prefix, packages + "/nvidia/*/lib").forEach(this::add);
    }
  }

  private void add(Path folder) {
    boolean stubs = folder.endsWith("stubs"); // Those of a toolkit are there to link against only.
    try {
      if (!stubs && Files.isDirectory(folder) && real.add(folder.toRealPath())) {
        folders.add(folder.normalize());
      }
    } catch (IOException unreadable) {
      // Nothing can be loaded from there either.
    }
  }

  private Optional<Path> folder(String variable) {
    return machine.variable(variable).flatMap(SearchPath::toPath);
  }

  private List<String> list(String variable) {
    return machine.variable(variable).stream()
        .flatMap(value -> List.of(value.split(File.pathSeparator)).stream())
        .toList();
  }

  /** An entry that is empty or relative would mean the working folder, where anything may lie. */
  private static Optional<Path> toPath(String name) {
    try {
      return Optional.of(Path.of(name)).filter(Path::isAbsolute);
    } catch (InvalidPathException unusual) {
      return Optional.empty();
    }
  }

  /** Returns what matches a pattern below a folder, higher version numbers first. */
  static List<Path> matches(Path folder, String pattern) {
    List<Path> found = List.of(folder);
    for (String part : pattern.split("/")) {
      List<Path> next = new ArrayList<>();
      for (Path parent : found) {
        next.addAll(part.contains("*") ? children(parent, part) : List.of(parent.resolve(part)));
      }
      found = next;
    }
    return found;
  }

  private static List<Path> children(Path folder, String pattern) {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, pattern)) {
      stream.forEach(children::add);
    } catch (IOException | DirectoryIteratorException unreadable) {
      return List.of(); // Nothing can be loaded from there either.
    }
    children.sort((a, b) -> Versions.compare(name(b), name(a)));
    return children;
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }
}

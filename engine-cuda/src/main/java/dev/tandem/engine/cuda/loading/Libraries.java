package dev.tandem.engine.cuda.loading;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The libraries that lie on a search path.
 *
 * @param folders the folders in the order in which they are searched
 */
record Libraries(List<Path> folders) {
  /** Returns every file of this name, in the order of the search. */
  List<Path> all(String soname) {
    return folders.stream()
        .map(folder -> folder.resolve(soname))
        .filter(Files::isRegularFile)
        .toList();
  }

  /** Returns the file of this name that lies first. */
  Optional<Path> first(String soname) {
    return all(soname).stream().findFirst();
  }

  /** Returns the file of this name beside another, which it must fit, or else the first. */
  Optional<Path> beside(Path other, String soname) {
    Path sibling = other.resolveSibling(soname);
    return Files.isRegularFile(sibling) ? Optional.of(sibling) : first(soname);
  }
}

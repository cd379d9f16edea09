package dev.tandem.datasets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * New picture files for a trained network: one, or those of a folder in the order of their names.
 * Files of other endings are no pictures; a picture that cannot be read is left out.
 *
 * @param names of those that were read, without their folder
 * @param notes name those that were not
 */
public record PictureFiles(List<String> names, List<String> notes) {

  /** Is given the pictures one after the other. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Takes a picture.
     *
     * @throws IOException if it is broken; the message is the reason, in words that follow its name
     */
    void read(byte[] bytes) throws IOException;
  }

  /**
   * The files of a path.
   *
   * @param path a picture or a folder
   * @throws DataException if it is a folder without pictures
   */
  public static List<Path> list(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> found = Files.list(path)) {
      List<Path> files =
          found
              .filter(file -> Picture.isNamed(file.getFileName().toString()))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new DataException(
            path + " holds no pictures (put .jpg, .png, .gif or .bmp files there)");
      }
      return files;
    } catch (IOException e) {
      throw DataFiles.unreadable(path, e);
    }
  }

  /**
   * Reads files.
   *
   * @param reader throws for those that are broken
   * @throws DataException if a file cannot be opened, or all are broken
   */
  public static PictureFiles read(List<Path> files, Reader reader) {
    List<String> names = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    for (Path file : files) {
      String name = file.getFileName().toString();
      try {
        reader.read(DataFiles.readAll(file));
        names.add(name);
      } catch (IOException e) {
        if (files.size() == 1) {
          throw new DataException(
              file + " " + e.getMessage() + " (give a PNG, JPEG, GIF or BMP file)", e);
        }
        broken.add(name + " " + e.getMessage());
      }
    }
    if (names.isEmpty()) {
      throw DataException.of(
          "%s: none of %d pictures can be read: %s (replace them)",
          files.get(0).getParent(), files.size(), Nearest.list(broken));
    }
    return new PictureFiles(
        List.copyOf(names),
        broken.isEmpty()
            ? List.of()
            : List.of(
                "%d of %d pictures cannot be read and are left out: %s"
                    .formatted(broken.size(), files.size(), Nearest.list(broken))));
  }
}

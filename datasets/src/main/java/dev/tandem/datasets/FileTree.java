package dev.tandem.datasets;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Files in a folder, or in a tar archive that is read as it is, without unpacking. Names are
 * relative, with slashes; those of directories end in one.
 */
interface FileTree {
  /** Files in a folder lie at most so deep: part, class, file, and one more to be told of. */
  int DEEPEST = 4;

  /** The names of all files and directories, sorted. */
  List<String> names();

  /** Visits the named files, in an order that the tree chooses. */
  void each(Set<String> wanted, Tar.Visitor visitor);

  /** SHA-256 of the archive, or of names and contents of the named files of a folder. */
  String sha256(Set<String> wanted);

  /**
   * A folder or an archive, compressed by gzip or not.
   *
   * @throws DataException if it does not exist
   */
  static FileTree of(Path path) {
    if (Files.isDirectory(path)) {
      return new Folder(path);
    }
    DataFiles.size(path);
    return new Archive(path.toString(), () -> Files.newInputStream(path), DataFiles.sha256(path));
  }

  /** Opens an archive from its beginning. */
  @FunctionalInterface
  interface Opening {
    InputStream open() throws IOException;
  }

  /** An archive. */
  record Archive(String name, Opening opening, String checksum) implements FileTree {
    @Override
    public List<String> names() {
      TreeSet<String> names = new TreeSet<>();
      read((entry, content, size) -> names.add(entry));
      return List.copyOf(names);
    }

    @Override
    public void each(Set<String> wanted, Tar.Visitor visitor) {
      read(
          (entry, content, size) -> {
            if (wanted.contains(entry)) {
              visitor.entry(entry, content, size);
            }
          });
    }

    @Override
    public String sha256(Set<String> wanted) {
      return checksum;
    }

    private void read(Tar.Visitor visitor) {
      try (InputStream in = Gzip.decompressed(opening.open())) {
        Tar.each(
            in,
            (entry, content, size) ->
                visitor.entry(entry.startsWith("./") ? entry.substring(2) : entry, content, size));
      } catch (IOException e) {
        throw new DataException(
            name + " cannot be read: " + e.getMessage() + " (copy the archive again)", e);
      }
    }
  }

  /** A folder. */
  record Folder(Path folder) implements FileTree {
    @Override
    public List<String> names() {
      List<String> names = new ArrayList<>();
      try {
        Files.walkFileTree(
            folder,
            EnumSet.of(FileVisitOption.FOLLOW_LINKS),
            DEEPEST,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult preVisitDirectory(Path found, BasicFileAttributes what) {
                if (!found.equals(folder)) {
                  names.add(name(found) + "/");
                }
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFile(Path found, BasicFileAttributes what) {
                names.add(name(found) + (what.isDirectory() ? "/" : ""));
                return FileVisitResult.CONTINUE;
              }
            });
      } catch (IOException e) {
        throw DataFiles.unreadable(folder, e);
      }
      names.sort(null);
      return names;
    }

    private String name(Path file) {
      return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }

    @Override
    public void each(Set<String> wanted, Tar.Visitor visitor) {
      for (String name : new TreeSet<>(wanted)) {
        Path file = folder.resolve(name);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
          visitor.entry(name, in, Files.size(file));
        } catch (IOException e) {
          throw DataFiles.unreadable(file, e);
        }
      }
    }

    @Override
    public String sha256(Set<String> wanted) {
      MessageDigest digest = DataFiles.digest();
      each(
          wanted,
          (name, content, size) -> {
            // A name cannot hold a zero, nor can a size: what follows what is without doubt.
            digest.update((name + "\0" + size + "\0").getBytes(StandardCharsets.UTF_8));
            digest.update(content.readAllBytes());
          });
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}

package dev.tandem.datasets;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Where a data set comes from.
 *
 * @param source the address of its publisher, or {@code the user's own}
 * @param licence the licence that the publisher states
 * @param origin {@code bundled}, {@code mirror} or {@code file}
 * @param path where the bytes were read, files separated by {@code ", "}
 * @param sha256 SHA-256 of the decompressed files in hexadecimal, in the order of {@code path}; of
 *     an archive the SHA-256 of the archive; of many files together one
 */
public record Provenance(String source, String licence, String origin, String path, String sha256) {

  /**
   * The provenance of the user's own files.
   *
   * @throws DataException if a file cannot be read
   */
  public static Provenance ofFiles(Path... files) {
    List<String> paths = new ArrayList<>();
    List<String> checksums = new ArrayList<>();
    for (Path file : files) {
      paths.add(file.toAbsolutePath().normalize().toString());
      checksums.add(DataFiles.sha256(file));
    }
    return new Provenance(
        "the user's own",
        "not stated",
        "file",
        String.join(", ", paths),
        String.join(", ", checksums));
  }

  /**
   * The provenance of files in a folder of the user's.
   *
   * @param files their names in the folder
   * @return with one checksum for names and contents of all of them
   * @throws DataException if one cannot be read
   */
  public static Provenance ofFolder(Path folder, Set<String> files) {
    return new Provenance(
        "the user's own",
        "not stated",
        "file",
        folder.toAbsolutePath().normalize().toString(),
        new FileTree.Folder(folder).sha256(files));
  }
}

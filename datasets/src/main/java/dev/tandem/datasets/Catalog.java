package dev.tandem.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * The data sets that have a name. Some come with the program or are made by it; the others are
 * looked for in a mirror, a directory that holds {@code ID/FILE} or {@code ID/FILE.gz}. The
 * decompressed bytes are checked before anything is made of them.
 */
public final class Catalog {
  /** Of more files a run does not want to hear one by one. */
  private static final int LISTED_FILES = 8;

  private Catalog() {}

  /**
   * A known data set.
   *
   * @param source where its publisher offers it
   * @param bundled whether nothing has to be fetched
   * @param files in the order that the reader takes them; none if the reader makes the data
   * @param reader makes the data set of the bytes of the files
   */
  public record Entry(
      String id,
      String title,
      Task task,
      String source,
      String licence,
      boolean bundled,
      List<DataFile> files,
      Reader reader) {}

  /**
   * A file of a data set.
   *
   * @param name without the {@code .gz} that a mirror may add; with it the file is an archive that
   *     is read as it was published
   * @param bytes its size: decompressed, or that of the archive
   * @param sha256 of those bytes
   */
  public record DataFile(String name, int bytes, String sha256) {}

  /** Makes a data set of checked bytes, one array for each file of the entry. */
  @FunctionalInterface
  public interface Reader {
    RawDataset read(Entry entry, List<byte[]> files, Provenance provenance);
  }

  /** All entries, bundled ones first. */
  public static List<Entry> entries() {
    return CatalogEntries.ALL;
  }

  /**
   * The entry of an id.
   *
   * @throws DataException if there is none; the message names the nearest
   */
  public static Entry entry(String id) {
    return entries().stream()
        .filter(entry -> entry.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new DataException(
                    Nearest.unknown("data set", id, entries().stream().map(Entry::id).toList())));
  }

  /**
   * Where the files of an entry lie: inside the program, nowhere for what is made, or the directory
   * in the mirror; empty if they are nowhere.
   *
   * @param mirror null without a mirror
   */
  public static Optional<String> location(Entry entry, Path mirror) {
    if (entry.bundled()) {
      return Optional.of(entry.files().isEmpty() ? "generated" : "bundled");
    }
    boolean complete =
        mirror != null
            && entry.files().stream().allMatch(file -> mirrored(entry, file, mirror).isPresent());
    return complete ? Optional.of(mirror.resolve(entry.id()).toString()) : Optional.empty();
  }

  /**
   * Loads a data set: the bundled one, or else the one in the mirror.
   *
   * @param mirror null without a mirror
   * @throws DataException if the id is unknown, the files are nowhere, or their size or checksum is
   *     not the published one
   */
  public static RawDataset load(String id, Path mirror) {
    Entry entry = entry(id);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (DataFile file : entry.files()) {
      if (entry.bundled()) {
        String resource = "bundled/" + id + "/" + file.name() + ".gz";
        files.put(
            resource,
            checked(file, resource, true, () -> Catalog.class.getResourceAsStream(resource)));
      } else {
        Path path =
            Optional.ofNullable(mirror)
                .flatMap(directory -> mirrored(entry, file, directory))
                .orElseThrow(() -> nowhere(entry, file, mirror));
        boolean compressed = !path.endsWith(file.name());
        files.put(
            path.toString(),
            checked(file, path.toString(), compressed, () -> Files.newInputStream(path)));
      }
    }
    return entry
        .reader()
        .read(entry, new ArrayList<>(files.values()), provenance(entry, files.keySet()));
  }

  private static Provenance provenance(Entry entry, Set<String> paths) {
    List<String> checksums = entry.files().stream().map(DataFile::sha256).toList();
    boolean many = checksums.size() > LISTED_FILES;
    return new Provenance(
        entry.source(),
        entry.licence(),
        entry.bundled() ? "bundled" : "mirror",
        many ? Path.of(paths.iterator().next()).getParent().toString() : String.join(", ", paths),
        many
            ? DataFiles.sha256(String.join("\n", checksums).getBytes(StandardCharsets.UTF_8))
            : String.join(", ", checksums));
  }

  private static Optional<Path> mirrored(Entry entry, DataFile file, Path mirror) {
    Path plain = mirror.resolve(entry.id()).resolve(file.name());
    Path compressed = plain.resolveSibling(file.name() + ".gz");
    return List.of(plain, compressed).stream().filter(Files::isRegularFile).findFirst();
  }

  private static DataException nowhere(Entry entry, DataFile file, Path mirror) {
    String looked =
        mirror == null
            ? "TANDEM_MIRROR is not set"
            : "not at " + mirror.resolve(entry.id()).resolve(file.name());
    return DataException.of(
        "data set '%s' is not here, %s (get it from %s, licence %s, and set TANDEM_MIRROR=DIR with it at"
            + " DIR/%s/%s)",
        entry.id(), looked, entry.source(), entry.licence(), entry.id(), file.name());
  }

  @FunctionalInterface
  private interface Opening {
    InputStream open() throws IOException;
  }

  /** The decompressed bytes, read no further than one byte beyond their published size. */
  private static byte[] checked(DataFile file, String path, boolean compressed, Opening opening) {
    byte[] bytes;
    try (InputStream raw = opening.open();
        InputStream in = compressed ? new GZIPInputStream(raw) : raw) {
      bytes = in.readNBytes(file.bytes() + 1);
    } catch (IOException e) {
      throw new DataException(
          path + " cannot be read: " + e.getMessage() + " (fetch the file again)", e);
    }
    if (bytes.length != file.bytes()) {
      throw DataException.of(
          "%s has %s bytes, expected %d (fetch the file again)",
          path,
          bytes.length > file.bytes() ? "more than " + file.bytes() : bytes.length,
          file.bytes());
    }
    String found = DataFiles.sha256(bytes);
    if (!found.equals(file.sha256())) {
      throw DataException.of(
          "%s has SHA-256 %s, expected %s (fetch the file again)", path, found, file.sha256());
    }
    return bytes;
  }
}

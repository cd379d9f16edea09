package dev.tandem.datasets;

import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * CIFAR-10 in its binary version (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny
 * Images", 2009; the data set's page): files {@code data_batch_1.bin} and so on to train and {@code
 * test_batch.bin} to test, of records of one byte of class id and 3,072 bytes of {@code [3,32,32]}.
 */
final class Cifar {
  static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final PictureFormat FORMAT = new PictureFormat(3, 32, 32);
  private static final int RECORD = 1 + FORMAT.length();

  /** A hundred times the published ones: what fits one array of pixels. */
  private static final long LARGEST_FILE = 1L << 30;

  private static final Pattern TRAIN = Pattern.compile("(?:.*/)?data_batch_([0-9]{1,6})[.]bin");
  private static final Pattern TEST = Pattern.compile("(?:.*/)?test_batch[.]bin");

  private Cifar() {}

  /** Whether there is a file of the kind. */
  static boolean isIn(List<String> names) {
    return names.stream().anyMatch(name -> TRAIN.matcher(name).matches());
  }

  /**
   * Reads all files of the kind, in the order of their numbers.
   *
   * @param provenance null for the user's own, whose checksum is made here
   * @throws DataException if there is no file to train on, or one is truncated or holds another
   *     class id than 0 to 9
   */
  static PixelDataset read(String name, FileTree tree, Provenance provenance) {
    TreeMap<Integer, String> batches = new TreeMap<>();
    for (String file : tree.names()) {
      Matcher train = TRAIN.matcher(file);
      if (train.matches()) {
        put(name, batches, Integer.parseInt(train.group(1)), file);
      } else if (TEST.matcher(file).matches()) {
        put(name, batches, Integer.MAX_VALUE, file);
      }
    }
    if (batches.isEmpty() || batches.firstKey() == Integer.MAX_VALUE) {
      throw new DataException(
          name
              + " holds no data_batch_1.bin (give the folder or archive of CIFAR-10's binary"
              + " version)");
    }
    TreeMap<String, byte[]> contents = new TreeMap<>();
    TreeSet<String> wanted = new TreeSet<>(batches.values());
    tree.each(
        wanted,
        (file, content, size) -> {
          if (size == 0 || size % RECORD != 0 || size > LARGEST_FILE) {
            throw DataException.of(
                "%s: %s has %d bytes, no multiple of %d up to %d (fetch the file again)",
                name, file, size, RECORD, LARGEST_FILE);
          }
          contents.put(file, content.readAllBytes());
        });
    return assemble(
        name,
        batches,
        contents,
        provenance != null
            ? provenance
            : new Provenance("the user's own", "not stated", "file", name, tree.sha256(wanted)));
  }

  private static void put(String name, TreeMap<Integer, String> batches, int number, String file) {
    String other = batches.put(number, file);
    if (other != null) {
      throw new DataException(
          name + " holds both " + other + " and " + file + " (give one of the folders)");
    }
  }

  private static PixelDataset assemble(
      String name,
      TreeMap<Integer, String> batches,
      TreeMap<String, byte[]> contents,
      Provenance provenance) {
    long bytes = contents.values().stream().mapToLong(content -> content.length).sum();
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new DataException(name + " holds more than 2 GiB of pictures (give fewer files)");
    }
    int count = (int) (bytes / RECORD);
    byte[] pixels = new byte[count * FORMAT.length()];
    int[] labels = new int[count];
    int row = 0;
    int firstTest = count;
    for (var batch : batches.entrySet()) {
      if (batch.getKey() == Integer.MAX_VALUE) {
        firstTest = row;
      }
      // Taken out, so that the memory is free again as it is copied.
      byte[] content = contents.remove(batch.getValue());
      for (int at = 0; at < content.length; at += RECORD) {
        labels[row] = content[at] & 0xff;
        if (labels[row] >= CLASSES.size()) {
          throw DataException.of(
              "%s: %s has class id %d in record %d, CIFAR-10 has 0 to 9 (fetch the file again)",
              name, batch.getValue(), labels[row], at / RECORD);
        }
        System.arraycopy(content, at + 1, pixels, row * FORMAT.length(), FORMAT.length());
        row++;
      }
    }
    int[] test = IntStream.range(firstTest, count).toArray();
    return new PixelDataset(
        name,
        pixels,
        FORMAT,
        labels,
        CLASSES,
        test.length == 0 ? null : test,
        provenance,
        List.of());
  }
}

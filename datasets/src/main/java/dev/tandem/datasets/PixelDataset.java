package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Column;
import dev.tandem.datasets.Preprocessing.Form;
import dev.tandem.datasets.Preprocessing.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Pictures of one size with a class each. They stay unsigned bytes, a quarter of the memory of
 * float32, and are decoded when a batch is gathered: divided by the byte of white, and standardised
 * by the mean and deviation of their channel over the training rows.
 */
public final class PixelDataset implements RawDataset {
  private final String name;
  private final byte[] pixels;
  private final PictureFormat format;
  private final int[] labels;
  private final List<String> classNames;
  private final int[] officialTest;
  private final Provenance provenance;
  private final List<String> notes;

  /**
   * Takes the arrays as they are, without a copy.
   *
   * @param pixels unsigned {@code [N,C,H,W]}
   * @param format C, H and W, and the byte of white
   * @param labels class ids {@code [N]}
   * @param classNames in the order of the class ids
   * @param officialTest the rows that the publisher set aside for testing, or null
   * @param notes what was decided when the pictures were read
   * @throws IllegalArgumentException if the pixels do not fill the pictures
   * @throws DataException if pictures and labels differ in number, a class id has no name, or all
   *     examples are of one class
   */
  public PixelDataset(
      String name,
      byte[] pixels,
      PictureFormat format,
      int[] labels,
      List<String> classNames,
      int[] officialTest,
      Provenance provenance,
      List<String> notes) {
    if (pixels.length % format.length() != 0) {
      throw new IllegalArgumentException(pixels.length + " bytes are no pictures of " + format);
    }
    int pictures = pixels.length / format.length();
    if (pictures != labels.length) {
      throw DataException.of(
          "%s: %d pictures and %d labels differ in number (give one label for each)",
          name, pictures, labels.length);
    }
    ArrayDataset.classIds(name, HostArray.of(labels, labels.length), classNames.size());
    if (Arrays.stream(labels).distinct().count() < 2) {
      throw DataException.of(
          "%s: all %d pictures are of one class: nothing can be learned (give examples of two"
              + " classes or more)",
          name, pictures);
    }
    this.name = name;
    this.pixels = pixels;
    this.format = format;
    this.labels = labels;
    this.classNames = List.copyOf(classNames);
    this.officialTest = officialTest;
    this.provenance = provenance;
    this.notes = List.copyOf(notes);
  }

  /**
   * Pictures and class ids in two IDX files, compressed by gzip or not. A class is named after its
   * id.
   *
   * @throws DataException if a file cannot be read, is no IDX file of unsigned bytes {@code
   *     [N,H,W]} and {@code [N]}, is truncated, or the two differ in number
   */
  public static PixelDataset readIdx(Path images, Path labels) {
    Idx.Content pictures = Idx.read(images, Idx.PICTURE_AXES);
    int[] ids = unsigned(Idx.read(labels, Idx.LABEL_AXES).bytes());
    int classes = 1 + Arrays.stream(ids).max().orElse(0);
    return new PixelDataset(
        images.getFileName().toString(),
        pictures.bytes(),
        new PictureFormat(1, pictures.shape()[1], pictures.shape()[2]),
        ids,
        IntStream.range(0, classes).mapToObj(Integer::toString).toList(),
        null,
        Provenance.ofFiles(images, labels),
        List.of());
  }

  /**
   * Pictures by class in a folder or a tar archive (.gz too): {@code CLASS/FILE}, or {@code
   * train/CLASS/FILE} and {@code test/CLASS/FILE} where both are there. PNG, JPEG, GIF and BMP.
   *
   * @throws DataException if there are no pictures, all are of one class, or one cannot be read or
   *     a class is empty and the options are strict
   */
  public static PixelDataset readFolder(Path path, PictureOptions options) {
    return PictureFolder.read(path.toString(), FileTree.of(path), options, null);
  }

  /**
   * CIFAR-10's binary version in a folder or a tar archive (.gz too).
   *
   * @throws DataException if there is no {@code data_batch_1.bin}, or a file is truncated
   */
  public static PixelDataset readCifar(Path path) {
    return Cifar.read(path.toString(), FileTree.of(path), null);
  }

  /** A folder or an archive of either kind: CIFAR-10's where it has such a file. */
  public static PixelDataset read(Path path, PictureOptions options) {
    FileTree tree = FileTree.of(path);
    return Cifar.isIn(tree.names())
        ? Cifar.read(path.toString(), tree, null)
        : PictureFolder.read(path.toString(), tree, options, null);
  }

  static int[] unsigned(byte[] bytes) {
    int[] values = new int[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes[i] & 0xff;
    }
    return values;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Task task() {
    return Task.CLASSIFICATION;
  }

  @Override
  public Optional<int[]> stratifyBy() {
    return Optional.of(labels);
  }

  @Override
  public Optional<int[]> officialTest() {
    return Optional.ofNullable(officialTest);
  }

  /** The size of the pictures. */
  public PictureFormat format() {
    return format;
  }

  /** In the order of the class ids. */
  public List<String> classNames() {
    return classNames;
  }

  /** What was decided, left out or resized when the pictures were read, for the user to see. */
  public List<String> notes() {
    return notes;
  }

  @Override
  public Dataset prepare(Split split) {
    List<String> all = new ArrayList<>(notes);
    if (officialTest != null) {
      all.add("the test part is the publisher's, %d rows".formatted(officialTest.length));
    }
    List<Column> columns = PictureEncoding.fit(pixels, format, split.train(), all);
    Preprocessing preprocessing =
        Preprocessing.ofPictures(
            columns,
            new Target(Task.CLASSIFICATION, List.of("class"), classNames, List.of(), List.of()),
            format);
    Examples everything =
        new Examples(
            PictureEncoding.pixels(pixels, format, columns), HostArray.of(labels, labels.length));
    return new Dataset(
        name,
        Task.CLASSIFICATION,
        classNames,
        preprocessing.inputNames(),
        preprocessing.target().names(),
        part(everything, split.train()),
        part(everything, split.validation()),
        part(everything, split.test()),
        provenance,
        preprocessing,
        List.copyOf(all));
  }

  /** All pictures with their class ids; a pixel is 0 for black and 1 for white. */
  public Examples unscaled() {
    List<Column> columns =
        format.channelNames().stream().map(channel -> Column.numeric(channel, 0, 0, 1)).toList();
    return new Examples(
        PictureEncoding.pixels(pixels, format, columns), HostArray.of(labels, labels.length));
  }

  /** Rows are ascending and occur once: as many as there are means all of them, without a copy. */
  private static Examples part(Examples everything, int[] rows) {
    return rows.length == everything.size() ? everything : everything.select(rows);
  }

  /**
   * All pictures as a network takes them that was trained on others; classes are found by name.
   *
   * @param preprocessing what the training learned
   * @throws DataException if the size of the pictures is another, or a class is unknown
   */
  public Examples encode(Preprocessing preprocessing) {
    if (preprocessing.form() != Form.IMAGE || !format.isSizeOf(preprocessing.picture())) {
      throw DataException.of(
          "%s has pictures of %s, training was on %s (give the same)",
          name,
          format,
          preprocessing.form() == Form.IMAGE
              ? "pictures of " + preprocessing.picture()
              : "other data, no pictures");
    }
    List<String> known = preprocessing.target().classNames();
    int[] ids = new int[classNames.size()];
    for (int id = 0; id < ids.length; id++) {
      ids[id] = known.indexOf(classNames.get(id));
      if (ids[id] < 0) {
        throw new DataException(name + ": " + Nearest.unknown("class", classNames.get(id), known));
      }
    }
    return new Examples(
        PictureEncoding.pixels(pixels, format, preprocessing.columns()),
        HostArray.of(Arrays.stream(labels).map(id -> ids[id]).toArray(), labels.length));
  }
}

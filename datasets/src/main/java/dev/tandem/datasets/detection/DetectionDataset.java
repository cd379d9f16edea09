package dev.tandem.datasets.detection;

import dev.tandem.datasets.DataException;
import dev.tandem.datasets.Dataset;
import dev.tandem.datasets.Examples;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Nearest;
import dev.tandem.datasets.PictureEncoding;
import dev.tandem.datasets.PictureFormat;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.Preprocessing.Column;
import dev.tandem.datasets.Preprocessing.Form;
import dev.tandem.datasets.Preprocessing.Target;
import dev.tandem.datasets.Provenance;
import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.Split;
import dev.tandem.datasets.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Pictures to find things in. Inputs are float32 {@code [N,C,side,side]}, kept as bytes, divided by
 * 255 and standardised by channel on the training rows; targets are the boxes, float32 {@code
 * [N,B,5]}, in pixels of the square.
 */
public final class DetectionDataset implements RawDataset {
  /** The side of the square that pictures of files are brought to where nobody chose one. */
  public static final int DEFAULT_SIDE = 192;

  private final String name;
  private final AnnotatedPictures pictures;
  private final int[] officialTest;
  private final Provenance provenance;

  /**
   * Takes the pictures as they are, without a copy.
   *
   * @param officialTest the rows that are set aside for testing, or null
   */
  public DetectionDataset(
      String name, AnnotatedPictures pictures, int[] officialTest, Provenance provenance) {
    this.name = name;
    this.pictures = pictures;
    this.officialTest = officialTest;
    this.provenance = provenance;
  }

  /**
   * Reads a folder of the user's, see {@link AnnotatedPictures#read}.
   *
   * @throws DataException if a picture or a row cannot be used
   */
  public static DetectionDataset read(Path folder, int side) {
    AnnotatedPictures pictures = AnnotatedPictures.read(folder, side);
    TreeSet<String> files = new TreeSet<>(pictures.pictureNames());
    files.add(AnnotatedPictures.ANNOTATIONS);
    return new DetectionDataset(
        folder.toString(), pictures, null, Provenance.ofFolder(folder, files));
  }

  /** The pictures with their boxes. */
  public AnnotatedPictures pictures() {
    return pictures;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return pictures.size();
  }

  @Override
  public Task task() {
    return Task.DETECTION;
  }

  /** Empty: a picture has things of several classes in it. */
  @Override
  public Optional<int[]> stratifyBy() {
    return Optional.empty();
  }

  @Override
  public Optional<int[]> officialTest() {
    return Optional.ofNullable(officialTest);
  }

  private PictureFormat format() {
    return new PictureFormat(pictures.channels(), pictures.side(), pictures.side());
  }

  @Override
  public Dataset prepare(Split split) {
    List<String> notes = new ArrayList<>(pictures.notes());
    if (officialTest != null) {
      notes.add("the test part is given, %d pictures".formatted(officialTest.length));
    }
    List<Column> columns = PictureEncoding.fit(pictures.pixels(), format(), split.train(), notes);
    Target target =
        new Target(Task.DETECTION, List.of("boxes"), pictures.classNames(), List.of(), List.of());
    Preprocessing preprocessing = Preprocessing.ofPictures(columns, target, format());
    Examples everything = new Examples(inputs(columns), pictures.boxes());
    return new Dataset(
        name,
        Task.DETECTION,
        pictures.classNames(),
        preprocessing.inputNames(),
        target.names(),
        everything.select(split.train()),
        everything.select(split.validation()),
        everything.select(split.test()),
        provenance,
        preprocessing,
        List.copyOf(notes));
  }

  private HostArray inputs(List<Column> columns) {
    return PictureEncoding.pixels(pictures.pixels(), format(), columns);
  }

  /**
   * All pictures as a detector takes them that was trained on others; classes are found by name.
   *
   * @param pictures of the size and channels of the training
   * @param preprocessing what the training learned
   * @throws DataException if the training was on something else, or a class is unknown
   */
  public static Examples encode(AnnotatedPictures pictures, Preprocessing preprocessing) {
    requireDetector(preprocessing);
    List<String> known = preprocessing.target().classNames();
    int[] ids =
        pictures.classNames().stream()
            .mapToInt(
                className -> {
                  if (!known.contains(className)) {
                    throw new DataException(Nearest.unknown("class", className, known));
                  }
                  return known.indexOf(className);
                })
            .toArray();
    float[] boxes = pictures.boxes().floats().clone();
    for (int at = 0; at < boxes.length; at += GridEncoding.BOX_LENGTH) {
      boxes[at] = boxes[at] < 0 ? -1 : ids[(int) boxes[at]];
    }
    return new Examples(
        PictureEncoding.pixels(pictures.pixels(), preprocessing.picture(), preprocessing.columns()),
        HostArray.of(boxes, pictures.boxes().shape()));
  }

  /** Checks that a training was on pictures with boxes. */
  static void requireDetector(Preprocessing preprocessing) {
    if (preprocessing.form() != Form.IMAGE || preprocessing.target().task() != Task.DETECTION) {
      throw new DataException(
          "the training was not on pictures with boxes (give data of the form it was on)");
    }
  }
}

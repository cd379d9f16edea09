package dev.tandem.datasets.detection;

import dev.tandem.datasets.DataException;
import dev.tandem.datasets.DataFiles;
import dev.tandem.datasets.HostArray;
import dev.tandem.datasets.Picture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Square pictures of one size with boxes around the things in them.
 *
 * @param classNames in the order of the class ids
 * @param pictureNames one for each picture
 * @param pixels unsigned bytes {@code [N,C,side,side]}; not copied, nobody writes to them
 * @param channels C: 1 for grey, 3 for red, green and blue
 * @param side in pixels
 * @param boxes float32 {@code [N,B,5]}: class id or -1 for none, left, top, width, height, in
 *     pixels of the square picture
 * @param placements where the pictures of the files stand in the squares, one for each
 * @param notes what was decided or left out, one sentence each, for the user to see
 */
public record AnnotatedPictures(
    List<String> classNames,
    List<String> pictureNames,
    byte[] pixels,
    int channels,
    int side,
    HostArray boxes,
    List<Letterbox> placements,
    List<String> notes) {
  /** The file in a folder of pictures that names their boxes. */
  public static final String ANNOTATIONS = "annotations.csv";

  public AnnotatedPictures {
    classNames = List.copyOf(classNames);
    pictureNames = List.copyOf(pictureNames);
    placements = List.copyOf(placements);
    notes = List.copyOf(notes);
    int n = pictureNames.size();
    boolean fits = pixels.length == (long) n * channels * side * side;
    if (!fits || boxes.size() != n || placements.size() != n) {
      throw new IllegalArgumentException(
          "%d names, %d bytes of %d x %d x %d, boxes %s and %d placements do not belong together"
              .formatted(n, pixels.length, channels, side, side, boxes, placements.size()));
    }
  }

  /**
   * Reads a folder with pictures and a table {@code annotations.csv}. The table has a row for each
   * box, with the columns {@code image} (a file in the folder), {@code label}, {@code xmin}, {@code
   * ymin}, {@code xmax}, {@code ymax} in pixels, and, if it likes, {@code width} and {@code height}
   * of the picture; in any order, and others beside them. A row whose label and corners are empty
   * names a picture without boxes. Pictures are JPEG, PNG, GIF or BMP. They are put in the order of
   * their names, and classes in the order of theirs.
   *
   * <p>A box that reaches beyond its picture is cut off at the edge; a note counts them.
   *
   * @param side pictures are shrunk or enlarged to fit a square of this many pixels, see {@link
   *     Letterbox}
   * @throws dev.tandem.datasets.DataException if the table or a picture is missing or cannot be
   *     read, a column is missing, a corner is not a number, a box is empty or outside its picture,
   *     the picture is not as large as its row says, or no row has a box; the message names the
   *     file or the line
   */
  public static AnnotatedPictures read(Path folder, int side) {
    return new AnnotationReader(
            new AnnotationReader.Source() {
              @Override
              public String name(String file) {
                return folder.resolve(file).toString();
              }

              @Override
              public byte[] bytes(String file) {
                return DataFiles.readAll(folder.resolve(file));
              }
            },
            side)
        .read();
  }

  /**
   * Reads the same of files in memory.
   *
   * @param files the table and the pictures, by name
   */
  public static AnnotatedPictures read(Map<String, byte[]> files, int side) {
    return new AnnotationReader(
            new AnnotationReader.Source() {
              @Override
              public String name(String file) {
                return file;
              }

              @Override
              public byte[] bytes(String file) {
                byte[] bytes = files.get(file);
                if (bytes == null) {
                  throw new DataException(file + " is not there (add it)");
                }
                return bytes;
              }
            },
            side)
        .read();
  }

  /** These pictures, then others of the same classes, channels and side. */
  public AnnotatedPictures then(AnnotatedPictures more) {
    if (!classNames.equals(more.classNames) || channels != more.channels || side != more.side) {
      throw new IllegalArgumentException("the pictures differ in classes, channels or side");
    }
    byte[] all = Arrays.copyOf(pixels, Math.addExact(pixels.length, more.pixels.length));
    System.arraycopy(more.pixels, 0, all, pixels.length, more.pixels.length);
    List<List<BoundingBox>> truths = new ArrayList<>();
    for (AnnotatedPictures part : List.of(this, more)) {
      IntStream.range(0, part.size()).mapToObj(part::truth).forEach(truths::add);
    }
    return new AnnotatedPictures(
        classNames,
        joined(pictureNames, more.pictureNames),
        all,
        channels,
        side,
        boxes(truths),
        joined(placements, more.placements),
        joined(notes, more.notes));
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** The same in grey or in colour. */
  public AnnotatedPictures withChannels(int wanted) {
    int plane = side * side;
    byte[] changed = new byte[Math.multiplyExact(size(), wanted * plane)];
    for (int i = 0; i < size(); i++) {
      int from = i * channels * plane;
      byte[] square = Arrays.copyOfRange(pixels, from, from + channels * plane);
      byte[] picture = new Picture(channels, side, side, square).withChannels(wanted).pixels();
      System.arraycopy(picture, 0, changed, i * picture.length, picture.length);
    }
    return new AnnotatedPictures(
        classNames, pictureNames, changed, wanted, side, boxes, placements, notes);
  }

  /** The number of pictures. */
  public int size() {
    return pictureNames.size();
  }

  /** The boxes of a picture. */
  public List<BoundingBox> truth(int picture) {
    float[] numbers = boxes.floats();
    List<BoundingBox> truth = new ArrayList<>();
    int from = picture * boxes.exampleLength();
    int length = GridEncoding.BOX_LENGTH;
    for (int at = from; at < from + boxes.exampleLength(); at += length) {
      if (numbers[at] >= 0) {
        truth.add(
            new BoundingBox(
                (int) numbers[at],
                numbers[at + 1],
                numbers[at + 2],
                numbers[at + 3],
                numbers[at + 4]));
      }
    }
    return truth;
  }

  /** A picture as numbers from 0 to 1, {@code [C,side,side]}. */
  public float[] picture(int picture) {
    float[] values = new float[channels * side * side];
    for (int i = 0; i < values.length; i++) {
      values[i] = (pixels[picture * values.length + i] & 0xFF) / 255f;
    }
    return values;
  }

  /** Boxes as float32 {@code [N,B,5]}; B is that of the picture with the most, at least 1. */
  static HostArray boxes(List<List<BoundingBox>> pictures) {
    int most = Math.max(1, pictures.stream().mapToInt(List::size).max().orElse(1));
    int length = GridEncoding.BOX_LENGTH;
    float[] numbers = new float[pictures.size() * most * length];
    for (int i = 0; i < pictures.size() * most; i++) {
      List<BoundingBox> boxes = pictures.get(i / most);
      int at = i * length;
      if (i % most < boxes.size()) {
        BoundingBox box = boxes.get(i % most);
        numbers[at] = box.classId();
        numbers[at + 1] = (float) box.left();
        numbers[at + 2] = (float) box.top();
        numbers[at + 3] = (float) box.width();
        numbers[at + 4] = (float) box.height();
      } else {
        numbers[at] = -1;
      }
    }
    return HostArray.of(numbers, pictures.size(), most, length);
  }
}

package dev.tandem.datasets.detection;

import dev.tandem.datasets.DataException;
import dev.tandem.datasets.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the files for {@link AnnotatedPictures#read}. */
final class AnnotationReader {
  private static final int CHANNELS = 3;
  private static final String[] CORNERS = {"xmin", "ymin", "xmax", "ymax"};

  /** Where the files are. */
  interface Source {
    /** A file for error messages. */
    String name(String file);

    /**
     * The bytes of a file.
     *
     * @throws DataException if there is no such file, or it cannot be read
     */
    byte[] bytes(String file);
  }

  private final Source source;
  private final int side;
  private final Table table;
  private final int image;
  private final int label;
  private final int[] corners = new int[CORNERS.length];
  private int cut;

  AnnotationReader(Source source, int side) {
    this.source = source;
    this.side = side;
    table =
        Table.parse(
            source.name(AnnotatedPictures.ANNOTATIONS),
            source.bytes(AnnotatedPictures.ANNOTATIONS));
    image = table.column("image");
    label = table.column("label");
    for (int i = 0; i < corners.length; i++) {
      corners[i] = table.column(CORNERS[i]);
    }
  }

  AnnotatedPictures read() {
    Map<String, List<Integer>> rows = new TreeMap<>();
    TreeSet<String> labels = new TreeSet<>();
    for (int row = 0; row < table.size(); row++) {
      rows.computeIfAbsent(pictureName(row), name -> new ArrayList<>()).add(row);
      if (hasBox(row)) {
        labels.add(table.cell(row, label));
      }
    }
    if (labels.isEmpty()) {
      throw new DataException(table.name() + " names no box (add rows with a label and corners)");
    }
    List<String> classNames = List.copyOf(labels);
    byte[] pixels = new byte[pixels(rows.size())];
    List<Letterbox> placements = new ArrayList<>();
    List<List<BoundingBox>> boxes = new ArrayList<>();
    try (SquarePictures pictures = new SquarePictures(side)) {
      for (Map.Entry<String, List<Integer>> entry : rows.entrySet()) {
        SquarePictures.Placed placed = picture(pictures, entry.getKey(), entry.getValue());
        Letterbox placement = placed.placement();
        byte[] square = placed.square().pixels();
        System.arraycopy(square, 0, pixels, placements.size() * square.length, square.length);
        placements.add(placement);
        boxes.add(
            entry.getValue().stream()
                .filter(this::hasBox)
                .map(row -> placement.toSquare(box(row, placement, classNames)))
                .toList());
      }
    }
    return new AnnotatedPictures(
        classNames,
        List.copyOf(rows.keySet()),
        pixels,
        CHANNELS,
        side,
        AnnotatedPictures.boxes(boxes),
        placements,
        cut == 0
            ? List.of()
            : List.of(
                cut + (cut == 1 ? " box" : " boxes") + " reached beyond the picture: cut off"));
  }

  private int pixels(int pictures) {
    long pixels = (long) pictures * CHANNELS * side * side;
    if (pixels > Integer.MAX_VALUE - 8) {
      throw DataException.of(
          "%s: %d pictures of %d x %d pixels have over 2 GiB (make the pictures smaller, or fewer)",
          table.name(), pictures, side, side);
    }
    return (int) pixels;
  }

  private String pictureName(int row) {
    String name = table.cell(row, image);
    if (name.isEmpty()) {
      throw new DataException(table.at(row, image) + " names no picture (fill in the file's name)");
    }
    return name;
  }

  /** Whether the row has a box; an empty row names a picture without. */
  private boolean hasBox(int row) {
    boolean empty = table.cell(row, label).isEmpty();
    for (int corner : corners) {
      boolean without = table.cell(row, corner).isEmpty();
      if (without != empty) {
        int column = without ? corner : label;
        throw new DataException(
            table.at(row, column)
                + " is missing (fill it in, or leave label and corners empty for a picture without"
                + " boxes)");
      }
    }
    return !empty;
  }

  private SquarePictures.Placed picture(SquarePictures pictures, String name, List<Integer> rows) {
    SquarePictures.Placed placed;
    try {
      placed = pictures.read(source.name(name), source.bytes(name));
    } catch (DataException e) {
      throw new DataException(
          "%s line %d: %s".formatted(table.name(), table.line(rows.get(0)), e.getMessage()), e);
    }
    rows.forEach(row -> requireSize(row, "width", placed.placement().width()));
    rows.forEach(row -> requireSize(row, "height", placed.placement().height()));
    return placed;
  }

  private void requireSize(int row, String name, int actual) {
    int column = table.columns().indexOf(name);
    if (column >= 0 && table.number(row, column) != actual) {
      throw new DataException(
          "%s, but the picture has %d pixels (its boxes would be in the wrong place: correct the row or the picture)"
              .formatted(table.at(row, column), actual));
    }
  }

  private BoundingBox box(int row, Letterbox picture, List<String> classNames) {
    double[] given = new double[corners.length];
    double[] inside = new double[corners.length];
    boolean reachesOut = false;
    for (int i = 0; i < corners.length; i++) {
      given[i] = table.number(row, corners[i]);
      inside[i] = Math.clamp(given[i], 0, i % 2 == 0 ? picture.width() : picture.height());
      reachesOut |= inside[i] != given[i];
    }
    for (int i = 0; i < 2; i++) {
      if (!(given[i] < given[i + 2])) {
        throw new DataException(
            "%s is not above %s %s, the box is empty (correct the corners)"
                .formatted(table.at(row, corners[i + 2]), CORNERS[i], table.cell(row, corners[i])));
      }
      if (!(inside[i] < inside[i + 2])) {
        throw new DataException(
            "%s: the box is outside its picture of %d x %d pixels (correct the corners)"
                .formatted(table.at(row, corners[i]), picture.width(), picture.height()));
      }
    }
    cut += reachesOut ? 1 : 0;
    int classId = classNames.indexOf(table.cell(row, label));
    return new BoundingBox(
        classId, inside[0], inside[1], inside[2] - inside[0], inside[3] - inside[1]);
  }
}

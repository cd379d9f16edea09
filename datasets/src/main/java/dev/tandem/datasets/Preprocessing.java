package dev.tandem.datasets;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * How raw data became the numbers that a network is trained on, learned from the training rows
 * only, and the same thing done to new data. A plain record of plain records: it can be written to
 * JSON and read back as it is.
 *
 * @param form what the raw data was
 * @param columns of a table: the columns that are used, in the order of the inputs; of an array:
 *     one for each element of an example (of a step in sequences {@code [N,T,F]}), or none if it is
 *     taken as it is; of pictures: one for each channel, in units of white; of a series: one for
 *     each number of a step; of texts none
 * @param target what is predicted
 * @param picture the size of pictures and their white; null unless the form is {@link Form#IMAGE}
 * @param text how texts become ids; null unless the form is one of texts
 * @param series how a series becomes windows; null unless the form is {@link Form#SERIES}
 */
public record Preprocessing(
    Form form,
    List<Column> columns,
    Target target,
    PictureFormat picture,
    TextEncoding text,
    SeriesEncoding series) {

  /** Checks that nothing is missing, as it may be in a damaged file. */
  public Preprocessing {
    Objects.requireNonNull(form, "form is missing");
    Objects.requireNonNull(columns, "columns are missing");
    Objects.requireNonNull(target, "target is missing");
    if ((form == Form.IMAGE) != (picture != null)
        || (picture != null && picture.channels() != columns.size())) {
      throw new IllegalArgumentException("picture is missing or does not go with the columns");
    }
    if (form.isText()) {
      Objects.requireNonNull(text, "text is missing");
    }
    if (form == Form.SERIES) {
      Objects.requireNonNull(series, "series is missing");
    }
  }

  /** What became of a table or an array. */
  public Preprocessing(Form form, List<Column> columns, Target target) {
    this(form, columns, target, null, null, null);
  }

  /** What became of pictures. */
  public static Preprocessing ofPictures(
      List<Column> channels, Target target, PictureFormat picture) {
    return new Preprocessing(Form.IMAGE, channels, target, picture, null, null);
  }

  /** What became of texts. */
  static Preprocessing ofTexts(Form form, Target target, TextEncoding text) {
    return new Preprocessing(form, List.of(), target, null, text, null);
  }

  /** What became of a series. */
  static Preprocessing ofSeries(List<Column> columns, Target target, SeriesEncoding series) {
    return new Preprocessing(Form.SERIES, columns, target, null, null, series);
  }

  /** What the raw data was. */
  public enum Form {
    TABLE("a table", "a .csv file with its columns"),
    ARRAY("an array", "a .npy file"),
    IMAGE("pictures", "pictures"),
    /** A table whose rows are steps of time. */
    SERIES("a series", "a .csv file with its columns, one row for each step"),
    /** Texts with a class each. */
    TEXT("texts", "a text on each line"),
    /** Sentences of words with a class each. */
    TAGGING("sentences", "a word on each line, with an empty line between sentences"),
    /** A text whose next token is predicted. */
    LANGUAGE("a text", "a text to go on with");

    private final String described;
    private final String remedy;

    Form(String described, String remedy) {
      this.described = described;
      this.remedy = remedy;
    }

    String described() {
      return described;
    }

    String remedy() {
      return remedy;
    }

    boolean isText() {
      return this == TEXT || this == TAGGING || this == LANGUAGE;
    }
  }

  /** What a column of a table holds. */
  public enum Kind {
    NUMERIC,
    CATEGORICAL
  }

  /**
   * One raw column.
   *
   * @param median what a missing number is replaced by; 0 where none can be missing
   * @param mean what is subtracted from a number; 0 for categories
   * @param scale what a number is then divided by, the standard deviation (divisor N); 0 for a
   *     constant column, which becomes 0
   * @param categories of a categorical column, sorted; two or fewer become one input (0 for the
   *     first, 1 for the second), more become one input each; empty for numbers
   */
  public record Column(
      String name, Kind kind, double median, double mean, double scale, List<String> categories) {

    /** The category of a cell without a value. */
    public static final String MISSING = "(missing)";

    /** Checks that nothing is missing. */
    public Column {
      Objects.requireNonNull(name, "name of a column is missing");
      Objects.requireNonNull(kind, "kind of a column is missing");
      Objects.requireNonNull(categories, "categories of a column are missing");
    }

    static Column numeric(String name, double median, double mean, double scale) {
      return new Column(name, Kind.NUMERIC, median, mean, scale, List.of());
    }

    static Column categorical(String name, List<String> categories) {
      return new Column(name, Kind.CATEGORICAL, 0, 0, 0, categories);
    }

    /** The number of inputs that the column becomes. */
    public int width() {
      return categories.size() <= 2 ? 1 : categories.size();
    }

    /** The names of the inputs that the column becomes: its own, or {@code name=category}. */
    public List<String> inputNames() {
      if (kind == Kind.NUMERIC) {
        return List.of(name);
      }
      return categories.size() <= 2
          ? List.of(name + "=" + categories.get(categories.size() - 1))
          : categories.stream().map(category -> name + "=" + category).toList();
    }

    float standardize(double value) {
      return scale == 0 ? 0 : (float) ((value - mean) / scale);
    }
  }

  /**
   * What is predicted.
   *
   * @param names the target column of a table; of arrays {@code target1} and so on
   * @param classNames in the order of the class ids; empty for regression
   * @param means what was subtracted from each target; empty if targets are taken as they are
   * @param scales what each target was then divided by, never 0; empty if targets are taken as they
   *     are
   */
  public record Target(
      Task task,
      List<String> names,
      List<String> classNames,
      List<Double> means,
      List<Double> scales) {

    /** Checks that nothing is missing. */
    public Target {
      Objects.requireNonNull(task, "task of the target is missing");
      Objects.requireNonNull(names, "names of the target are missing");
      Objects.requireNonNull(classNames, "classNames of the target are missing");
      Objects.requireNonNull(means, "means of the target are missing");
      Objects.requireNonNull(scales, "scales of the target are missing");
    }

    /** A network's output for target {@code index}, in the user's units. */
    public double unscale(int index, double output) {
      return means.isEmpty() ? output : output * scales.get(index) + means.get(index);
    }

    /** A network's outputs, float32 {@code [N,K]}, in the user's units. */
    public HostArray unscale(HostArray outputs) {
      if (means.isEmpty()) {
        return outputs;
      }
      return map(outputs, (index, value) -> (float) unscale(index, value));
    }

    float scale(int index, double value) {
      return (float) (means.isEmpty() ? value : (value - means.get(index)) / scales.get(index));
    }
  }

  /**
   * New data, ready for the network.
   *
   * @param inputs float32 {@code [N,F]}
   * @param notes what the user should know, such as categories that training never saw
   */
  public record Encoded(HostArray inputs, List<String> notes) {}

  /**
   * New pictures, ready for the network.
   *
   * @param inputs float32 {@code [N,C,H,W]}
   * @param files that they were read from, in their order
   */
  public record Pictures(HostArray inputs, PictureFiles files) {}

  /** The names of the inputs, in order; empty unless they are columns of a table or a series. */
  public List<String> inputNames() {
    return form == Form.TABLE || form == Form.SERIES
        ? columns.stream().flatMap(column -> column.inputNames().stream()).toList()
        : List.of();
  }

  /**
   * Encodes every row of a table. Columns are found by name; others, such as the target, do not
   * matter.
   *
   * @throws DataException if a column is missing, or a number is a text or infinite, or training
   *     was on arrays
   */
  public Encoded encode(Table table) {
    return encode(table, IntStream.range(0, table.size()).toArray());
  }

  Encoded encode(Table table, int[] rows) {
    requireForm(Form.TABLE, table.name());
    return TableEncoding.encode(table, rows, columns);
  }

  /**
   * Encodes the targets of a table: int32 {@code [N]} class ids, or float32 {@code [N,1]} in the
   * network's units.
   *
   * @throws DataException if the target column is missing, a cell of it is missing, a label is none
   *     of the classes, or a number is a text or infinite
   */
  public HostArray encodeTargets(Table table) {
    return encodeTargets(table, IntStream.range(0, table.size()).toArray());
  }

  HostArray encodeTargets(Table table, int[] rows) {
    requireForm(Form.TABLE, table.name());
    return TableEncoding.encodeTargets(table, rows, target);
  }

  /**
   * Encodes an array of examples, which becomes float32 if it is standardised and otherwise stays
   * as it is. Pictures are {@code [N,C,H,W]}, pixels as training had them.
   *
   * @param name the file, for error messages
   * @throws DataException if an example has another number of elements than in training or a value
   *     that is not finite, a picture another size or range, or training was on a table
   */
  public HostArray encode(String name, HostArray given) {
    if (form == Form.IMAGE) {
      return PictureEncoding.encode(name, given, picture, columns);
    }
    requireForm(Form.ARRAY, name);
    HostArray inputs = ArrayDataset.examples(given);
    ArrayDataset.requireFinite(name + ": inputs", inputs);
    if (columns.isEmpty()) {
      return inputs;
    }
    if (!inputs.isFloat() || columns(inputs) != columns.size()) {
      throw DataException.of(
          "%s is %s, training had float32 %s of %d elements (give the same)",
          name, inputs, inputs.shape().length == 3 ? "steps" : "examples", columns.size());
    }
    return map(inputs, (index, value) -> columns.get(index).standardize(value));
  }

  /**
   * Encodes picture files: PNG, JPEG, GIF or BMP, brought to the size and channels of training.
   *
   * @param path a picture, or a folder of pictures
   * @throws DataException as {@link PictureFiles}, or if training was not on pictures
   */
  public Pictures encodePictures(Path path) {
    if (form != Form.IMAGE) {
      throw new DataException(
          path
              + " is a picture, but training was on "
              + (form == Form.TABLE
                  ? "a table (give a .csv file)"
                  : "an array (give a .npy file)"));
    }
    return PictureEncoding.encode(PictureFiles.list(path), picture, columns);
  }

  /**
   * Encodes the targets of new examples, as a file holds them.
   *
   * @param name the file, for error messages
   * @param inputs the examples they belong to
   * @return int32 class ids {@code [N]}, or float32 {@code [N,K]} in the network's units
   * @throws DataException if their number, type, shape or values are not those of training
   */
  public HostArray encodeTargets(String name, HostArray targets, HostArray inputs) {
    if (targets.size() != inputs.size()) {
      throw DataException.of(
          "%s is %s, but there are %d examples (give one target for each)",
          name, targets, inputs.size());
    }
    if (target.task() == Task.CLASSIFICATION) {
      return ArrayDataset.classIds(name, targets, target.classNames().size());
    }
    if (target.task() == Task.TAGGING) {
      return ArrayDataset.stepClassIds(name, targets, inputs, target.classNames().size());
    }
    ArrayDataset.requireFinite(name + ": targets", targets);
    HostArray numbers = ArrayDataset.numbers(targets);
    if (numbers.exampleLength() != target.names().size()) {
      throw DataException.of(
          "%s is %s, training had %d numbers for each example (give the same)",
          name, targets, target.names().size());
    }
    return encodeTargets(numbers);
  }

  /** Encodes float32 {@code [N,K]} targets into the network's units; class ids stay as they are. */
  HostArray encodeTargets(HostArray targets) {
    return target.means().isEmpty() ? targets : map(targets, target::scale);
  }

  /**
   * Cuts the series in a table into windows.
   *
   * @param withTargets true to measure: only windows whose future is in the table; false to
   *     forecast: all, up to the one at the end of the table
   * @throws DataException if training was on something else, a column is missing, a cell is a text,
   *     dates are missing or repeat, there are too many gaps, or no window fits
   */
  public SeriesEncoding.Windows encodeSeries(Table table, boolean withTargets) {
    requireForm(Form.SERIES, Form.TABLE, table.name());
    return series.encode(this, table, withTargets);
  }

  /** How many columns an array has: the numbers of an example, or of a step in {@code [N,T,F]}. */
  static int columns(HostArray array) {
    int[] shape = array.shape();
    return shape.length == 3 ? shape[2] : array.exampleLength();
  }

  private interface ElementFunction {
    float apply(int index, double value);
  }

  private static HostArray map(HostArray array, ElementFunction function) {
    float[] values = array.floats().clone();
    int length = columns(array);
    for (int i = 0; i < values.length; i++) {
      values[i] = function.apply(i % length, values[i]);
    }
    return HostArray.of(values, array.shape());
  }

  void requireForm(Form given, String name) {
    requireForm(given, given, name);
  }

  private void requireForm(Form needed, Form given, String name) {
    if (form != needed) {
      throw new DataException(
          "%s is %s, but training was on %s (give %s)"
              .formatted(name, given.described(), form.described(), form.remedy()));
    }
  }
}

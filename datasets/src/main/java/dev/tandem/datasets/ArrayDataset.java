package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Column;
import dev.tandem.datasets.Preprocessing.Form;
import dev.tandem.datasets.Preprocessing.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Arrays of inputs and targets. They are taken as they are, unless they are to be standardised:
 * then each element of an example, and each target of a regression, is shifted and scaled by the
 * mean and deviation of the training rows. In sequences {@code [N,T,F]} each of the F numbers of a
 * step has one mean and deviation for all steps, so that longer and shorter sequences can be scaled
 * too.
 */
public final class ArrayDataset implements RawDataset {
  /** Beyond this an id is rather a number than a class. */
  private static final int MOST_CLASSES = 100_000;

  private final String name;
  private final HostArray inputs;
  private final boolean wholeNumbers;
  private final HostArray targets;
  private final Task task;
  private final boolean standardize;
  private final List<String> classNames;
  private final Provenance provenance;

  /**
   * @param inputs float32 {@code [N,...]}, or int32 {@code [N,T]} token ids; int32 of more axes is
   *     read as numbers
   * @param targets int32 {@code [N]} class ids, int32 {@code [N,T]} class ids of the steps of
   *     sequences, {@link TaggingDataset#NO_TAG} where a step does not count, or float32 {@code
   *     [N,K]} or {@code [N]}
   * @param task null to decide by the targets: int32 {@code [N]} is classification, int32 {@code
   *     [N,T]} tagging, float32 regression
   * @throws DataException if the two differ in N, a number is not finite, a class id is negative or
   *     beyond 100,000, all ids are equal, or task and targets do not fit
   */
  public ArrayDataset(
      String name,
      HostArray inputs,
      HostArray targets,
      Task task,
      boolean standardize,
      Provenance provenance) {
    this(name, inputs, targets, task, standardize, provenance, null);
  }

  /** With names of the classes, or null to number them. */
  ArrayDataset(
      String name,
      HostArray inputs,
      HostArray targets,
      Task task,
      boolean standardize,
      Provenance provenance,
      List<String> classNames) {
    if (inputs.size() != targets.size()) {
      throw new DataException(
          name
              + ": inputs "
              + inputs
              + " and targets "
              + targets
              + " differ in the number of examples"
              + " (give one target for each)");
    }
    if (standardize && !examples(inputs).isFloat()) {
      throw new DataException(
          name
              + ": inputs "
              + inputs
              + " are token ids and cannot be standardised (leave --standardize out, or save"
              + " array.astype('float32'))");
    }
    requireFinite(name + ": inputs", inputs);
    requireFinite(name + ": targets", targets);
    this.name = name;
    this.inputs = examples(inputs);
    wholeNumbers = !inputs.isFloat() && this.inputs.isFloat();
    this.task = task != null ? task : task(targets);
    this.targets = this.task == Task.REGRESSION ? numbers(targets) : severalClasses(targets);
    this.standardize = standardize;
    this.provenance = provenance;
    if (this.task != Task.REGRESSION) {
      this.classNames = classNames != null ? classNames : names(classCount(), Integer::toString);
    } else {
      this.classNames = List.of();
    }
  }

  /**
   * Examples as a network takes them: tokens are {@code [N,T]}, and whole numbers with more axes,
   * such as the bytes of pictures, are numbers.
   */
  public static HostArray examples(HostArray given) {
    return given.isFloat() || given.shape().length <= 2 ? given : numbers(given);
  }

  private static Task task(HostArray targets) {
    if (targets.isFloat()) {
      return Task.REGRESSION;
    }
    return targets.shape().length == 2 && targets.shape()[1] > 1
        ? Task.TAGGING
        : Task.CLASSIFICATION;
  }

  /**
   * The arrays in two {@code .npy} files.
   *
   * @param task null to decide by the targets
   * @throws DataException as {@link Npy#read} and the constructor
   */
  public static ArrayDataset read(Path inputs, Path targets, Task task, boolean standardize) {
    return new ArrayDataset(
        inputs.getFileName().toString(),
        Npy.read(inputs),
        Npy.read(targets),
        task,
        standardize,
        Provenance.ofFiles(inputs, targets));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return inputs.size();
  }

  @Override
  public Task task() {
    return task;
  }

  @Override
  public Optional<int[]> stratifyBy() {
    return task == Task.CLASSIFICATION ? Optional.of(targets.ints()) : Optional.empty();
  }

  @Override
  public Optional<int[]> officialTest() {
    return Optional.empty();
  }

  @Override
  public Dataset prepare(Split split) {
    List<String> notes = new ArrayList<>();
    if (wholeNumbers && !standardize) {
      notes.add("the inputs are whole numbers and taken as they are: --standardize scales them");
    }
    noteChannelsLast(notes);
    Preprocessing preprocessing =
        new Preprocessing(
            Form.ARRAY,
            standardize ? fitInputs(split.train(), notes) : List.of(),
            fitTarget(split.train()));
    return new Dataset(
        name,
        task,
        classNames,
        preprocessing.inputNames(),
        preprocessing.target().names(),
        examples(preprocessing, split.train()),
        examples(preprocessing, split.validation()),
        examples(preprocessing, split.test()),
        provenance,
        preprocessing,
        List.copyOf(notes));
  }

  /** Keras and most picture libraries have colours last: a network would take rows for colours. */
  private void noteChannelsLast(List<String> notes) {
    int[] shape = inputs.shape();
    if (shape.length == 4 && isChannels(shape[3]) && !isChannels(shape[1])) {
      notes.add(
          "pictures of %d channels, %dx%d pixels: if colours come last, save x.transpose(0,3,1,2)"
              .formatted(shape[1], shape[2], shape[3]));
    }
  }

  private static boolean isChannels(int extent) {
    return extent == 1 || extent == 3;
  }

  private Examples examples(Preprocessing preprocessing, int[] rows) {
    return new Examples(
        preprocessing.encode(name, inputs.select(rows)),
        preprocessing.encodeTargets(targets.select(rows)));
  }

  private List<Column> fitInputs(int[] training, List<String> notes) {
    List<Column> columns = new ArrayList<>();
    int columnCount = Preprocessing.columns(inputs);
    for (int element = 0; element < columnCount; element++) {
      Moments moments = moments(inputs, training, element, columnCount);
      columns.add(Column.numeric("input" + (element + 1), 0, moments.mean(), moments.deviation()));
    }
    long constant = columns.stream().filter(column -> column.scale() == 0).count();
    if (constant > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%d of %d elements are constant in the training rows and become 0",
              constant,
              columns.size()));
    }
    return columns;
  }

  private Target fitTarget(int[] training) {
    List<String> names = names(targets.exampleLength(), k -> "target" + (k + 1));
    if (task != Task.REGRESSION || !standardize) {
      return new Target(task, names, classNames, List.of(), List.of());
    }
    List<Moments> moments =
        IntStream.range(0, names.size())
            .mapToObj(k -> moments(targets, training, k, names.size()))
            .toList();
    return new Target(
        task,
        names,
        List.of(),
        moments.stream().map(Moments::mean).toList(),
        moments.stream().map(Moments::targetScale).toList());
  }

  /** The moments of every {@code stride}-th number of the given rows, from an element on. */
  private static Moments moments(HostArray array, int[] rows, int element, int stride) {
    int length = array.exampleLength();
    float[] values = array.floats();
    return Moments.of(
        Arrays.stream(rows)
            .flatMap(
                row ->
                    IntStream.iterate(element, at -> at < length, at -> at + stride)
                        .map(at -> row * length + at))
            .mapToDouble(at -> values[at])
            .toArray());
  }

  private HostArray severalClasses(HostArray given) {
    HostArray checked =
        task == Task.TAGGING
            ? stepClassIds(name, given, inputs, MOST_CLASSES)
            : classIds(name, given, MOST_CLASSES);
    int[] ids = checked.ints();
    if (Arrays.stream(ids).filter(id -> id >= 0).distinct().count() < 2) {
      throw DataException.of(
          "%s: all examples have class id %d: nothing can be learned (give examples of two classes"
              + " or more)",
          name, Arrays.stream(ids).max().orElseThrow());
    }
    return given;
  }

  /**
   * Checks that targets are a class id for each step of the inputs, or that the step is not one.
   */
  static HostArray stepClassIds(String name, HostArray given, HostArray inputs, int classes) {
    int[] shape = given.shape();
    if (given.isFloat() || shape.length != 2) {
      throw DataException.of(
          "%s: targets %s are not one class id for each step (save y.astype('int32'), shape [N,T])",
          name, given);
    }
    int[] steps = inputs.shape();
    if (steps.length < 2 || steps[1] != shape[1]) {
      throw DataException.of(
          "%s: inputs %s and targets %s differ in the number of steps (give one class id for each"
              + " step)",
          name, inputs, given);
    }
    int[] ids = given.ints();
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < TaggingDataset.NO_TAG || ids[i] >= classes) {
        throw DataException.of(
            "%s: class id %d in row %d is out of range (number the classes from 0 to at most %d, and"
                + " steps that do not count %d)",
            name, ids[i], i / shape[1], classes - 1, TaggingDataset.NO_TAG);
      }
    }
    return given;
  }

  /** Checks that targets are class ids, one for each example, from 0 to below a number. */
  static HostArray classIds(String name, HostArray given, int classes) {
    if (given.isFloat()) {
      throw new DataException(
          name
              + ": targets "
              + given
              + " are no class ids (save y.astype('int32'), or give --task regression)");
    }
    if (given.shape().length != 1) {
      throw new DataException(
          name
              + ": targets "
              + given
              + " are not one class id for each example (save y.ravel(), shape [N])");
    }
    int[] ids = given.ints();
    for (int row = 0; row < ids.length; row++) {
      if (ids[row] < 0 || ids[row] >= classes) {
        throw DataException.of(
            "%s: class id %d in row %d is out of range (number the classes from 0 to at most %d)",
            name, ids[row], row, classes - 1);
      }
    }
    return given;
  }

  static HostArray numbers(HostArray given) {
    int[] shape = given.shape().length == 1 ? new int[] {given.size(), 1} : given.shape();
    if (given.isFloat()) {
      return HostArray.of(given.floats(), shape);
    }
    float[] values = new float[given.ints().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = given.ints()[i];
    }
    return HostArray.of(values, shape);
  }

  private int classCount() {
    return 1 + Arrays.stream(targets.ints()).max().orElseThrow();
  }

  private static List<String> names(int count, IntFunction<String> name) {
    return IntStream.range(0, count).mapToObj(name).toList();
  }

  static void requireFinite(String what, HostArray array) {
    if (!array.isFloat()) {
      return;
    }
    float[] values = array.floats();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw DataException.of(
            "%s have %s in row %d (replace it, for instance with numpy.nan_to_num)",
            what, values[i], i / array.exampleLength());
      }
    }
  }
}

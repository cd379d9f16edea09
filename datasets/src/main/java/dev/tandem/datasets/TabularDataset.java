package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Column;
import dev.tandem.datasets.Preprocessing.Encoded;
import dev.tandem.datasets.Preprocessing.Form;
import dev.tandem.datasets.Preprocessing.Target;
import dev.tandem.datasets.TableColumns.Choice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A table of which one column is predicted from the others.
 *
 * <p>A column is numeric if at least half of its present cells are numbers; a text in it is then an
 * error. Other columns are categories. Missing are the cells that are empty, NA, N/A, NaN, null, ?
 * or none, in any case: in a numeric column they become the training median, in a categorical one a
 * category of their own, and a row without a target is dropped. Numbers, and the target of a
 * regression, are standardised by the mean and deviation of the training rows.
 */
public final class TabularDataset implements RawDataset {
  private static final int MOST_NUMBERED_CLASSES = 20;

  private final String name;
  private final Table table;
  private final int target;
  private final Task task;
  private final Provenance provenance;
  private final int[] kept;
  private final List<String> classNames;
  private final int[] classIds;
  private final List<Choice> choices;
  private final List<String> notes = new ArrayList<>();

  /**
   * @param target the column to predict
   * @param task null to decide by the target: texts, or few whole numbers, are classes
   * @throws DataException if the target column is not there, has no value, only one, or (classes)
   *     none twice, or no other column can be used
   */
  public TabularDataset(String name, Table table, String target, Task task, Provenance provenance) {
    this.name = name;
    this.table = table;
    this.target = table.column(target);
    this.provenance = provenance;
    this.kept = rowsWithTarget();
    this.task = task != null ? task : decideTask();
    this.classNames = this.task == Task.CLASSIFICATION ? classNames() : List.of();
    requireVariety();
    this.classIds = this.task == Task.CLASSIFICATION ? classIds() : null;
    this.choices = TableColumns.choose(table, this.target, kept, notes);
    if (choices.isEmpty()) {
      throw new DataException(
          table.name()
              + " has no column to predict '"
              + target
              + "' from (add one with numbers or categories)");
    }
  }

  /**
   * The table in a CSV or TSV file.
   *
   * @param task null to decide by the target
   * @throws DataException as {@link Table#read} and the constructor
   */
  public static TabularDataset read(Path file, String target, Task task) {
    Table table = Table.read(file);
    return new TabularDataset(
        file.getFileName().toString(), table, target, task, Provenance.ofFiles(file));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return kept.length;
  }

  @Override
  public Task task() {
    return task;
  }

  @Override
  public Optional<int[]> stratifyBy() {
    return Optional.ofNullable(classIds);
  }

  @Override
  public Optional<int[]> officialTest() {
    return Optional.empty();
  }

  @Override
  public Dataset prepare(Split split) {
    List<String> all = new ArrayList<>(notes);
    int[] training = tableRows(split.train());
    List<Column> columns = new ArrayList<>();
    for (Choice choice : choices) {
      columns.add(TableColumns.fit(table, choice, training, kept, all));
    }
    Preprocessing preprocessing = new Preprocessing(Form.TABLE, columns, fitTarget(training));
    return new Dataset(
        name,
        task,
        classNames,
        preprocessing.inputNames(),
        preprocessing.target().names(),
        examples(preprocessing, "training", split.train(), all),
        examples(preprocessing, "validation", split.validation(), all),
        examples(preprocessing, "test", split.test(), all),
        provenance,
        preprocessing,
        List.copyOf(all));
  }

  private Examples examples(
      Preprocessing preprocessing, String part, int[] rows, List<String> notes) {
    int[] tableRows = tableRows(rows);
    Encoded encoded = preprocessing.encode(table, tableRows);
    encoded.notes().forEach(note -> notes.add(part + " part, " + note));
    return new Examples(encoded.inputs(), preprocessing.encodeTargets(table, tableRows));
  }

  private Target fitTarget(int[] training) {
    List<String> names = List.of(table.columns().get(target));
    if (task == Task.CLASSIFICATION) {
      return new Target(task, names, classNames, List.of(), List.of());
    }
    Moments moments =
        Moments.of(Arrays.stream(training).mapToDouble(row -> table.number(row, target)).toArray());
    return new Target(
        task, names, List.of(), List.of(moments.mean()), List.of(moments.targetScale()));
  }

  private int[] tableRows(int[] rows) {
    return Arrays.stream(rows).map(row -> kept[row]).toArray();
  }

  private int[] rowsWithTarget() {
    int[] rows =
        IntStream.range(0, table.size())
            .filter(row -> !Cells.missing(table.cell(row, target)))
            .toArray();
    if (rows.length == 0) {
      throw new DataException(describeTarget() + " has no value (choose another --target)");
    }
    if (rows.length < table.size()) {
      note("%d rows without a value of '%s' are dropped", table.size() - rows.length, targetName());
    }
    return rows;
  }

  private Task decideTask() {
    long numeric = targetCells().filter(Cells::numeric).count();
    long distinct = targetCells().distinct().count();
    if (2 * numeric < kept.length) {
      note("'%s' holds texts: classification", targetName());
      return Task.CLASSIFICATION;
    }
    requireNumbers();
    boolean whole =
        Arrays.stream(kept)
            .mapToDouble(row -> table.number(row, target))
            .allMatch(value -> value == Math.rint(value));
    boolean few =
        distinct <= 2 || distinct <= MOST_NUMBERED_CLASSES && 10 * distinct <= kept.length;
    if (whole && few) {
      note(
          "'%s' has %d different whole numbers: classification (--task regression for numbers)",
          targetName(), distinct);
      return Task.CLASSIFICATION;
    }
    note(
        "'%s' has %d different numbers: regression (--task classification for classes)",
        targetName(), distinct);
    return Task.REGRESSION;
  }

  private void requireNumbers() {
    for (int row : kept) {
      if (!Cells.numeric(table.cell(row, target))) {
        throw new DataException(
            table.at(row, target)
                + " is not a number (correct the cell, or give --task classification if the column"
                + " holds class names)");
      }
    }
  }

  private List<String> classNames() {
    boolean numbers = targetCells().allMatch(Cells::numeric);
    Comparator<String> byText = Comparator.naturalOrder();
    TreeSet<String> names =
        new TreeSet<>(
            numbers ? Comparator.comparingDouble(Cells::number).thenComparing(byText) : byText);
    targetCells().forEach(names::add);
    return List.copyOf(names);
  }

  private void requireVariety() {
    if (targetCells().distinct().count() == 1) {
      throw DataException.of(
          "%s has only one value, %s: nothing can be learned (choose another --target)",
          describeTarget(), Cells.quote(table.cell(kept[0], target)));
    }
    if (task == Task.REGRESSION) {
      requireNumbers();
    } else if (classNames.size() == kept.length) {
      throw DataException.of(
          "%s has %d classes in %d rows, none of them twice (choose another --target, or --task"
              + " regression)",
          describeTarget(), classNames.size(), kept.length);
    }
  }

  private int[] classIds() {
    Map<String, Integer> ids = new HashMap<>();
    classNames.forEach(label -> ids.put(label, ids.size()));
    int[] classes = targetCells().mapToInt(ids::get).toArray();
    int[] counts = new int[classNames.size()];
    Arrays.stream(classes).forEach(id -> counts[id]++);
    for (int id = 0; id < counts.length; id++) {
      if (counts[id] == 1) {
        note(
            "class %s has a single row, which stays in the training part",
            Cells.quote(classNames.get(id)));
      }
    }
    return classes;
  }

  private Stream<String> targetCells() {
    return Arrays.stream(kept).mapToObj(row -> table.cell(row, target));
  }

  private String targetName() {
    return table.columns().get(target);
  }

  private String describeTarget() {
    return table.name() + ": target column '" + targetName() + "'";
  }

  private void note(String format, Object... arguments) {
    notes.add(String.format(Locale.ROOT, format, arguments));
  }
}

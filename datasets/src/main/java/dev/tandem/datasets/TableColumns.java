package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Column;
import dev.tandem.datasets.Preprocessing.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which columns of a table become inputs, and what is learned of them. What kind a column is
 * follows from all of its rows, its statistics and categories from the training rows alone.
 */
final class TableColumns {
  /** More one-hot inputs than this say that the text is a name, not a category. */
  private static final int MOST_CATEGORIES = 50;

  /**
   * Up to this many, all different categories are still believable: the table may just be short.
   */
  private static final int FEW_CATEGORIES = 10;

  private static final double NEARLY_ALL = 0.9;

  private TableColumns() {}

  /** A column that is used. */
  record Choice(int index, Kind kind) {}

  /** The columns that are used; the others are noted with the reason. */
  static List<Choice> choose(Table table, int target, int[] rows, List<String> notes) {
    List<Choice> choices = new ArrayList<>();
    for (int index = 0; index < table.columns().size(); index++) {
      if (index == target) {
        continue;
      }
      int column = index;
      int[] present =
          Arrays.stream(rows).filter(row -> !Cells.missing(table.cell(row, column))).toArray();
      long numeric =
          Arrays.stream(present).filter(row -> Cells.numeric(table.cell(row, column))).count();
      if (present.length > 0 && 2 * numeric >= present.length) {
        choices.add(new Choice(column, Kind.NUMERIC));
      } else if (looksCategorical(table, column, present, notes)) {
        choices.add(new Choice(column, Kind.CATEGORICAL));
      }
    }
    return choices;
  }

  private static boolean looksCategorical(
      Table table, int column, int[] present, List<String> notes) {
    String name = table.columns().get(column);
    long different =
        Arrays.stream(present).mapToObj(row -> table.cell(row, column)).distinct().count();
    if (present.length == 0) {
      note(notes, "column '%s' is left out: it has no values", name);
    } else if (different > MOST_CATEGORIES) {
      note(
          notes,
          "column '%s' is left out: %d different texts are more than %d categories",
          name,
          different,
          MOST_CATEGORIES);
    } else if (different > FEW_CATEGORIES && different > NEARLY_ALL * present.length) {
      note(
          notes,
          "column '%s' is left out: %d different texts in %d rows look like names",
          name,
          different,
          present.length);
    } else {
      return true;
    }
    return false;
  }

  /** What the training rows say of a column; what became of cells missing in any row is noted. */
  static Column fit(Table table, Choice choice, int[] training, int[] rows, List<String> notes) {
    Column column =
        choice.kind() == Kind.NUMERIC
            ? fitNumbers(table, choice.index(), training)
            : fitCategories(table, choice.index(), training);
    if (Arrays.stream(training).allMatch(row -> Cells.missing(table.cell(row, choice.index())))) {
      note(notes, "column '%s' has no value in the training rows and becomes 0", column.name());
      return column;
    }
    boolean constant =
        choice.kind() == Kind.NUMERIC ? column.scale() == 0 : column.categories().size() == 1;
    if (constant) {
      note(notes, "column '%s' is constant in the training rows and becomes 0", column.name());
    }
    noteMissing(table, choice, column, rows, notes);
    return column;
  }

  private static void noteMissing(
      Table table, Choice choice, Column column, int[] rows, List<String> notes) {
    long missing =
        Arrays.stream(rows).filter(row -> Cells.missing(table.cell(row, choice.index()))).count();
    if (missing == 0) {
      return;
    }
    if (column.kind() == Kind.NUMERIC) {
      note(
          notes,
          "column '%s': %d missing values filled with the training median %s",
          column.name(),
          missing,
          column.median());
    } else if (column.categories().contains(Column.MISSING)) {
      note(
          notes,
          "column '%s': %d missing values are a category of their own",
          column.name(),
          missing);
    }
  }

  private static Column fitNumbers(Table table, int index, int[] training) {
    double[] present =
        Arrays.stream(training)
            .filter(row -> !Cells.missing(table.cell(row, index)))
            .mapToDouble(row -> table.number(row, index))
            .sorted()
            .toArray();
    double median = median(present);
    double[] filled = Arrays.copyOf(present, training.length);
    Arrays.fill(filled, present.length, filled.length, median);
    Moments moments = Moments.of(filled);
    return Column.numeric(table.columns().get(index), median, moments.mean(), moments.deviation());
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return 0;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static Column fitCategories(Table table, int index, int[] training) {
    Set<String> categories = new TreeSet<>();
    for (int row : training) {
      String cell = table.cell(row, index);
      categories.add(Cells.missing(cell) ? Column.MISSING : cell);
    }
    return Column.categorical(table.columns().get(index), List.copyOf(categories));
  }

  private static void note(List<String> notes, String format, Object... arguments) {
    notes.add(String.format(Locale.ROOT, format, arguments));
  }
}

package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Column;
import dev.tandem.datasets.Preprocessing.Encoded;
import dev.tandem.datasets.Preprocessing.Kind;
import dev.tandem.datasets.Preprocessing.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes inputs and targets of the rows of a table. */
final class TableEncoding {
  private TableEncoding() {}

  static Encoded encode(Table table, int[] rows, List<Column> columns) {
    int features = columns.stream().mapToInt(Column::width).sum();
    float[] inputs = new float[Math.multiplyExact(rows.length, features)];
    List<String> notes = new ArrayList<>();
    int offset = 0;
    for (Column column : columns) {
      int index = column(table, column.name());
      if (column.kind() == Kind.NUMERIC) {
        for (int i = 0; i < rows.length; i++) {
          double value =
              Cells.missing(table.cell(rows[i], index))
                  ? column.median()
                  : table.number(rows[i], index);
          inputs[i * features + offset] = column.standardize(value);
        }
      } else {
        encodeCategories(table, rows, index, column, inputs, features, offset, notes);
      }
      offset += column.width();
    }
    return new Encoded(HostArray.of(inputs, rows.length, features), notes);
  }

  /** The index of a column that training had. */
  static int column(Table table, String name) {
    int index = table.columns().indexOf(name);
    if (index < 0) {
      throw DataException.of(
          "%s has no column '%s', which training had (add it, or rename '%s'; there are: %s)",
          table.name(), name, Nearest.of(name, table.columns()), Nearest.list(table.columns()));
    }
    return index;
  }

  private static void encodeCategories(
      Table table,
      int[] rows,
      int index,
      Column column,
      float[] inputs,
      int features,
      int offset,
      List<String> notes) {
    Map<String, Integer> unseen = new LinkedHashMap<>();
    for (int i = 0; i < rows.length; i++) {
      String cell = table.cell(rows[i], index);
      String category = Cells.missing(cell) ? Column.MISSING : cell;
      int found = column.categories().indexOf(category);
      if (found < 0) {
        unseen.merge(category, 1, Integer::sum);
      } else if (column.categories().size() > 2) {
        inputs[i * features + offset + found] = 1;
      } else {
        inputs[i * features + offset] = found;
      }
    }
    if (!unseen.isEmpty()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "column '%s': %d rows have a category that training never saw and become zeros (%s)",
              column.name(),
              unseen.values().stream().mapToInt(Integer::intValue).sum(),
              Nearest.list(unseen.keySet().stream().map(Cells::quote).toList())));
    }
  }

  static HostArray encodeTargets(Table table, int[] rows, Target target) {
    int index = column(table, target.names().get(0));
    boolean classes = target.task() == Task.CLASSIFICATION;
    int[] ids = new int[classes ? rows.length : 0];
    float[] values = new float[classes ? 0 : rows.length];
    for (int i = 0; i < rows.length; i++) {
      String cell = table.cell(rows[i], index);
      if (Cells.missing(cell)) {
        throw new DataException(
            table.at(rows[i], index)
                + " is missing, but it is the target (fill it, or remove the row)");
      }
      if (classes) {
        ids[i] = classId(table, rows[i], index, target.classNames());
      } else {
        values[i] = target.scale(0, table.number(rows[i], index));
      }
    }
    return classes ? HostArray.of(ids, rows.length) : HostArray.of(values, rows.length, 1);
  }

  private static int classId(Table table, int row, int column, List<String> classNames) {
    String label = table.cell(row, column);
    int id = classNames.indexOf(label);
    if (id < 0) {
      throw DataException.of(
          "%s is none of the classes (did you mean '%s'? there are: %s)",
          table.at(row, column), Nearest.of(label, classNames), Nearest.list(classNames));
    }
    return id;
  }
}

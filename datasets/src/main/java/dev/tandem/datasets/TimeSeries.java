package dev.tandem.datasets;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Columns of numbers over equal steps of time, without gaps.
 *
 * @param name of the series among several; empty if there is one
 * @param values {@code [column][step]}
 * @param filled whether any column had no value at a step, so that it was made up
 * @param labels when each step was, as the file says it; the number of the row where it says
 *     nothing, empty for a step that has no row
 * @param times places the steps among those of other series
 */
record TimeSeries(
    String name, double[][] values, boolean[] filled, List<String> labels, long[] times) {

  /** Above this part, the line between what is there says more than what is there. */
  private static final double MOST_MISSING = 0.25;

  /**
   * Where the series of a table stand.
   *
   * @param values the columns of numbers
   * @param time the column with dates; null if the rows are in order
   * @param group the column that names the series of each row; null if there is one series
   */
  record Columns(List<String> values, String time, String group) {

    /** The first column of dates, and all columns that are at least half numbers. */
    static Columns choose(Table table, String group, List<String> notes) {
      String time = Times.column(table).orElse(null);
      List<String> values = new ArrayList<>();
      for (String column : table.columns()) {
        if (column.equals(time) || column.equals(group)) {
          continue;
        }
        if (isNumeric(table, table.column(column))) {
          values.add(column);
        } else {
          notes.add("column '" + column + "' is left out: it holds no numbers");
        }
      }
      return new Columns(List.copyOf(values), time, group);
    }

    private static boolean isNumeric(Table table, int column) {
      List<String> present =
          IntStream.range(0, table.size())
              .mapToObj(row -> table.cell(row, column))
              .filter(cell -> !Cells.missing(cell))
              .toList();
      return !present.isEmpty()
          && 2 * present.stream().filter(Cells::numeric).count() >= present.size();
    }

    /**
     * The column to forecast: the given one, or the only one of values if none is given.
     *
     * @throws DataException if it is not there or not of values
     */
    String target(Table table, String given) {
      if (given != null) {
        int column = table.column(given);
        if (!values.contains(given)) {
          throw new DataException(
              table.at(0, column)
                  + " and the cells below are not numbers (choose another --target)");
        }
        return given;
      }
      if (values.size() != 1) {
        throw new DataException(
            values.isEmpty()
                ? table.name() + " has no column of numbers (add one)"
                : "which column of %s is to be forecast? (add --target with one of: %s)"
                    .formatted(table.name(), Nearest.list(values)));
      }
      return values.get(0);
    }
  }

  /** A series without gaps and without a name. */
  static TimeSeries of(double[] values) {
    return new TimeSeries(
        "",
        new double[][] {values},
        new boolean[values.length],
        IntStream.rangeClosed(1, values.length).mapToObj(Integer::toString).toList(),
        LongStream.range(0, values.length).toArray());
  }

  int steps() {
    return filled.length;
  }

  /**
   * Reads the series of a table: in the order of time, with steps for missing dates where dates are
   * regular, missing numbers filled in on a straight line between their neighbours, and steps
   * without a number at both ends left out.
   *
   * @param notes what was done
   * @throws DataException if a cell is a text, a date is missing or occurs twice, or more than a
   *     quarter of a series is missing
   */
  static List<TimeSeries> read(Table table, Columns columns, List<String> notes) {
    LocalDateTime[] dates =
        columns.time() == null ? null : Times.parse(table, table.column(columns.time()));
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int row = 0; row < table.size(); row++) {
      String name = columns.group() == null ? "" : table.cell(row, table.column(columns.group()));
      groups.computeIfAbsent(name, unused -> new ArrayList<>()).add(row);
    }
    List<TimeSeries> series = new ArrayList<>();
    Map<String, Integer> noted = new LinkedHashMap<>();
    for (Map.Entry<String, List<Integer>> group : groups.entrySet()) {
      int[] rows = group.getValue().stream().mapToInt(Integer::intValue).toArray();
      List<String> own = new ArrayList<>();
      if (dates != null) {
        rows = sorted(table, columns.time(), dates, rows, own);
      }
      series.add(new Builder(table, group.getKey(), columns, dates, rows, own).build());
      own.forEach(note -> noted.merge(note, 1, Integer::sum));
    }
    noted.forEach(
        (note, count) -> notes.add(groups.size() == 1 ? note : count + " of the series: " + note));
    return series;
  }

  private static int[] sorted(
      Table table, String time, LocalDateTime[] dates, int[] rows, List<String> notes) {
    int[] sorted =
        Arrays.stream(rows)
            .boxed()
            .sorted(Comparator.comparing(row -> dates[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i = 1; i < sorted.length; i++) {
      if (dates[sorted[i]].equals(dates[sorted[i - 1]])) {
        throw DataException.of(
            "%s stands in line %d too (leave one row for each date, or give one file for each"
                + " series)",
            table.at(sorted[i], table.column(time)), table.line(sorted[i - 1]));
      }
    }
    if (!Arrays.equals(rows, sorted)) {
      notes.add("the rows were sorted by '" + time + "'");
    }
    return sorted;
  }

  /** Makes one series of the rows of a table. */
  private record Builder(
      Table table,
      String name,
      Columns columns,
      LocalDateTime[] dates,
      int[] rows,
      List<String> notes) {

    TimeSeries build() {
      long[] steps = steps();
      int length = (int) steps[rows.length - 1] + 1;
      String[] labels = new String[length];
      Arrays.fill(labels, "");
      long[] times = new long[length];
      for (int i = 0; i < rows.length; i++) {
        int step = (int) steps[i];
        labels[step] =
            columns.time() == null
                ? Integer.toString(i + 1)
                : table.cell(rows[i], table.column(columns.time()));
        times[step] = dates == null ? step : dates[rows[i]].toEpochSecond(ZoneOffset.UTC);
      }
      double[][] values = new double[columns.values().size()][];
      boolean[] filled = new boolean[length];
      boolean[] complete = new boolean[length];
      Arrays.fill(complete, true);
      for (int column = 0; column < values.length; column++) {
        values[column] = values(columns.values().get(column), steps, length);
        for (int step = 0; step < length; step++) {
          complete[step] &= !Double.isNaN(values[column][step]);
        }
      }
      int first = 0;
      int last = length - 1;
      while (first < length && !complete[first]) {
        first++;
      }
      while (last > first && !complete[last]) {
        last--;
      }
      if (first == length) {
        throw new DataException(
            table.name()
                + describe()
                + " has no step with a value in every column (leave columns out)");
      }
      int dropped = length - (last - first + 1);
      if (dropped > 0) {
        note("%d steps at the ends are left out: not every column has begun, or goes on", dropped);
      }
      for (int column = 0; column < values.length; column++) {
        values[column] = Arrays.copyOfRange(values[column], first, last + 1);
        fill(columns.values().get(column), values[column], filled);
      }
      interpolateTimes(times, labels);
      return new TimeSeries(
          name,
          values,
          Arrays.copyOf(filled, last + 1 - first),
          List.of(labels).subList(first, last + 1),
          Arrays.copyOfRange(times, first, last + 1));
    }

    private long[] steps() {
      long[] counted = LongStream.range(0, rows.length).toArray();
      if (dates == null || rows.length < 3) {
        return counted;
      }
      Optional<long[]> regular =
          Times.steps(
              Arrays.stream(rows).mapToObj(row -> dates[row]).toArray(LocalDateTime[]::new));
      if (regular.isEmpty()) {
        note("the dates are not regular: each row counts as one step");
        return counted;
      }
      long length = regular.get()[rows.length - 1] + 1;
      long absent = length - rows.length;
      requireFew(absent, length, "dates have no row");
      if (absent > 0) {
        note("%d of %d dates have no row", absent, length);
      }
      return regular.get();
    }

    private double[] values(String column, long[] steps, int length) {
      int index = table.column(column);
      double[] values = new double[length];
      Arrays.fill(values, Double.NaN);
      for (int i = 0; i < rows.length; i++) {
        if (!Cells.missing(table.cell(rows[i], index))) {
          values[(int) steps[i]] = table.number(rows[i], index);
        }
      }
      return values;
    }

    private void fill(String column, double[] values, boolean[] filled) {
      long missing = Arrays.stream(values).filter(Double::isNaN).count();
      requireFew(missing, values.length, "values of column '" + column + "' are missing");
      int before = 0;
      for (int step = 0; step < values.length; step++) {
        if (Double.isNaN(values[step])) {
          filled[step] = true;
          continue;
        }
        for (int gap = before + 1; gap < step; gap++) {
          double part = (double) (gap - before) / (step - before);
          values[gap] = values[before] + part * (values[step] - values[before]);
        }
        before = step;
      }
      if (missing > 0) {
        note(
            "column '%s': %d of %d values are missing and lie on straight lines; none of them is a"
                + " target or ends a window",
            column, missing, values.length);
      }
    }

    private void requireFew(long missing, long all, String what) {
      if (missing > MOST_MISSING * all) {
        throw DataException.of(
            "%s%s: %d of %d %s, more than a quarter (give a series with fewer gaps)",
            table.name(), describe(), missing, all, what);
      }
    }

    /** Steps without a row stand between their neighbours. */
    private void interpolateTimes(long[] times, String[] labels) {
      for (int step = 1; step < times.length; step++) {
        if (labels[step].isEmpty()) {
          times[step] = times[step - 1] + 1;
        }
      }
    }

    private String describe() {
      return name.isEmpty() ? "" : ", series '" + name + "'";
    }

    private void note(String format, Object... arguments) {
      notes.add(String.format(Locale.ROOT, format, arguments));
    }
  }
}

package dev.tandem.datasets;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Recognises dates and times of day in a column of a table; time zones do not matter. */
final class Times {
  /** Names under which numbers such as 1958 or 19580329 are dates. */
  private static final Set<String> NAMES =
      Set.of("date", "time", "datetime", "timestamp", "year", "month", "week", "day", "quarter");

  /** A way to write a point in time. */
  private record Format(
      Pattern shape, boolean looksLikeNumber, Function<String, LocalDateTime> parse) {
    Format(String shape, boolean looksLikeNumber, Function<String, LocalDateTime> parse) {
      this(Pattern.compile(shape), looksLikeNumber, parse);
    }
  }

  /**
   * In this order: of a date as 3/4/2011 the month comes first, unless a first number is above 12.
   */
  private static final List<Format> FORMATS =
      List.of(
          new Format("[12]\\d{3}", true, text -> Year.parse(text).atDay(1).atStartOfDay()),
          new Format("[12]\\d{3}[01]\\d[0-3]\\d", true, dates("uuuuMMdd")),
          new Format("\\d{4}-\\d\\d", false, text -> YearMonth.parse(text).atDay(1).atStartOfDay()),
          new Format("\\d{4}-\\d\\d-\\d\\d", false, dates("uuuu-MM-dd")),
          new Format(
              "\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?Z?",
              false, text -> LocalDateTime.parse(text.replace(' ', 'T').replace("Z", ""))),
          new Format("\\d{4}/\\d{1,2}/\\d{1,2}", false, dates("uuuu/M/d")),
          new Format("\\d{1,2}/\\d{1,2}/\\d{4}", false, dates("M/d/uuuu")),
          new Format("\\d{1,2}/\\d{1,2}/\\d{4}", false, dates("d/M/uuuu")),
          new Format("\\d{1,2}\\.\\d{1,2}\\.\\d{4}", false, dates("d.M.uuuu")),
          new Format("\\d{1,2}-[A-Za-z]{3}-\\d{2}", false, dates("d-MMM-uu")),
          new Format("\\d{1,2}-[A-Za-z]{3}-\\d{4}", false, dates("d-MMM-uuuu")));

  private Times() {}

  private static Function<String, LocalDateTime> dates(String pattern) {
    DateTimeFormatter formatter = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
    return text -> LocalDate.parse(text, formatter).atStartOfDay();
  }

  /** The first column whose present cells are all points in time; empty if there is none. */
  static Optional<String> column(Table table) {
    return table.columns().stream()
        .filter(
            name -> {
              int column = table.column(name);
              List<String> present =
                  cells(table, column).filter(cell -> !Cells.missing(cell)).toList();
              return !present.isEmpty() && format(present, named(name)).isPresent();
            })
        .findFirst();
  }

  private static boolean named(String column) {
    return Stream.of(column.toLowerCase(Locale.ROOT).split("[^a-z]+")).anyMatch(NAMES::contains);
  }

  /**
   * The points in time of a column, one for each row.
   *
   * @throws DataException if a cell is missing, or the cells are not dates of one form
   */
  static LocalDateTime[] parse(Table table, int column) {
    for (int row = 0; row < table.size(); row++) {
      if (Cells.missing(table.cell(row, column))) {
        throw new DataException(
            table.at(row, column) + " is no date (correct the cell, or remove the row)");
      }
    }
    List<String> cells = cells(table, column).toList();
    Format format =
        format(cells, true)
            .orElseThrow(
                () ->
                    new DataException(
                        table.at(0, column)
                            + " and the cells below are not dates of one form (write them as"
                            + " 2026-01-31, or 2026-01-31 12:00)"));
    return cells.stream().map(format.parse()).toArray(LocalDateTime[]::new);
  }

  private static Stream<String> cells(Table table, int column) {
    return Stream.iterate(0, row -> row < table.size(), row -> row + 1)
        .map(row -> table.cell(row, column));
  }

  private static Optional<Format> format(List<String> cells, boolean numbersAreDates) {
    return FORMATS.stream()
        .filter(format -> numbersAreDates || !format.looksLikeNumber())
        .filter(format -> cells.stream().allMatch(cell -> fits(format, cell)))
        .findFirst();
  }

  private static boolean fits(Format format, String cell) {
    if (!format.shape().matcher(cell).matches()) {
      return false;
    }
    try {
      format.parse().apply(cell);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  /**
   * The step between points in time that are regular: all at the same day and time of a month and
   * some months apart, or some seconds apart, at least nine of ten of them one step, the others
   * several. Weekends and holidays that have no row make a series irregular.
   *
   * @param ascending without repetition
   * @return for each point its index on the regular axis, or empty
   */
  static Optional<long[]> steps(LocalDateTime[] ascending) {
    boolean monthly =
        Stream.of(ascending)
            .allMatch(
                time ->
                    time.getDayOfMonth() == ascending[0].getDayOfMonth()
                        && time.toLocalTime().equals(ascending[0].toLocalTime()));
    long[] at = new long[ascending.length];
    for (int i = 0; i < at.length; i++) {
      at[i] =
          monthly
              ? ascending[i].getYear() * 12L + ascending[i].getMonthValue()
              : ascending[i].toEpochSecond(ZoneOffset.UTC);
    }
    long base = Long.MAX_VALUE;
    for (int i = 1; i < at.length; i++) {
      base = Math.min(base, at[i] - at[i - 1]);
    }
    int single = 0;
    long[] steps = new long[at.length];
    for (int i = 1; i < at.length; i++) {
      long difference = at[i] - at[i - 1];
      if (difference % base != 0) {
        return Optional.empty();
      }
      single += difference == base ? 1 : 0;
      steps[i] = (at[i] - at[0]) / base;
    }
    return 10L * single >= 9L * (at.length - 1) ? Optional.of(steps) : Optional.empty();
  }
}

package dev.tandem.datasets;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Named columns over rows of text cells, as they stand in a CSV or TSV file (RFC 4180; separator
 * {@code , ; |} or tab; UTF-8, with or without a byte order mark; any line ends). Spaces around a
 * cell do not count.
 *
 * <p>The first row is a header if it has no number at all, or if a column has a text in it over
 * mostly numbers. Otherwise the columns are called {@code column1} and so on.
 */
public final class Table {
  private static final char[] SEPARATORS = {',', ';', '\t', '|'};

  private final String name;
  private final List<String> columns;
  private final List<Row> rows;

  /** The cells of one row and the line of the file, counted from 1, on which it begins. */
  private record Row(long line, List<String> cells) {}

  private Table(String name, List<String> columns, List<Row> rows) {
    this.name = name;
    this.columns = List.copyOf(columns);
    this.rows = rows;
  }

  /**
   * Reads a file.
   *
   * @throws DataException if it cannot be read, is empty, is not UTF-8, has no row under its
   *     header, two columns of the same name, a quote that is not closed, or a row with another
   *     number of cells than the first
   */
  public static Table read(Path file) {
    return parse(file.toString(), DataFiles.readAll(file));
  }

  /** As {@link #read}, from the bytes of a file with the given name. */
  public static Table parse(String name, byte[] bytes) {
    List<Row> rows = split(name, decode(name, bytes));
    List<String> first = rows.get(0).cells();
    if (!isHeader(rows)) {
      return new Table(
          name, IntStream.rangeClosed(1, first.size()).mapToObj(i -> "column" + i).toList(), rows);
    }
    if (rows.size() == 1) {
      throw new DataException(name + " has a header and no rows (add rows under it)");
    }
    return new Table(name, header(name, first), rows.subList(1, rows.size()));
  }

  /** As {@link #parse(String, byte[])}, of a file that has no header. */
  static Table parse(String name, byte[] bytes, List<String> columns) {
    return new Table(name, columns, split(name, decode(name, bytes)));
  }

  /** A table of the given cells; row i stands on line {@code firstLine + i}. */
  static Table of(String name, List<String> columns, List<List<String>> cells, int firstLine) {
    List<Row> rows = new ArrayList<>();
    for (List<String> row : cells) {
      rows.add(checkedRow(name, firstLine + rows.size(), row, columns.size(), "the header"));
    }
    return new Table(name, columns, rows);
  }

  /** The name of the file, as it stands in error messages. */
  public String name() {
    return name;
  }

  public List<String> columns() {
    return columns;
  }

  /** The number of rows, the header left out. */
  public int size() {
    return rows.size();
  }

  /**
   * The index of a column.
   *
   * @throws DataException if there is none of that name; the message names the nearest
   */
  public int column(String column) {
    int index = columns.indexOf(column);
    if (index < 0) {
      throw new DataException(name + ": " + Nearest.unknown("column", column, columns));
    }
    return index;
  }

  /** The text of a cell, without spaces around it. */
  public String cell(int row, int column) {
    return rows.get(row).cells().get(column);
  }

  /** The line of the file, counted from 1, on which a row begins. */
  public long line(int row) {
    return rows.get(row).line();
  }

  /**
   * The number in a cell that is not missing.
   *
   * @throws DataException if it is a text, or infinite or beyond float32; the message names line,
   *     column and cell
   */
  public double number(int row, int column) {
    double value = Cells.number(cell(row, column));
    if (Double.isNaN(value)) {
      throw new DataException(
          at(row, column)
              + " is not a number (correct the cell, or leave it empty if the value is missing)");
    }
    if (Double.isInfinite(value)) {
      throw new DataException(
          at(row, column)
              + " is infinite or beyond float32 (correct the cell, or leave it empty if the value is missing)");
    }
    return value;
  }

  /** Where a cell stands and what is in it, the beginning of an error message. */
  public String at(int row, int column) {
    return String.format(
        Locale.ROOT,
        "%s line %d, column '%s': %s",
        name,
        line(row),
        columns.get(column),
        Cells.quote(cell(row, column)));
  }

  private static String decode(String name, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(in, out, true);
    if (result.isError()) {
      long line = 1 + IntStream.range(0, in.position()).filter(i -> bytes[i] == '\n').count();
      throw DataException.of("%s line %d is not UTF-8 text (save the file as UTF-8)", name, line);
    }
    String text = out.flip().toString();
    text = text.startsWith("\uFEFF") ? text.substring(1) : text;
    if (text.isBlank()) {
      throw new DataException(name + " is empty (give a header and rows)");
    }
    return text;
  }

  private static List<Row> split(String name, String text) {
    List<Row> rows = new ArrayList<>();
    int width = 0;
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder()
            .fieldSeparator(separator(name, text))
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .allowUnclosedQuote(false)
            .trimWhitespacesAroundQuotes(true)
            .ofCsvRecord(text)) {
      for (CsvRecord record : reader) {
        List<String> cells = record.getFields().stream().map(String::strip).toList();
        width = rows.isEmpty() ? cells.size() : width;
        rows.add(checkedRow(name, record.getStartingLineNumber(), cells, width, "the first row"));
      }
    } catch (CsvParseException e) {
      throw new DataException(
          name
              + " is not a table: "
              + e.getMessage()
              + " (check the quotes; double one inside quotes)",
          e);
    } catch (IOException e) {
      throw new AssertionError("a string does not fail to be read", e);
    }
    return rows;
  }

  private static Row checkedRow(
      String name, long line, List<String> cells, int width, String counted) {
    if (cells.size() != width) {
      throw DataException.of(
          "%s line %d has %d cells, %s has %d (make them equal; quote a cell that contains the separator)",
          name, line, cells.size(), counted, width);
    }
    return new Row(line, cells);
  }

  /**
   * The separator that occurs most often outside quotes in the first line; a tab in a .tsv file.
   */
  private static char separator(String name, String text) {
    if (name.toLowerCase(Locale.ROOT).endsWith(".tsv")) {
      return '\t';
    }
    int[] counts = new int[SEPARATORS.length];
    String firstLine = text.stripLeading().lines().findFirst().orElse("");
    boolean quoted = false;
    for (char character : firstLine.toCharArray()) {
      quoted ^= character == '"';
      for (int i = 0; i < SEPARATORS.length; i++) {
        counts[i] += !quoted && character == SEPARATORS[i] ? 1 : 0;
      }
    }
    int best = 0;
    for (int i = 1; i < SEPARATORS.length; i++) {
      best = counts[i] > counts[best] ? i : best;
    }
    return SEPARATORS[best];
  }

  private static boolean isHeader(List<Row> rows) {
    List<String> first = rows.get(0).cells();
    if (first.stream().noneMatch(Cells::numeric)) {
      return true;
    }
    for (int column = 0; column < first.size(); column++) {
      String top = first.get(column);
      if (Cells.missing(top) || Cells.numeric(top)) {
        continue;
      }
      int present = 0;
      int numeric = 0;
      for (Row row : rows.subList(1, rows.size())) {
        String cell = row.cells().get(column);
        present += Cells.missing(cell) ? 0 : 1;
        numeric += Cells.numeric(cell) ? 1 : 0;
      }
      if (2 * numeric > present) {
        return true;
      }
    }
    return false;
  }

  private static List<String> header(String name, List<String> cells) {
    List<String> columns = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    for (String cell : cells) {
      int number = columns.size() + 1;
      String column = cell.isEmpty() ? "column" + number : cell;
      Integer earlier = seen.put(column, number);
      if (earlier != null) {
        throw DataException.of(
            "%s: columns %d and %d are both called %s (rename one)",
            name, earlier, number, Cells.quote(column));
      }
      columns.add(column);
    }
    return columns;
  }
}

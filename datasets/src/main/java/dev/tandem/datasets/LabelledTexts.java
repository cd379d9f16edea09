package dev.tandem.datasets;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Texts and the label of each, as they stand in files. */
record LabelledTexts(List<String> texts, List<String> labels) {
  private static final Set<String> LABEL_NAMES =
      Set.of("label", "class", "category", "target", "sentiment", "language");
  private static final Set<String> TEXT_NAMES =
      Set.of("text", "sentence", "review", "message", "name", "comment");

  /** Cells of lines, with the numbers of the lines. */
  private record Rows(String name, List<String[]> cells, List<Integer> lines) {

    /** Lines end at {@code \n} alone: other characters that end a line may stand in a text. */
    static Rows tabSeparated(String name, String text) {
      List<String[]> cells = new ArrayList<>();
      List<Integer> lines = new ArrayList<>();
      String[] all = text.split("\n", -1);
      for (int i = 0; i < all.length; i++) {
        String line = all[i].endsWith("\r") ? all[i].substring(0, all[i].length() - 1) : all[i];
        if (line.isBlank()) {
          continue;
        }
        String[] row = line.split("\t", -1);
        if (!cells.isEmpty() && row.length != cells.get(0).length) {
          throw DataException.of(
              "%s line %d has %d cells, the first row has %d (put one tab between text and label, and"
                  + " none into the text)",
              name, i + 1, row.length, cells.get(0).length);
        }
        cells.add(row);
        lines.add(i + 1);
      }
      return new Rows(name, cells, lines);
    }

    static Rows of(Table table) {
      List<String[]> cells = new ArrayList<>();
      List<Integer> lines = new ArrayList<>();
      cells.add(table.columns().toArray(String[]::new));
      lines.add(1);
      for (int row = 0; row < table.size(); row++) {
        int at = row;
        cells.add(
            IntStream.range(0, table.columns().size())
                .mapToObj(column -> table.cell(at, column))
                .toArray(String[]::new));
        lines.add((int) table.line(row));
      }
      return new Rows(table.name(), cells, lines);
    }

    int width() {
      return cells.get(0).length;
    }

    Stream<String> cells(int begin, int column) {
      return cells.stream().skip(begin).map(row -> row[column]);
    }

    long length(int begin, int column) {
      return cells(begin, column).mapToLong(String::length).sum();
    }
  }

  /**
   * Reads lines of cells between tabs. There is a header if a label is asked for by its name, or a
   * cell of the first line is called label, class, category, target, sentiment or language;
   * otherwise the labels are the column with the fewest different cells, the shorter of two. The
   * text is the column of such a name (text, sentence, review, message, name or comment), or else
   * the longest.
   *
   * @param label the name of the column with the labels, or null
   * @throws DataException if a row has another number of cells than the first, or there are no two
   *     columns
   */
  static LabelledTexts tabSeparated(String name, byte[] bytes, String label) {
    return read(Rows.tabSeparated(name, Texts.decode(name, bytes)), label, false);
  }

  /** As {@link #tabSeparated}; a file that ends in .csv is read as a table with a header. */
  static LabelledTexts read(Path file, String label) {
    byte[] bytes = DataFiles.readAll(file);
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv")
        ? read(Rows.of(Table.parse(file.toString(), bytes)), label, true)
        : tabSeparated(file.toString(), bytes, label);
  }

  /** Reads a text from each line of a file; empty lines do not count. */
  static LabelledTexts lines(String name, byte[] bytes, String label) {
    List<String> texts =
        List.of(Texts.decode(name, bytes).split("\n")).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    return new LabelledTexts(texts, texts.stream().map(text -> label).toList());
  }

  /** These and others after them. */
  LabelledTexts and(LabelledTexts others) {
    List<String> allTexts = new ArrayList<>(texts);
    allTexts.addAll(others.texts);
    List<String> allLabels = new ArrayList<>(labels);
    allLabels.addAll(others.labels);
    return new LabelledTexts(allTexts, allLabels);
  }

  /** The same with other labels. */
  LabelledTexts renamed(Map<String, String> names) {
    return new LabelledTexts(texts, labels.stream().map(names::get).toList());
  }

  private static LabelledTexts read(Rows rows, String label, boolean header) {
    if (rows.width() < 2) {
      throw new DataException(
          rows.name()
              + " has one column (give a text and its label on each line, with a tab between)");
    }
    List<String> first = List.of(rows.cells().get(0));
    int labels;
    if (label != null) {
      labels = first.indexOf(label);
      if (labels < 0) {
        throw new DataException(rows.name() + ": " + Nearest.unknown("column", label, first));
      }
    } else {
      labels = named(first, LABEL_NAMES, -1);
    }
    boolean titled = header || labels >= 0;
    int begin = titled ? 1 : 0;
    if (rows.cells().size() == begin) {
      throw new DataException(rows.name() + " has a header and no rows (add rows under it)");
    }
    labels = labels >= 0 ? labels : fewestDifferent(rows, begin);
    int texts = titled ? named(first, TEXT_NAMES, labels) : -1;
    texts = texts >= 0 ? texts : longest(rows, begin, labels);
    List<String> foundTexts = new ArrayList<>();
    List<String> foundLabels = new ArrayList<>();
    for (int row = begin; row < rows.cells().size(); row++) {
      String[] cells = rows.cells().get(row);
      String found = cells[labels].strip();
      if (found.isEmpty()) {
        throw DataException.of(
            "%s line %d has no label (give one, or remove the line)",
            rows.name(), rows.lines().get(row));
      }
      foundTexts.add(cells[texts].strip());
      foundLabels.add(found);
    }
    return new LabelledTexts(foundTexts, foundLabels);
  }

  private static int named(List<String> header, Set<String> names, int except) {
    return IntStream.range(0, header.size())
        .filter(i -> i != except && names.contains(header.get(i).strip().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElse(-1);
  }

  /** The column with the fewest different cells; the shorter one of two that have equally many. */
  private static int fewestDifferent(Rows rows, int begin) {
    return IntStream.range(0, rows.width())
        .boxed()
        .min(
            Comparator.<Integer>comparingLong(
                    column -> rows.cells(begin, column).distinct().count())
                .thenComparingLong(column -> rows.length(begin, column)))
        .orElseThrow();
  }

  private static int longest(Rows rows, int begin, int except) {
    return IntStream.range(0, rows.width())
        .boxed()
        .filter(column -> column != except)
        .max(Comparator.comparingLong(column -> rows.length(begin, column)))
        .orElseThrow();
  }
}

package dev.tandem.datasets;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What the text of a table's cell means. */
final class Cells {
  private static final Set<String> MISSING = Set.of("", "na", "n/a", "nan", "null", "?", "none");
  private static final Set<String> INFINITE =
      Set.of("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
  private static final int LONGEST_QUOTE = 40;

  private Cells() {}

  static boolean missing(String cell) {
    return cell.length() <= 4 && MISSING.contains(cell.toLowerCase(Locale.ROOT));
  }

  /**
   * Whether the cell is a decimal number; infinity counts, so that it is found where a number is
   * meant.
   */
  static boolean numeric(String cell) {
    return NUMBER.matcher(cell).matches() || INFINITE.contains(cell.toLowerCase(Locale.ROOT));
  }

  /** The value of a cell: infinite where it is beyond float32, NaN where it is no number. */
  static double number(String cell) {
    if (!NUMBER.matcher(cell).matches()) {
      return numeric(cell) ? Double.POSITIVE_INFINITY : Double.NaN;
    }
    double value = Double.parseDouble(cell);
    return Math.abs(value) > Float.MAX_VALUE ? Double.POSITIVE_INFINITY : value;
  }

  /** The text in quotes on one line, shortened, for an error message. */
  static String quote(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return "'"
        + (line.length() > LONGEST_QUOTE ? line.substring(0, LONGEST_QUOTE) + "..." : line)
        + "'";
  }
}

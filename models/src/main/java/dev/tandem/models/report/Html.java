package dev.tandem.models.report;

import java.util.Locale;

/** The one place where text and numbers become HTML. */
public final class Html {
  /** Shown where there is no value. */
  static final String ABSENT = "–";

  private Html() {}

  /**
   * Text for use between tags and in quoted attributes. Characters that HTML does not allow become
   * U+FFFD.
   */
  public static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            character -> {
              switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(allowed(character) ? character : 0xFFFD);
              }
            });
    return escaped.toString();
  }

  /** A number as short as four decimals allow: {@code 12}, {@code 0.25}, {@code 3.2e-5}. */
  public static String number(double value) {
    String text = aligned(value);
    return text.contains(".") ? text.replaceFirst("\\.?0+(e|$)", "$1") : text;
  }

  /** A number that lines up with others of its size: {@code 0.2500}, {@code 3.200e-5}. */
  static String aligned(double value) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    if (size != 0 && (size < 1e-3 || size >= 1e9)) {
      return String.format(Locale.ROOT, "%.3e", value).replaceFirst("e\\+?(-?)0?", "e$1");
    }
    int decimals = size >= 1000 ? 1 : size >= 100 ? 2 : size >= 10 ? 3 : 4;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  private static boolean allowed(int character) {
    int type = Character.getType(character);
    return character == '\n'
        || (type != Character.CONTROL
            && type != Character.SURROGATE
            && (character & 0xFFFE) != 0xFFFE);
  }
}

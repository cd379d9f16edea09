package dev.tandem.models.metrics;

import java.util.Locale;
import java.util.stream.IntStream;

/** A confusion matrix as plain text for terminals. */
public final class ClassificationTables {
  private static final int LONGEST_NAME = 24;
  private static final String CORNER = "actual \\ predicted";

  private ClassificationTables() {}

  /**
   * The counts: one row per actual class, one column per predicted class. Columns carry the class
   * number that stands before the name in the rows, so that long names cost no width; zeros are
   * dots, so that mistakes stand out. Columns that do not fit follow in further blocks.
   *
   * @param width columns of the terminal; a block has at least one column of counts, whatever the
   *     width
   */
  public static String counts(ConfusionMatrix matrix, int width) {
    int size = matrix.size();
    int numberWidth = Integer.toString(size - 1).length();
    int nameWidth = nameWidth(matrix);
    int cellWidth = numberWidth;
    for (int actual = 0; actual < size; actual++) {
      for (int predicted = 0; predicted < size; predicted++) {
        cellWidth = Math.max(cellWidth, Long.toString(matrix.count(actual, predicted)).length());
      }
    }
    int labelWidth = Math.max(numberWidth + 1 + nameWidth, CORNER.length());
    int perBlock = Math.max(1, (width - labelWidth - 1) / (cellWidth + 1));
    StringBuilder text = new StringBuilder();
    for (int from = 0; from < size; from += perBlock) {
      int to = Math.min(size, from + perBlock);
      text.append(from == 0 ? "" : "\n");
      text.append(padRight(CORNER, labelWidth)).append(' ');
      for (int predicted = from; predicted < to; predicted++) {
        text.append(' ').append(padLeft(Integer.toString(predicted), cellWidth));
      }
      text.append('\n');
      for (int actual = 0; actual < size; actual++) {
        text.append(padLeft(Integer.toString(actual), numberWidth)).append(' ');
        text.append(padRight(name(matrix, actual), labelWidth - numberWidth - 1)).append(' ');
        for (int predicted = from; predicted < to; predicted++) {
          long count = matrix.count(actual, predicted);
          text.append(' ').append(padLeft(count == 0 ? "." : Long.toString(count), cellWidth));
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  /** Precision, recall, F1 and support by class, then the macro, micro and weighted averages. */
  public static String scores(ConfusionMatrix matrix) {
    int nameWidth = nameWidth(matrix);
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s  %9s  %9s  %9s  %9s\n",
            padRight("", nameWidth),
            "precision",
            "recall",
            "f1",
            "support"));
    IntStream.range(0, matrix.size())
        .forEach(index -> appendScores(text, name(matrix, index), nameWidth, matrix.scores(index)));
    if (matrix.total() > 0) {
      text.append('\n');
      appendScores(text, "macro", nameWidth, matrix.macro());
      appendScores(text, "micro", nameWidth, matrix.micro());
      appendScores(text, "weighted", nameWidth, matrix.weighted());
    }
    return text.toString();
  }

  private static void appendScores(
      StringBuilder text, String name, int nameWidth, ClassScores scores) {
    text.append(
        String.format(
            Locale.ROOT,
            "%s  %9.4f  %9.4f  %9.4f  %9d\n",
            padRight(name, nameWidth),
            scores.precision(),
            scores.recall(),
            scores.f1(),
            scores.support()));
  }

  private static int nameWidth(ConfusionMatrix matrix) {
    int longest = "weighted".length();
    for (int index = 0; index < matrix.size(); index++) {
      longest = Math.max(longest, length(name(matrix, index)));
    }
    return longest;
  }

  private static String name(ConfusionMatrix matrix, int index) {
    return name(matrix.classNames().get(index));
  }

  /**
   * Labels are any text of the user's: one that is long is cut, control characters are replaced.
   */
  static String name(String label) {
    int[] codePoints = label.codePoints().map(c -> printable(c) ? c : '?').toArray();
    return codePoints.length <= LONGEST_NAME
        ? new String(codePoints, 0, codePoints.length)
        : new String(codePoints, 0, LONGEST_NAME - 1) + "…";
  }

  private static boolean printable(int codePoint) {
    int type = Character.getType(codePoint);
    return type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR
        && type != Character.SURROGATE;
  }

  static String padRight(String text, int width) {
    return text + " ".repeat(Math.max(0, width - length(text)));
  }

  private static String padLeft(String text, int width) {
    return " ".repeat(Math.max(0, width - length(text))) + text;
  }

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}

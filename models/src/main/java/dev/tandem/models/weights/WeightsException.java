package dev.tandem.models.weights;

import java.nio.file.Path;

/** A weights file that cannot be read or written. The message is one line for the user. */
public final class WeightsException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final int LONGEST_QUOTE = 60;

  WeightsException(Path file, String problem, String remedy) {
    this(file, problem, remedy, null);
  }

  WeightsException(Path file, String problem, String remedy, Throwable cause) {
    super(printable(file + ": " + problem + " (" + remedy + ")"), cause);
  }

  /** Text from the file for use in a message: in quotes and not so long that it hides the rest. */
  static String quote(String text) {
    return "'" + (text.length() <= LONGEST_QUOTE ? text : cut(text)) + "'";
  }

  private static String cut(String text) {
    return text.substring(0, text.offsetByCodePoints(0, LONGEST_QUOTE / 2)) + "…";
  }

  /** Names come from the file: without this one of them could add lines or steer the terminal. */
  private static String printable(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "?");
  }
}

package dev.tandem.datasets;

import java.util.Locale;

/**
 * Data that cannot be used. The message is the whole story in one line, {@code what is wrong (what
 * to do)}, ready to be shown to the user.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DataException(String message) {
    super(message);
  }

  /** The exception with a formatted message, the same in every locale. */
  public static DataException of(String format, Object... arguments) {
    return new DataException(String.format(Locale.ROOT, format, arguments));
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}

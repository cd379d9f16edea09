package dev.tandem.models.cli;

/**
 * A command could not do its work: its message is all that the user sees, and the exit code is 1.
 */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: what is wrong, and in parentheses what to do
   */
  public CommandFailure(String message) {
    super(message);
  }

  /**
   * @param message one line: what is wrong, and in parentheses what to do
   * @param cause shown with its stack trace under {@code --debug} only
   */
  public CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}

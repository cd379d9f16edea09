package dev.tandem.engine;

/** A backend that was asked for cannot be had; the message says why and what to do. */
public final class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception from a message of the form "what is wrong (what to do)". */
  public BackendUnavailableException(String message) {
    super(message);
  }
}

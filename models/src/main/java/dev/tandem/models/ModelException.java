package dev.tandem.models;

/**
 * A model, its weights or its training cannot go on; the message is one line: what is wrong (what
 * to do).
 */
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes the exception from a message of the form "what is wrong (what to do)". */
  public ModelException(String message) {
    super(message);
  }
}

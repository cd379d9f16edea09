package dev.tandem.engine;

/** Finds and opens one backend; registered as a service. */
public interface BackendProvider {
  /** Returns the name that users give to {@code --backend}. */
  String id();

  /** Returns the preference: {@code --backend auto} takes the highest that is available. */
  int rank();

  /**
   * Looks for the device. Loads no class that needs it before it is known to be there, takes
   * milliseconds when it is not, and throws nothing.
   */
  Probe probe();

  /**
   * Opens the backend.
   *
   * @throws BackendUnavailableException if it cannot be opened in this way
   */
  Backend open(BackendOptions options);
}

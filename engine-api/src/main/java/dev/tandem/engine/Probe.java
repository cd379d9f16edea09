package dev.tandem.engine;

/** What a provider found when it looked for its device. */
public sealed interface Probe {
  /**
   * The backend can be opened.
   *
   * @param device the device in words
   */
  record Available(String device) implements Probe {}

  /**
   * The backend cannot be opened.
   *
   * @param reason what is missing, where it was looked for
   * @param remedy what the user can do
   */
  record Unavailable(String reason, String remedy) implements Probe {}
}

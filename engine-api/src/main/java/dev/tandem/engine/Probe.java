package dev.tandem.engine;

import java.util.List;

/** What a provider found when it looked for its device. */
public sealed interface Probe {
  /**
   * The backend can be opened.
   *
   * @param device the device in words
   * @param measurable whether the time that something takes there means anything; not of a stand-in
   *     for a device, which only computes the same
   */
  record Available(String device, boolean measurable) implements Probe {
    /** For a real device. */
    public Available(String device) {
      this(device, true);
    }
  }

  /**
   * The backend cannot be opened.
   *
   * @param reason what is missing, where it was looked for
   * @param remedy what the user can do
   * @param obstacles each obstacle by itself where there may be several, else empty
   */
  record Unavailable(String reason, String remedy, List<Obstacle> obstacles) implements Probe {
    /** For a single obstacle, about which all is said. */
    public Unavailable(String reason, String remedy) {
      this(reason, remedy, List.of());
    }
  }

  /**
   * One thing that stands in the way.
   *
   * @param part what is missing or does not fit, for example {@code cuBLAS}
   * @param reason what is wrong with it
   * @param remedy the one thing to do about it
   */
  record Obstacle(String part, String reason, String remedy) {}
}

package dev.tandem.datasets;

import java.util.Optional;

/**
 * A data set before it is split: it says how it wants to be split, and then learns its
 * preprocessing from the training part alone.
 */
public interface RawDataset {
  String name();

  /** The number of rows. */
  int size();

  Task task();

  /**
   * The class id of each row, so that every part gets its share of every class; empty where there
   * are no classes.
   */
  Optional<int[]> stratifyBy();

  /** The rows that the publisher set aside for testing; empty where there are none. */
  Optional<int[]> officialTest();

  /**
   * The time of each row, where what comes later must not be known before: the parts are then cut
   * in the order of time, and rows of one time stay together. Empty where rows may be shuffled.
   */
  default Optional<int[]> times() {
    return Optional.empty();
  }

  /**
   * Learns the preprocessing from the training rows and encodes all three parts with it.
   *
   * @throws DataException if a cell or an element cannot be used
   */
  Dataset prepare(Split split);
}

package dev.tandem.benchmarks.tour;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.Prepared;
import java.util.Optional;

/**
 * Another library that does some of the cases; found by {@link java.util.ServiceLoader}. Those that
 * there are come with the Maven profile {@code peers}.
 */
public interface Peer {
  /** Returns its name and version, as tables show it. */
  String name();

  /** Returns the settings that make it fast here, once it is open. */
  String settings();

  /**
   * Loads the library, before anything else; called again for another number of threads.
   *
   * @param threads that it may use
   * @throws IllegalStateException if it cannot be loaded here
   */
  void open(int threads);

  /**
   * Makes it ready to do a case, with the data of our side and outside of the timed part.
   *
   * @param of the case
   * @param ours our side, on a CPU, which has not run yet
   * @return empty if the library does not do such a case
   */
  Optional<Prepared> prepare(Case of, Prepared ours);
}

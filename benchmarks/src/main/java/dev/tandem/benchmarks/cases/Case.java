package dev.tandem.benchmarks.cases;

/** Something that is measured, on whichever backend. */
public sealed interface Case permits OperationCase, StepCase {
  /** Returns its kind. */
  Suite suite();

  /** Returns its name in tables, unique in its suite. */
  String name();

  /** Returns the work of one run. */
  Work work();

  /**
   * Returns whether the oracle does it in reasonable time. Where not, only what {@link
   * Prepared#checked} asks of itself is checked.
   */
  default boolean forTheOracle() {
    return true;
  }

  /**
   * Takes a backend and memory. The numbers are the same on every backend.
   *
   * @param backend the id of the backend
   * @param threads its worker threads
   * @return to be closed
   */
  Prepared prepare(String backend, int threads);
}

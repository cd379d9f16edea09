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
   * Takes a backend and memory. The numbers are the same on every backend.
   *
   * @param backend the id of the backend
   * @param threads its worker threads
   * @return to be closed
   */
  Prepared prepare(String backend, int threads);
}

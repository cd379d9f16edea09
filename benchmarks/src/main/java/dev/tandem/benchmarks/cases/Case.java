package dev.tandem.benchmarks.cases;

import dev.tandem.engine.BackendOptions;
import dev.tandem.engine.MathMode;

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
   * @param options its worker threads and arithmetic
   * @return to be closed
   */
  Prepared prepare(String backend, BackendOptions options);

  /** Takes a backend that computes in exact binary32. */
  default Prepared prepare(String backend, int threads) {
    return prepare(backend, new BackendOptions(threads, MathMode.FP32));
  }
}

package dev.tandem.benchmarks.cases;

import java.util.Locale;

/** The kinds of cases, in the order in which they are shown. */
public enum Suite {
  /** Single operations of the engine. */
  OPS,
  /** Recurrent layers over whole sequences. */
  CELLS,
  /** Training steps of networks. */
  STEPS,
  /** Training steps that fill a GPU. They are too large for the oracle, which would take hours. */
  LARGE;

  /** Returns the name in lower case. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}

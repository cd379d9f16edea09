package dev.tandem.benchmarks.cases;

import java.util.Locale;

/** The kinds of cases, in the order in which they are shown. */
public enum Suite {
  /** Single operations of the engine. */
  OPS,
  /** Recurrent layers over whole sequences. */
  CELLS,
  /** Training steps of networks. */
  STEPS;

  /** Returns the name in lower case. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}

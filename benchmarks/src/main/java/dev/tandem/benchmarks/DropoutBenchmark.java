package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.ElementCases;
import org.openjdk.jmh.annotations.Param;

/** Dropout, forward. */
public class DropoutBenchmark extends CaseBenchmark {
  /** Rows and columns: a layer, sizes that fit no vector, beyond the caches. */
  @Param({"128x512", "127x509", "4096x1024"})
  public String shape;

  @Override
  Case measured() {
    return ElementCases.dropout(shape);
  }
}

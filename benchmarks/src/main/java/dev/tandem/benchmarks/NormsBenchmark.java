package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.RowCases;
import org.openjdk.jmh.annotations.Param;

/** Layer normalisation, forward. */
public class NormsBenchmark extends CaseBenchmark {
  /** Rows and columns: a layer, sizes that fit no vector, beyond the caches. */
  @Param({"128x512", "127x509", "4096x1024"})
  public String shape;

  @Override
  Case measured() {
    return RowCases.layerNorm(shape);
  }
}

package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.RowCases;
import dev.tandem.engine.Reductions.Axis;
import org.openjdk.jmh.annotations.Param;

/** Sums. */
public class ReductionsBenchmark extends CaseBenchmark {
  /** Rows and columns: a layer, sizes that fit no vector, beyond the caches. */
  @Param({"128x512", "127x509", "4096x1024"})
  public String shape;

  /** What is summed over. */
  @Param({"ALL", "ROWS", "COLUMNS"})
  public Axis axis;

  @Override
  Case measured() {
    return RowCases.sum(shape, axis);
  }
}

package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.RowCases;
import org.openjdk.jmh.annotations.Param;

/** Batch normalisation with the statistics of the batch, forward. */
public class BatchNormBenchmark extends CaseBenchmark {
  /** Batch, channels, height = width. */
  @Param({"64x32x28", "3x5x19"})
  public String shape;

  @Override
  Case measured() {
    return RowCases.batchNorm(shape);
  }
}

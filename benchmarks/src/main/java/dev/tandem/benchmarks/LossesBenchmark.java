package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.RowCases;
import org.openjdk.jmh.annotations.Param;

/** Softmax cross-entropy with its gradient. */
public class LossesBenchmark extends CaseBenchmark {
  /** Rows and classes. */
  @Param({"128x10", "128x1000", "127x509"})
  public String shape;

  @Override
  Case measured() {
    return RowCases.crossEntropy(shape);
  }
}

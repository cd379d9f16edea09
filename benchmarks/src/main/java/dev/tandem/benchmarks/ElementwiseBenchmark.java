package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.ElementCases;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise.Binary;
import org.openjdk.jmh.annotations.Param;

/** Sums and products of matrices. */
public class ElementwiseBenchmark extends CaseBenchmark {
  /** Rows and columns: a layer, sizes that fit no vector, beyond the caches. */
  @Param({"128x512", "127x509", "4096x1024"})
  public String shape;

  /** How the second operand is repeated. */
  @Param({"SAME", "ROW"})
  public Broadcast broadcast;

  /** What is done. */
  @Param({"ADD", "MULTIPLY"})
  public Binary operation;

  @Override
  Case measured() {
    return ElementCases.binary(shape, operation, broadcast);
  }
}

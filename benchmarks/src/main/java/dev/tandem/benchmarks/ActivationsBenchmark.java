package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.ElementCases;
import dev.tandem.engine.Activation;
import org.openjdk.jmh.annotations.Param;

/** Activation functions. */
public class ActivationsBenchmark extends CaseBenchmark {
  /** Rows and columns: a layer, sizes that fit no vector, beyond the caches. */
  @Param({"128x512", "127x509", "4096x1024"})
  public String shape;

  /** The function. */
  @Param({"RELU", "SIGMOID", "TANH", "GELU"})
  public Activation function;

  /** Whether its gradient is computed. */
  @Param({"false", "true"})
  public boolean backward;

  @Override
  Case measured() {
    return ElementCases.activation(shape, function, backward);
  }
}

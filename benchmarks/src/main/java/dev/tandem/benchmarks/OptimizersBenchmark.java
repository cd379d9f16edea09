package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.OptimizerCases;
import org.openjdk.jmh.annotations.Param;

/** A step of an optimiser. */
public class OptimizersBenchmark extends CaseBenchmark {
  /** Parameters: those of an MLP with 784, 512, 256 and 10 units, and beyond the caches. */
  @Param({"535818", "8000000"})
  public int parameters;

  /** Whether Adam or SGD with weight decay. */
  @Param({"true", "false"})
  public boolean adam;

  @Override
  Case measured() {
    return adam ? OptimizerCases.adam(parameters, false) : OptimizerCases.sgd(parameters);
  }
}

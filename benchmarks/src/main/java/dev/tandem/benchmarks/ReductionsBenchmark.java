package dev.tandem.benchmarks;

import dev.tandem.engine.DataType;
import dev.tandem.engine.Reductions.Axis;
import dev.tandem.engine.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Sums of the outputs of a layer. */
public class ReductionsBenchmark extends OperationBenchmark {
  /** What is summed over. */
  @Param({"ALL", "ROWS", "COLUMNS"})
  public Axis axis;

  @Override
  Call prepare(Bench onBackend) {
    Tensor x = onBackend.random(128, 512);
    int results = axis == Axis.ALL ? 1 : axis == Axis.ROWS ? 512 : 128;
    Tensor out = onBackend.zeros(DataType.FLOAT32, results);
    return new Call(() -> onBackend.backend().reductions().sum(x, axis, false, out), out);
  }
}

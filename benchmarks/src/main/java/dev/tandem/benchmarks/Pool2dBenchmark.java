package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.Conv2dCases;
import dev.tandem.engine.Pool2dSpec;
import org.openjdk.jmh.annotations.Param;

/** Pooling of the layers of networks for pictures. */
public class Pool2dBenchmark extends CaseBenchmark {
  /** Batch, channels, height = width, kernel, stride, padding. */
  @Param({"64x32x28x2x2x0", "64x64x14x2x2x0", "64x32x32x3x2x1", "64x128x8x8x1x0", "3x5x19x3x2x1"})
  public String shape;

  /** What becomes of a window. */
  @Param({"MAX", "AVERAGE"})
  public Pool2dSpec.Mode mode;

  /** Whether the gradient of the input is computed. */
  @Param({"false", "true"})
  public boolean backward;

  @Override
  Case measured() {
    return Conv2dCases.pooling(shape, mode, backward);
  }
}

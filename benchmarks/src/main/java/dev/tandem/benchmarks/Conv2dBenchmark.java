package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.Conv2dCases;
import org.openjdk.jmh.annotations.Param;

/** Convolutions of networks for grey and for coloured pictures, and of sizes that fit no vector. */
public class Conv2dBenchmark extends CaseBenchmark {
  /** Batch, channels, height = width, filters, kernel, stride, padding, groups. */
  @Param({
    "64x1x28x32x3x1x1x1",
    "64x32x14x64x3x1x1x1",
    "64x3x32x32x3x1x1x1",
    "64x32x32x64x3x2x1x1",
    "64x64x16x64x3x1x1x1",
    "64x64x16x128x1x1x0x1",
    "64x128x8x128x3x1x1x1",
    "64x64x16x64x3x1x1x64",
    "3x5x19x7x5x2x2x1"
  })
  public String shape;

  /** What is computed. */
  @Param({"forward", "backwardData", "backwardFilter", "backwardBias"})
  public String direction;

  @Override
  Case measured() {
    return Conv2dCases.convolution(shape, direction);
  }
}

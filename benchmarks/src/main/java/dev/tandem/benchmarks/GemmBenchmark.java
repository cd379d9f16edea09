package dev.tandem.benchmarks;

import dev.tandem.benchmarks.cases.Case;
import dev.tandem.benchmarks.cases.GemmCases;
import org.openjdk.jmh.annotations.Param;

/**
 * Matrix products: squares, those of layers in their three directions, and sizes that fit no
 * vector.
 */
public class GemmBenchmark extends CaseBenchmark {
  /** Rows of C, columns of C, length of the sums; and which operand is transposed. */
  @Param({
    "32x32x32",
    "64x64x64",
    "128x128x128",
    "256x256x256",
    "512x512x512",
    "1024x1024x1024",
    "97x61x131",
    "128x512x784xB",
    "128x784x512",
    "512x784x128xA",
    "128x10x256xB",
    "1x512x784xB"
  })
  public String shape;

  @Override
  Case measured() {
    return GemmCases.product(shape);
  }
}

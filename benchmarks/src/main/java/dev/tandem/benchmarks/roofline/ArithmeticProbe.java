package dev.tandem.benchmarks.roofline;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The peak of fused multiply-additions: twelve vectors that stay in registers, each of which
 * depends only on itself. Processors finish two of them in a cycle after four or five, so that ten
 * keep them busy; twelve and a constant fit the registers of processors with 16.
 */
final class ArithmeticProbe {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int VECTORS = 12;
  private static final int FLOPS_PER_LANE = 2;
  private static final double ROUND_SECONDS = 0.03;

  /** A fixed point of {@code x = 0.5 x + 0.5} is 1: no value becomes large, small or subnormal. */
  private static final float HALF = 0.5f;

  private ArithmeticProbe() {}

  /** Returns the binary32 operations of one repetition. */
  static int flopsPerRepetition() {
    return VECTORS * SPECIES.length() * FLOPS_PER_LANE;
  }

  /** Returns the width of the vectors in bits. */
  static int vectorBits() {
    return SPECIES.vectorBitSize();
  }

  /** Measures the binary32 operations of all threads in a second. */
  static double measure(int threads) {
    Probe.Loop loop = ArithmeticProbe::run;
    Probe.warmUp(loop);
    return flopsPerRepetition() * Probe.perSecond(threads, ROUND_SECONDS, loop);
  }

  /**
   * Runs the loop.
   *
   * @return the sum of all lanes: {@code VECTORS length} after enough repetitions
   */
  static float run(float start, int repetitions) {
    FloatVector half = FloatVector.broadcast(SPECIES, HALF);
    FloatVector v0 = FloatVector.broadcast(SPECIES, start);
    FloatVector v1 = v0.add(1);
    FloatVector v2 = v0.add(2);
    FloatVector v3 = v0.add(3);
    FloatVector v4 = v0.add(4);
    FloatVector v5 = v0.add(5);
    FloatVector v6 = v0.add(6);
    FloatVector v7 = v0.add(7);
    FloatVector v8 = v0.add(8);
    FloatVector v9 = v0.add(9);
    FloatVector v10 = v0.add(10);
    FloatVector v11 = v0.add(11);
    for (int i = 0; i < repetitions; i++) {
      v0 = v0.fma(half, half);
      v1 = v1.fma(half, half);
      v2 = v2.fma(half, half);
      v3 = v3.fma(half, half);
      v4 = v4.fma(half, half);
      v5 = v5.fma(half, half);
      v6 = v6.fma(half, half);
      v7 = v7.fma(half, half);
      v8 = v8.fma(half, half);
      v9 = v9.fma(half, half);
      v10 = v10.fma(half, half);
      v11 = v11.fma(half, half);
    }
    return v0.add(v1)
        .add(v2.add(v3))
        .add(v4.add(v5))
        .add(v6.add(v7))
        .add(v8.add(v9))
        .add(v10.add(v11))
        .reduceLanes(VectorOperators.ADD);
  }
}

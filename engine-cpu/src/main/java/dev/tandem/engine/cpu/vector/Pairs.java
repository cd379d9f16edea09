package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Every other element of two vectors, and the way back. With shuffles of one vector and constant
 * masks: those of two vectors are several times as many nodes for C2, which then stops inlining.
 */
final class Pairs {
  private static final VectorShuffle<Float> EVEN =
      VectorShuffle.fromOp(FLOATS, lane -> 2 * lane % LENGTH);
  private static final VectorShuffle<Float> FIRST_HALF =
      VectorShuffle.fromOp(FLOATS, lane -> lane / 2);
  private static final VectorShuffle<Float> SECOND_HALF =
      VectorShuffle.fromOp(FLOATS, lane -> LENGTH / 2 + lane / 2);
  private static final VectorMask<Float> UPPER_LANES = FLOATS.indexInRange(0, LENGTH / 2).not();
  private static final VectorMask<Float> ODD_LANES =
      VectorMask.fromLong(FLOATS, 0xAAAA_AAAA_AAAA_AAAAL);

  private Pairs() {}

  /** Returns elements 0, 2, 4 and so on of two vectors. */
  static FloatVector even(FloatVector low, FloatVector high) {
    return low.rearrange(EVEN).blend(high.rearrange(EVEN), UPPER_LANES);
  }

  /** Returns the first of the two vectors of which these are the even and the odd elements. */
  static FloatVector low(FloatVector even, FloatVector odd) {
    return even.rearrange(FIRST_HALF).blend(odd.rearrange(FIRST_HALF), ODD_LANES);
  }

  /** Returns the second. */
  static FloatVector high(FloatVector even, FloatVector odd) {
    return even.rearrange(SECOND_HALF).blend(odd.rearrange(SECOND_HALF), ODD_LANES);
  }
}

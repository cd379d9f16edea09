package dev.tandem.engine.cpu.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of this JVM. The class is loaded only after {@link VectorBackendProvider} has seen
 * that the Vector API is there and that the width asked for is one the processor has.
 */
final class Lanes {
  /** The floats of one vector. */
  static final VectorSpecies<Float> FLOATS = species();

  /** Integers, as many as there are floats. */
  static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));

  /** The number of floats in one vector. */
  static final int LENGTH = FLOATS.length();

  /** Wider vectors, which ARM's SVE allows, would not fit the gaps of a memory plan. */
  private static final int WIDEST = 512;

  private Lanes() {}

  /** Returns the width of the widest vectors that are used on this processor, in bits. */
  static int widest() {
    return Math.min(WIDEST, FloatVector.SPECIES_PREFERRED.vectorBitSize());
  }

  private static VectorSpecies<Float> species() {
    int bits = VectorWidth.requested();
    int width = bits == VectorWidth.PREFERRED ? widest() : bits;
    return VectorSpecies.of(float.class, VectorShape.forBitSize(width));
  }

  /** Returns the greatest multiple of the vector length that is not above a number. */
  static int whole(int n) {
    return n & -LENGTH;
  }
}

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

  private Lanes() {}

  /** Returns the width of the widest vectors that this processor computes with, in bits. */
  static int widest() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize();
  }

  private static VectorSpecies<Float> species() {
    int bits = VectorWidth.requested();
    return bits == VectorWidth.PREFERRED
        ? FloatVector.SPECIES_PREFERRED
        : VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
  }

  /** Returns the greatest multiple of the vector length that is not above a number. */
  static int whole(int n) {
    return n & -LENGTH;
  }
}

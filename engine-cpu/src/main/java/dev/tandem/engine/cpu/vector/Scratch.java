package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import java.util.Arrays;

/**
 * A little memory for each thread, in which the elements behind the last whole vector are computed:
 * they are copied here, go through the same loop as all others, and are copied back. A second loop
 * body with masks would double the methods that C2 has to inline, and past its limit
 * (NodeCountInliningCutoff) vectors become objects.
 */
final class Scratch {
  /** The operands that fit, each at a multiple of the vector length. */
  private static final int OPERANDS = 4;

  private final float[][] memory;

  /** Takes the memory. */
  Scratch(Workers workers) {
    memory = new float[workers.threads()][OPERANDS * LENGTH];
  }

  /** Returns the memory of a thread. */
  float[] of(int worker) {
    return memory[worker];
  }

  /** Copies the elements of an operand to its place and pads them to a vector. */
  static void put(float[] scratch, int operand, float[] x, int at, int n, float padding) {
    int to = operand * LENGTH;
    System.arraycopy(x, at, scratch, to, n);
    Arrays.fill(scratch, to + n, to + LENGTH, padding);
  }

  /** Copies the elements of an operand back. */
  static void take(float[] scratch, int operand, float[] x, int at, int n) {
    System.arraycopy(scratch, operand * LENGTH, x, at, n);
  }
}

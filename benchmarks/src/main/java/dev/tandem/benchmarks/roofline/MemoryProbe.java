package dev.tandem.benchmarks.roofline;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The bandwidth of caches and memory, by the size of what is gone through again and again: the best
 * of two loops, {@code triad}, {@code a = b + 0.5 c} (McCalpin's STREAM), and {@code sum}, which
 * only reads. Bytes are those that the loop names: a store that fetches its line first counts once,
 * as in STREAM.
 */
final class MemoryProbe {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int UNROLLED = 8;
  private static final int STEP = UNROLLED * LANES;
  private static final int OPERANDS = 3;
  private static final double ROUND_SECONDS = 0.004;
  private static final float FACTOR = 0.5f;

  /**
   * Arrays begin at some multiple of 8 bytes (JDK-8374748). Where the loops start decides whether
   * each load splits a cache line: all places are tried once, and the best is kept.
   */
  private static final int STARTS = 8;

  private static final int FLOATS_PER_START = 2;

  /**
   * Between the operands: a load whose address equals that of a store before it in the lowest 12
   * bits waits for it, so operands lie a quarter of those 4,096 bytes further each.
   */
  private static final int APART = 256;

  /** The working set by which the start is chosen: in the first-level cache it matters most. */
  private static final long CHOOSING = 12 << 10;

  private final float[] memory;
  private int start;

  /**
   * Takes memory and warms up.
   *
   * @param largest the bytes of the largest working set that will be measured
   * @param threads that will measure at most
   */
  MemoryProbe(long largest, int threads) {
    int slack = (OPERANDS * (APART + STEP) + STARTS * FLOATS_PER_START) * (threads + 1);
    memory = new float[Math.toIntExact(largest / Float.BYTES) + slack];
    Arrays.fill(memory, 1);
    int length = length(1, CHOOSING / OPERANDS);
    Probe.warmUp((thread, repetitions) -> triads(0, length, repetitions));
    Probe.warmUp((thread, repetitions) -> sums(0, length, repetitions));
    int best = 0;
    double most = 0;
    for (int candidate = 0; candidate < STARTS; candidate++) {
      start = candidate * FLOATS_PER_START;
      double rate = triad(1, CHOOSING);
      if (rate > most) {
        most = rate;
        best = start;
      }
    }
    start = best;
  }

  /** Measures the bytes of all threads in a second. */
  double bytesPerSecond(int threads, long workingSet) {
    return Math.max(triad(threads, workingSet), sum(threads, workingSet));
  }

  private double triad(int threads, long workingSet) {
    int length = length(threads, workingSet / OPERANDS);
    int stride = OPERANDS * (length + APART);
    return bytes(OPERANDS * length)
        * Probe.perSecond(
            threads,
            ROUND_SECONDS,
            (thread, repetitions) -> triads(start + thread * stride, length, repetitions));
  }

  private double sum(int threads, long workingSet) {
    int length = length(threads, workingSet);
    return bytes(length)
        * Probe.perSecond(
            threads,
            ROUND_SECONDS,
            (thread, repetitions) -> sums(start + thread * length, length, repetitions));
  }

  private static double bytes(int floats) {
    return (double) floats * Float.BYTES;
  }

  /** Whole rounds of the unrolled loops. */
  private static int length(int threads, long bytes) {
    return (int) Math.max(1, bytes / Float.BYTES / threads / STEP) * STEP;
  }

  private float triads(int from, int length, int repetitions) {
    for (int i = 0; i < repetitions; i++) {
      triad(memory, from, length);
    }
    return memory[from];
  }

  /**
   * {@code a = b + 0.5 c}, operands one behind the other.
   *
   * @param memory holds all
   * @param from where a begins
   * @param length of each, a multiple of {@link #STEP}
   */
  static void triad(float[] memory, int from, int length) {
    int second = length + APART;
    int third = 2 * second;
    FloatVector factor = FloatVector.broadcast(SPECIES, FACTOR);
    for (int i = from; i < from + length; i += STEP) {
      for (int j = i; j < i + STEP; j += LANES) {
        FloatVector.fromArray(SPECIES, memory, j + third)
            .fma(factor, FloatVector.fromArray(SPECIES, memory, j + second))
            .intoArray(memory, j);
      }
    }
  }

  private float sums(int from, int length, int repetitions) {
    float sum = 0;
    for (int i = 0; i < repetitions; i++) {
      sum += sum(memory, from, length);
    }
    return sum;
  }

  /**
   * Sums.
   *
   * @param memory holds the operand
   * @param from where it begins
   * @param length a multiple of {@link #STEP}
   */
  static float sum(float[] memory, int from, int length) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    for (int i = from; i < from + length; i += STEP) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, memory, i));
      s1 = s1.add(FloatVector.fromArray(SPECIES, memory, i + LANES));
      s2 = s2.add(FloatVector.fromArray(SPECIES, memory, i + 2 * LANES));
      s3 = s3.add(FloatVector.fromArray(SPECIES, memory, i + 3 * LANES));
      s4 = s4.add(FloatVector.fromArray(SPECIES, memory, i + 4 * LANES));
      s5 = s5.add(FloatVector.fromArray(SPECIES, memory, i + 5 * LANES));
      s6 = s6.add(FloatVector.fromArray(SPECIES, memory, i + 6 * LANES));
      s7 = s7.add(FloatVector.fromArray(SPECIES, memory, i + 7 * LANES));
    }
    return s0.add(s1)
        .add(s2.add(s3))
        .add(s4.add(s5))
        .add(s6.add(s7))
        .reduceLanes(VectorOperators.ADD);
  }
}

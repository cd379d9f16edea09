package dev.tandem.engine.conformance;

import dev.tandem.engine.Philox;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Test data: sizes where kernels change their path, and seeded numbers that FLOAT32 holds. */
final class Numbers {
  /**
   * More elements than any backend computes on one thread, and prime. Tests of such sizes are in
   * FLOAT32 alone: FLOAT64 is the oracle's, which has one thread.
   */
  static final int LARGE = 100_003;

  private static final int[] LANES = {8, 16};

  private final Philox random;

  Numbers(long seed) {
    random = new Philox(seed, 0);
  }

  /** Sizes around the lane counts L: 1, L-1, L, L+1, 2L-1, 2L+1, 4L-3, 4L+3, and primes. */
  static IntStream sizes() {
    IntStream around =
        IntStream.of(LANES)
            .flatMap(
                lanes ->
                    IntStream.of(
                        lanes - 1,
                        lanes,
                        lanes + 1,
                        2 * lanes - 1,
                        2 * lanes + 1,
                        4 * lanes - 3,
                        4 * lanes + 3));
    return IntStream.concat(IntStream.of(1, 2, 3, 5, 13, 101, 257), around).sorted().distinct();
  }

  /** Uniform numbers from a range. */
  double[] uniform(int count, double low, double high) {
    return DoubleStream.generate(() -> (float) (low + (high - low) * random.nextDouble()))
        .limit(count)
        .toArray();
  }

  /** Uniform numbers from -1 to 1. */
  double[] uniform(int count) {
    return uniform(count, -1, 1);
  }

  /** Whole numbers from a range, both ends included, whose sums and products are exact. */
  double[] integers(int count, int low, int high) {
    return DoubleStream.generate(() -> low + random.nextInt(high - low + 1)).limit(count).toArray();
  }

  /** Whole numbers from -3 to 3. */
  double[] integers(int count) {
    return integers(count, -3, 3);
  }

  /** Indices from 0 to below a bound. */
  int[] indices(int count, int bound) {
    return IntStream.generate(() -> random.nextInt(bound)).limit(count).toArray();
  }
}

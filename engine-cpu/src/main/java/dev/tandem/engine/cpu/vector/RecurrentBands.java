package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.ints;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;

/**
 * How a batch is cut into bands of sequences, each of which one thread takes through time without
 * waiting for others; and how long the sequences are.
 *
 * <p>Here alone the number of chunks depends on the number of threads: the more sequences a band
 * has, the oftener weights are used that were fetched from a cache. Results do not depend on it,
 * because every element of every kernel is the same sequence of operations whatever rows are beside
 * it.
 */
final class RecurrentBands {
  private final RecurrentSpec spec;
  private final int tiles;
  private final int parts;

  RecurrentBands(RecurrentSpec spec, int threads) {
    this.spec = spec;
    tiles = ceiling(spec.batch(), GemmKernels.ROWS);
    int sharing = ceiling(threads, spec.directions());
    int fewest = ceiling(spec.batch(), RecurrentPlan.BAND);
    parts = Math.min(tiles, ceiling(fewest, sharing) * sharing);
  }

  private static int ceiling(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  /** Returns the number of chunks: the bands of each direction. */
  int chunks() {
    return parts * spec.directions();
  }

  /** Returns the direction of a chunk. */
  int direction(int chunk) {
    return chunk / parts;
  }

  /** Returns the first sequence of a chunk. */
  int first(int chunk) {
    return row(chunk % parts);
  }

  /** Returns the sequence behind the last of a chunk. */
  int end(int chunk) {
    return row(chunk % parts + 1);
  }

  private int row(int part) {
    return Math.min(spec.batch(), tiles * part / parts * GemmKernels.ROWS);
  }

  /**
   * Returns the steps of a sequence; 0 where what is given is no length.
   *
   * @param lengths INT32 {@code [N]}; null where all have T steps
   */
  static int length(RecurrentSpec spec, Tensor lengths, int n) {
    if (lengths == null) {
      return spec.time();
    }
    int length = ints(lengths)[offset(lengths) + n];
    return length > spec.time() ? 0 : Math.max(0, length);
  }

  /** Returns the sequence behind a run of neighbours that all make a step, or that all do not. */
  static int endOfRun(RecurrentSpec spec, Tensor lengths, int first, int end, int t) {
    boolean on = t < length(spec, lengths, first);
    int n = first + 1;
    while (n < end && t < length(spec, lengths, n) == on) {
      n++;
    }
    return n;
  }
}

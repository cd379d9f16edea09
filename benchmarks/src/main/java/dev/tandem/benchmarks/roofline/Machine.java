package dev.tandem.benchmarks.roofline;

import java.util.ArrayList;
import java.util.List;

/**
 * What the processor can do at most with a number of threads.
 *
 * @param threads how many
 * @param peak binary32 operations in a second, all threads together
 * @param bandwidth by the size of the working set, ascending; at least one
 */
public record Machine(int threads, double peak, List<Bandwidth> bandwidth) {
  /**
   * Bytes for each thread, as long as that is in caches of its own: 16 KiB fit the first-level
   * cache of any processor, 192 KiB the second-level cache.
   */
  private static final List<Long> OWN =
      List.of(16L << 10, 32L << 10, 64L << 10, 192L << 10, 512L << 10, 1L << 20);

  /** Bytes of all threads together; the last is larger than nearly all caches. */
  private static final List<Long> SHARED = List.of(6L << 20, 16L << 20, 48L << 20, 256L << 20);

  /**
   * What passes between the processor and a working set of some size.
   *
   * @param workingSet bytes of all threads together
   * @param bytesPerSecond read and written, of all threads together
   */
  public record Bandwidth(long workingSet, double bytesPerSecond) {}

  /** Copies. */
  public Machine {
    bandwidth = List.copyOf(bandwidth);
  }

  /**
   * Measures; it takes a few seconds for each.
   *
   * @param threads the numbers of threads
   * @return one for each
   */
  public static List<Machine> measure(List<Integer> threads) {
    int most = threads.stream().mapToInt(Integer::intValue).max().orElseThrow();
    MemoryProbe memory = new MemoryProbe(SHARED.get(SHARED.size() - 1), most);
    return threads.stream().map(number -> measure(number, memory)).toList();
  }

  private static Machine measure(int threads, MemoryProbe memory) {
    double peak = peak(threads);
    List<Bandwidth> bandwidth = new ArrayList<>();
    for (long own : OWN) {
      long all = own * threads;
      if (all < SHARED.get(0)) {
        bandwidth.add(new Bandwidth(all, memory.bytesPerSecond(threads, all)));
      }
    }
    for (long all : SHARED) {
      bandwidth.add(new Bandwidth(all, memory.bytesPerSecond(threads, all)));
    }
    return new Machine(threads, peak, withoutDips(bandwidth));
  }

  /** What a large working set reaches, a smaller one can: if it did not, it was disturbed. */
  static List<Bandwidth> withoutDips(List<Bandwidth> measured) {
    List<Bandwidth> best = new ArrayList<>(measured);
    for (int i = best.size() - 2; i >= 0; i--) {
      double larger = best.get(i + 1).bytesPerSecond();
      if (best.get(i).bytesPerSecond() < larger) {
        best.set(i, new Bandwidth(best.get(i).workingSet(), larger));
      }
    }
    return best;
  }

  /**
   * Measures the peak of arithmetic alone.
   *
   * @param threads how many
   */
  public static double peak(int threads) {
    return ArithmeticProbe.measure(threads);
  }

  /** Returns the width of the vectors in bits. */
  public static int vectorBits() {
    return ArithmeticProbe.vectorBits();
  }

  /**
   * Returns the bandwidth for a working set, interpolated between those that were measured. What is
   * small comes from a cache, since a case is run again and again.
   *
   * @param bytes of all threads together
   */
  public double bytesPerSecond(double bytes) {
    Bandwidth below = bandwidth.get(0);
    for (Bandwidth above : bandwidth) {
      if (bytes <= above.workingSet()) {
        return between(below, above, bytes);
      }
      below = above;
    }
    return below.bytesPerSecond();
  }

  private static double between(Bandwidth below, Bandwidth above, double bytes) {
    if (bytes <= below.workingSet()) {
      return below.bytesPerSecond();
    }
    double part =
        Math.log(bytes / below.workingSet())
            / Math.log((double) above.workingSet() / below.workingSet());
    return below.bytesPerSecond() * (1 - part) + above.bytesPerSecond() * part;
  }
}

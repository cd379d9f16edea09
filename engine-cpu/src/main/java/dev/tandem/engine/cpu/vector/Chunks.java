package dev.tandem.engine.cpu.vector;

/**
 * How a range is cut into chunks for {@link Workers}: by its size alone, into parts that are as
 * equal as multiples of a cache line allow.
 */
final class Chunks {
  /**
   * About 2 microseconds of the cheapest operations, a little more than handing a chunk to another
   * thread takes.
   */
  static final int ELEMENTS = 16384;

  /** Chunks begin at multiples of 16 elements, one cache line. */
  private static final int LINE = 16;

  /**
   * The fewest chunks of a cheap operation that are shared, half a megabyte. What one thread has
   * written comes slowly out of its cache to another, and in steps as small as this the same thread
   * has written it and is the next to read (docs/performance.md).
   */
  private static final int SHARED_CHEAP = 8;

  private Chunks() {}

  /** Runs an operation that does little more than to read and write. */
  static void runCheap(Workers workers, Workers.Task task, int chunks) {
    if (chunks < SHARED_CHEAP) {
      workers.runAlone(task, chunks);
    } else {
      workers.run(task, chunks);
    }
  }

  /** Returns the number of chunks of a range of elements. */
  static int count(int elements) {
    return (int) ((elements + ELEMENTS - 1L) / ELEMENTS);
  }

  /** Returns the first element of a chunk; that of the chunk after the last is the range's end. */
  static int start(int chunk, int chunks, int elements) {
    return chunk == chunks ? elements : (int) ((long) elements * chunk / chunks) / LINE * LINE;
  }

  /** Returns the number of chunks of rows that have some work for each element. */
  static int ofRows(int rows, int columns) {
    long elements = (long) rows * columns;
    return (int) Math.min(rows, (elements + ELEMENTS - 1) / ELEMENTS);
  }

  /** Returns the first row of a chunk; that of the chunk after the last is the number of rows. */
  static int row(int chunk, int chunks, int rows) {
    return (int) ((long) rows * chunk / chunks);
  }
}

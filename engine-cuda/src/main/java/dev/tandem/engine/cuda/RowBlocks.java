package dev.tandem.engine.cuda;

import dev.tandem.engine.cuda.jcuda.Kernel;

/**
 * How the rows of a matrix are laid on blocks of threads: a row belongs to the threads of a block
 * with the same y, which are as many as its length asks for, so that short rows share a warp and
 * long ones have a block of their own. What a row is computed by depends on its length alone.
 */
final class RowBlocks {
  private static final int WARP = 32;

  /** Up to this length a row is left to one warp, which needs no barrier. */
  private static final int LONGEST_OF_WARP = 1024;

  /** From this length on there is work for the largest block. */
  private static final int LONG = 8192;

  private static final int LARGEST_BLOCK = 512;

  /** Enough to fill any device; a block goes over the rows in steps of the grid. */
  private static final int MOST_BLOCKS = 1 << 16;

  private RowBlocks() {}

  /** Returns the threads of one row: a power of two. */
  static int threads(long length) {
    if (length <= LONGEST_OF_WARP) {
      return powerOfTwo(length, WARP);
    }
    return length < LONG ? Kernel.THREADS : LARGEST_BLOCK;
  }

  /** Returns the rows of one block. */
  static int rows(long length) {
    return Math.max(1, Kernel.THREADS / threads(length));
  }

  /** Launches a kernel over one or more rows. */
  static void launch(Kernel kernel, long rows, long length) {
    launch(kernel, blocks(rows, length, MOST_BLOCKS), length);
  }

  /** Returns the blocks for some rows, at least one and at most so many. */
  static int blocks(long rows, long length, int most) {
    return (int) Math.min(most, Math.max(1, parts(rows, rows(length))));
  }

  /** Launches a number of blocks for rows of a length. */
  static void launch(Kernel kernel, int blocks, long length) {
    kernel.launch(blocks, 1, 1, threads(length), rows(length), 1, 0);
  }

  /** Returns the smallest power of two that is not below a number, or the most if that is less. */
  static int powerOfTwo(long number, int most) {
    int power = 1;
    while (power < number && power < most) {
      power *= 2;
    }
    return power;
  }

  /** Returns how many parts of a size hold so many. */
  static long parts(long count, long size) {
    return (count + size - 1) / size;
  }
}

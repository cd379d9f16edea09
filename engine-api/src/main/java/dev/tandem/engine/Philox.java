package dev.tandem.engine;

import java.util.random.RandomGenerator;

/**
 * The counter-based random numbers Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
 * easy as 1, 2, 3", section 3.3): any block can be computed by itself, on any device, in any order.
 *
 * <p>An instance draws the blocks of one stream in order, for weights and shuffles on the host;
 * {@link #block} gives any block. Instances are not safe for use by several threads.
 */
public final class Philox implements RandomGenerator {
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int KEY_STEP_0 = 0x9E3779B9;
  private static final int KEY_STEP_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private final long seed;
  private final long stream;
  private final int[] words = new int[4];
  private long nextBlock;
  private int used = words.length;

  /**
   * Starts a stream.
   *
   * @param seed the key; equal seeds and streams give equal numbers
   * @param stream tells users of one seed apart
   */
  public Philox(long seed, long stream) {
    this.seed = seed;
    this.stream = stream;
  }

  /** Returns the next 32 random bits. */
  @Override
  public int nextInt() {
    if (used == words.length) {
      block(
          seed,
          (int) nextBlock,
          (int) (nextBlock >>> 32),
          (int) stream,
          (int) (stream >>> 32),
          words);
      nextBlock++;
      used = 0;
    }
    return words[used++];
  }

  @Override
  public long nextLong() {
    long high = nextInt();
    return high << 32 | nextInt() & 0xFFFF_FFFFL;
  }

  /** Fills an array with 0..n-1 in random order (Fisher and Yates). */
  public void permute(int[] order) {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    for (int i = order.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  /**
   * Computes one block of four words.
   *
   * @param seed the key, low word first
   * @param counter0 to {@code counter3}: the counter, {@code counter0} the lowest word
   * @param words the four results, overwritten
   */
  public static void block(
      long seed, int counter0, int counter1, int counter2, int counter3, int[] words) {
    int key0 = (int) seed;
    int key1 = (int) (seed >>> 32);
    int c0 = counter0;
    int c1 = counter1;
    int c2 = counter2;
    int c3 = counter3;
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = (MULTIPLIER_0 & 0xFFFF_FFFFL) * (c0 & 0xFFFF_FFFFL);
      long product1 = (MULTIPLIER_1 & 0xFFFF_FFFFL) * (c2 & 0xFFFF_FFFFL);
      c0 = (int) (product1 >>> 32) ^ c1 ^ key0;
      c2 = (int) (product0 >>> 32) ^ c3 ^ key1;
      c1 = (int) product1;
      c3 = (int) product0;
      key0 += KEY_STEP_0;
      key1 += KEY_STEP_1;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
  }
}

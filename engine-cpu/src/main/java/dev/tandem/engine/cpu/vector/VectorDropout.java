package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.ints;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.INTS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Inverted dropout. Each lane of long integers computes one block of {@link
 * dev.tandem.engine.Philox}; the four words of a block are then put side by side, which is the
 * order of the elements they decide on.
 */
final class VectorDropout extends Dropout {
  private static final VectorSpecies<Long> LONGS =
      VectorSpecies.of(long.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));
  private static final VectorShuffle<Long> FIRST_PAIRS = VectorShuffle.makeZip(LONGS, 0);
  private static final VectorShuffle<Long> LAST_PAIRS = VectorShuffle.makeZip(LONGS, 1);

  private static final long WORD = 0xFFFF_FFFFL;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int KEY_STEP_0 = 0x9E3779B9;
  private static final int KEY_STEP_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final int WORDS = 4;

  /** The elements whose words are drawn before they are used; a multiple of every vector. */
  private static final int STRETCH = 256;

  private final Workers workers;
  private final Job job;

  VectorDropout(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    job = new Job(workers.threads());
  }

  @Override
  protected void compute(double rate, int stream, Tensor state, Tensor in, Tensor out) {
    job.threshold = threshold(rate);
    job.scale = (float) (1 / (1 - rate));
    job.stream = stream;
    job.state = state;
    job.in = in;
    job.out = out;
    job.chunks = Chunks.count(length(in));
    workers.run(job, job.chunks);
  }

  private static final class Job implements Workers.Task {
    private final int[][] words;
    private int threshold;
    private float scale;
    private int stream;
    private Tensor state;
    private Tensor in;
    private Tensor out;
    private int chunks;

    Job(int threads) {
      words = new int[threads][STRETCH];
    }

    @Override
    public void run(int chunk, int worker) {
      int end = Chunks.start(chunk + 1, chunks, length(in));
      int[] drawn = words[worker];
      int[] numbers = ints(state);
      int at = offset(state);
      for (int i = Chunks.start(chunk, chunks, length(in)); i < end; i += STRETCH) {
        int n = Math.min(STRETCH, end - i);
        draw(numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3], stream, i, n, drawn);
        apply(threshold, scale, drawn, floats(in), offset(in) + i, floats(out), offset(out) + i, n);
      }
    }

    /** Draws the words of at least n elements from an index on. */
    private static void draw(
        int seedLow,
        int seedHigh,
        int stepLow,
        int stepHigh,
        int stream,
        int from,
        int n,
        int[] drawn) {
      for (int i = 0; i < n; i += 2 * LENGTH) {
        int key0 = seedLow;
        int key1 = seedHigh;
        LongVector c0 = LongVector.broadcast(LONGS, (from + i) / WORDS).addIndex(1);
        LongVector c1 = LongVector.broadcast(LONGS, stream & WORD);
        LongVector c2 = LongVector.broadcast(LONGS, stepLow & WORD);
        LongVector c3 = LongVector.broadcast(LONGS, stepHigh & WORD);
        for (int round = 0; round < ROUNDS; round++) {
          LongVector product0 = c0.mul(MULTIPLIER_0);
          LongVector product1 = c2.mul(MULTIPLIER_1);
          c0 =
              high(product1)
                  .lanewise(VectorOperators.XOR, c1)
                  .lanewise(VectorOperators.XOR, key0 & WORD);
          c2 =
              high(product0)
                  .lanewise(VectorOperators.XOR, c3)
                  .lanewise(VectorOperators.XOR, key1 & WORD);
          c1 = product1.and(WORD);
          c3 = product0.and(WORD);
          key0 += KEY_STEP_0;
          key1 += KEY_STEP_1;
        }
        LongVector first = c1.lanewise(VectorOperators.LSHL, Integer.SIZE).or(c0);
        LongVector last = c3.lanewise(VectorOperators.LSHL, Integer.SIZE).or(c2);
        first.rearrange(FIRST_PAIRS, last).reinterpretAsInts().intoArray(drawn, i);
        first.rearrange(LAST_PAIRS, last).reinterpretAsInts().intoArray(drawn, i + LENGTH);
      }
    }

    private static LongVector high(LongVector product) {
      return product.lanewise(VectorOperators.LSHR, Integer.SIZE);
    }

    private static void apply(
        int threshold, float scale, int[] drawn, float[] x, int atX, float[] y, int atY, int n) {
      for (int i = 0; i < n; i += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        VectorMask<Float> kept =
            IntVector.fromArray(INTS, drawn, i)
                .compare(VectorOperators.UGE, threshold)
                .cast(FLOATS);
        FloatVector value = FloatVector.fromArray(FLOATS, x, atX + i, mask).mul(scale);
        FloatVector.zero(FLOATS).blend(value, kept).intoArray(y, atY + i, mask);
      }
    }
  }
}

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
import dev.tandem.engine.Philox;
import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Inverted dropout. The words are drawn block by block in plain Java: ten rounds on vectors of long
 * integers are more than C2 inlines as a whole in every program, and where it does not, each vector
 * becomes an object on the heap.
 */
final class VectorDropout extends Dropout {
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
    private final int[][] blocks;
    private int threshold;
    private float scale;
    private int stream;
    private Tensor state;
    private Tensor in;
    private Tensor out;
    private int chunks;

    Job(int threads) {
      words = new int[threads][STRETCH];
      blocks = new int[threads][WORDS];
    }

    @Override
    public void run(int chunk, int worker) {
      int end = Chunks.start(chunk + 1, chunks, length(in));
      int[] drawn = words[worker];
      int[] numbers = ints(state);
      int at = offset(state);
      long seed = (long) numbers[at + 1] << Integer.SIZE | numbers[at] & 0xFFFF_FFFFL;
      for (int i = Chunks.start(chunk, chunks, length(in)); i < end; i += STRETCH) {
        int n = Math.min(STRETCH, end - i);
        draw(seed, numbers[at + 2], numbers[at + 3], stream, i, n, blocks[worker], drawn);
        apply(threshold, scale, drawn, floats(in), offset(in) + i, floats(out), offset(out) + i, n);
      }
    }

    /**
     * Draws the words of at least n elements from an index on, which is that of a block's first.
     */
    private static void draw(
        long seed,
        int stepLow,
        int stepHigh,
        int stream,
        int from,
        int n,
        int[] block,
        int[] drawn) {
      for (int i = 0; i < n; i += WORDS) {
        Philox.block(seed, (from + i) / WORDS, stream, stepLow, stepHigh, block);
        drawn[i] = block[0];
        drawn[i + 1] = block[1];
        drawn[i + 2] = block[2];
        drawn[i + 3] = block[3];
      }
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

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.ints;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.Dropout;
import dev.tandem.engine.Philox;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;

/** Dropout between layers, in place, by the definition of {@link Dropout}. */
final class RecurrentDropout implements Workers.Task {
  private static final int WORDS = 4;

  private final int[][] blocks;
  private RecurrentSpec spec;
  private int layer;
  private Tensor state;
  private float[] values;
  private int atValues;
  private int elements;
  private int chunks;

  RecurrentDropout(int threads) {
    blocks = new int[threads][WORDS];
  }

  /** Says whose outputs, or gradients of outputs, to drop; returns the number of chunks. */
  int set(RecurrentSpec theSpec, int theLayer, Tensor theState, float[] in, int atIn) {
    spec = theSpec;
    layer = theLayer;
    state = theState;
    values = in;
    atValues = atIn;
    elements = spec.time() * spec.batch() * spec.hiddenSize() * spec.directions();
    chunks = Chunks.count(elements);
    return chunks;
  }

  @Override
  public void run(int chunk, int worker) {
    int end = Chunks.start(chunk + 1, chunks, elements);
    int[] words = blocks[worker];
    int[] numbers = ints(state);
    int at = offset(state);
    long seed = (long) numbers[at + 1] << Integer.SIZE | numbers[at] & 0xFFFF_FFFFL;
    int stream = spec.dropoutStream() + layer;
    int threshold = Dropout.threshold(spec.dropout());
    float scale = (float) (1 / (1 - spec.dropout()));
    for (int i = Chunks.start(chunk, chunks, elements); i < end; i += WORDS) {
      Philox.block(seed, i / WORDS, stream, numbers[at + 2], numbers[at + 3], words);
      for (int j = 0; j < Math.min(WORDS, end - i); j++) {
        boolean kept = Integer.compareUnsigned(words[j], threshold) >= 0;
        values[atValues + i + j] = kept ? values[atValues + i + j] * scale : 0;
      }
    }
  }
}

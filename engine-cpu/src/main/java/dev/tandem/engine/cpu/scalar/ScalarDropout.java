package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Dropout;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Tensor;

/** Inverted dropout. */
final class ScalarDropout extends Dropout {
  ScalarDropout(Backend backend) {
    super(backend);
  }

  @Override
  protected void compute(double rate, int stream, Tensor state, Tensor in, Tensor out) {
    Values from = Values.of(in);
    Values to = Values.of(out);
    Indices numbers = Indices.of(state);
    long seed = (long) numbers.get(1) << 32 | numbers.get(0) & 0xFFFF_FFFFL;
    int threshold = threshold(rate);
    int[] words = new int[4];
    // out[i] = in[i] / (1 - rate) if word i of the random numbers is at least the threshold, else 0
    for (int i = 0; i < from.length(); i++) {
      if (i % 4 == 0) {
        Philox.block(seed, i / 4, stream, numbers.get(2), numbers.get(3), words);
      }
      boolean kept = Integer.compareUnsigned(words[i % 4], threshold) >= 0;
      to.set(i, kept ? from.get(i) / (1 - rate) : 0);
    }
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/**
 * A copy of the input with zeros behind the end of each sequence: a gradient of 0 times NaN would
 * be NaN in the sum over all steps. A chunk is a step.
 */
final class RecurrentPadding implements Workers.Task {
  private RecurrentSpec spec;
  private Tensor x;
  private Tensor lengths;
  private float[] copy;
  private int atCopy;

  void set(RecurrentSpec theSpec, Tensor theX, Tensor theLengths, float[] to, int atTo) {
    spec = theSpec;
    x = theX;
    lengths = theLengths;
    copy = to;
    atCopy = atTo;
  }

  @Override
  public void run(int chunk, int worker) {
    int columns = spec.inputSize();
    for (int n = 0; n < spec.batch(); n++) {
      int at = (chunk * spec.batch() + n) * columns;
      if (chunk < RecurrentBands.length(spec, lengths, n)) {
        System.arraycopy(floats(x), offset(x) + at, copy, atCopy + at, columns);
      } else {
        Arrays.fill(copy, atCopy + at, atCopy + at + columns, 0);
      }
    }
  }
}

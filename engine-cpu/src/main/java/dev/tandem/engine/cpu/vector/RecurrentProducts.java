package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;

/** The matrix products over all steps at once, worked out when a plan is made. */
final class RecurrentProducts {
  /**
   * Slots that are neighbours and so are their gates in the weights.
   *
   * @param slot the first slot
   * @param gate the first gate
   * @param count how many
   */
  record Range(int slot, int gate, int count) {}

  private static final Range[] GRU = {new Range(0, 2, 1), new Range(1, 0, 2)};

  private final Range[] ranges;
  private final GemmSpec[][][] inputGradients;
  private final GemmSpec[][] inputWeights;
  private final GemmSpec hiddenWeights;

  RecurrentProducts(RecurrentSpec spec, int rowLength) {
    int gates = spec.cell().gates();
    ranges = spec.cell() == RecurrentCell.GRU ? GRU : new Range[] {new Range(0, 0, gates)};
    int rows = Math.multiplyExact(spec.time(), spec.batch());
    int hidden = spec.hiddenSize();
    inputGradients = new GemmSpec[spec.layers()][spec.directions()][ranges.length];
    inputWeights = new GemmSpec[spec.layers()][ranges.length];
    for (int layer = 0; layer < spec.layers(); layer++) {
      int inputs = spec.inputSize(layer);
      for (int i = 0; i < ranges.length; i++) {
        int size = ranges[i].count() * hidden;
        GemmSpec data = GemmSpec.of(rows, inputs, size).withLeading(rowLength, inputs, inputs);
        for (int direction = 0; direction < spec.directions(); direction++) {
          inputGradients[layer][direction][i] =
              i == 0 && direction == 0 ? data : data.accumulating();
        }
        inputWeights[layer][i] = weights(size, inputs, rows, rowLength);
      }
    }
    hiddenWeights = weights(gates * hidden, hidden, rows, rowLength);
  }

  private static GemmSpec weights(int m, int n, int k, int rowLength) {
    return GemmSpec.of(m, n, k).withTransposedA().withLeading(rowLength, n, n).accumulating();
  }

  /** Returns the number of ranges that the slots of products with x make. */
  int count() {
    return ranges.length;
  }

  Range range(int i) {
    return ranges[i];
  }

  /** {@code dx = da W_ih} for a range; all but the first add to it. */
  GemmSpec inputGradient(int layer, int direction, int range) {
    return inputGradients[layer][direction][range];
  }

  /** {@code dW_ih += da^T x} for a range. */
  GemmSpec inputWeights(int layer, int range) {
    return inputWeights[layer][range];
  }

  /** {@code dW_hh += da^T h'}. */
  GemmSpec hiddenWeights() {
    return hiddenWeights;
  }
}

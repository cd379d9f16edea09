package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.GemmSpec;
import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;

/** The products that make the gradients of a layer's input, worked out when a plan is made. */
final class RecurrentProducts {
  /**
   * Slots that lie side by side without a gap, as their gates do in the weights.
   *
   * @param slot the first slot
   * @param gate the first gate
   * @param count how many
   */
  record Range(int slot, int gate, int count) {}

  private final Range[] ranges;
  private final GemmSpec[][][] inputGradients;

  RecurrentProducts(RecurrentSpec spec, RecurrentSlots slots) {
    ranges = ranges(spec, slots);
    int rows = Math.multiplyExact(spec.time(), spec.batch());
    inputGradients = new GemmSpec[spec.layers()][spec.directions()][ranges.length];
    for (int layer = 0; layer < spec.layers(); layer++) {
      int inputs = spec.inputSize(layer);
      for (int i = 0; i < ranges.length; i++) {
        int size = ranges[i].count() * spec.hiddenSize();
        GemmSpec data =
            GemmSpec.of(rows, inputs, size).withLeading(slots.rowLength(), inputs, inputs);
        for (int direction = 0; direction < spec.directions(); direction++) {
          inputGradients[layer][direction][i] =
              i == 0 && direction == 0 ? data : data.accumulating();
        }
      }
    }
  }

  private static Range[] ranges(RecurrentSpec spec, RecurrentSlots slots) {
    int gates = spec.cell().gates();
    if (slots.width() > spec.hiddenSize()) {
      Range[] single = new Range[gates];
      for (int slot = 0; slot < gates; slot++) {
        single[slot] = new Range(slot, slots.inputGate(slot), 1);
      }
      return single;
    }
    return spec.cell() == RecurrentCell.GRU
        ? new Range[] {new Range(0, 2, 1), new Range(1, 0, 2)}
        : new Range[] {new Range(0, 0, gates)};
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
}

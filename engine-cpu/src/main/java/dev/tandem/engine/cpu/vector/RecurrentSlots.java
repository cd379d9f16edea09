package dev.tandem.engine.cpu.vector;

import dev.tandem.engine.RecurrentCell;
import dev.tandem.engine.RecurrentSpec;

/**
 * How the gates of a sequence lie in a row: slot by slot, each with room for whole vectors.
 *
 * <p>The slots of an LSTM are i, f, g, o; those of a GRU n, r, z, q with {@code q = W_hn h + b_hn},
 * so that the products with x (n, r, z) and with h (r, z, q) each take neighbours.
 */
final class RecurrentSlots {
  /** Elements of a cache line. */
  private static final int LINE = 16;

  private final int hidden;
  private final int gates;
  private final int count;
  private final int firstHidden;
  private final int width;

  RecurrentSlots(RecurrentSpec spec) {
    hidden = spec.hiddenSize();
    gates = spec.cell().gates();
    firstHidden = spec.cell() == RecurrentCell.GRU ? 1 : 0;
    count = gates + firstHidden;
    width = (hidden + Lanes.LENGTH - 1) / Lanes.LENGTH * Lanes.LENGTH;
  }

  /**
   * Rounds a row's elements up to an odd number of cache lines: the same part of many rows, with a
   * power of two between them, would fall into a few sets of the first-level cache.
   */
  static int oddLines(int elements) {
    int lines = (elements + LINE - 1) / LINE;
    return (lines | 1) * LINE;
  }

  /** Returns the number of slots. */
  int count() {
    return count;
  }

  /** Returns the elements of a slot: H and room for whole vectors. */
  int width() {
    return width;
  }

  /** Returns the elements from the gates of one sequence to those of the next. */
  int rowLength() {
    return oddLines(count * width);
  }

  /** Returns the first slot that a product with h goes to; those with x go to slot 0 and on. */
  int firstHidden() {
    return firstHidden;
  }

  /** Returns the terms of a slot's sums that come from h: H or none. */
  int hiddenTerms(int slot) {
    return slot < firstHidden ? 0 : hidden;
  }

  /** Returns the terms of a slot's sums that come from x, of those that there are: all or none. */
  int inputTerms(int slot, int inputs) {
    return slot < gates ? inputs : 0;
  }

  /** Returns the gate in the order of the weights whose product with x goes to a slot. */
  int inputGate(int slot) {
    return (slot + gates - firstHidden) % gates;
  }

  /** Returns the gate in the order of the weights whose product with h goes to a slot. */
  int hiddenGate(int slot) {
    return slot - firstHidden;
  }
}

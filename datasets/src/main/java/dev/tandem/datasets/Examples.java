package dev.tandem.datasets;

/**
 * Inputs with their targets, one example per row.
 *
 * @param inputs float32 {@code [N,...]} or int32 {@code [N,...]}
 * @param targets int32 {@code [N]} class ids, or float32 {@code [N,K]}
 * @param origins float32 {@code [N,K]} what the targets count from, in the units of the data; null
 *     if that is 0
 */
public record Examples(HostArray inputs, HostArray targets, HostArray origins) {
  /** Checks that there is a target for each input. */
  public Examples {
    if (inputs.size() != targets.size()) {
      throw new IllegalArgumentException(
          "inputs " + inputs + " and targets " + targets + " differ in N");
    }
  }

  /** Examples whose targets count from 0. */
  public Examples(HostArray inputs, HostArray targets) {
    this(inputs, targets, null);
  }

  /** The number of examples. */
  public int size() {
    return inputs.size();
  }

  /** A copy of the given examples, in the given order. */
  public Examples select(int[] rows) {
    return new Examples(
        inputs.select(rows), targets.select(rows), origins == null ? null : origins.select(rows));
  }
}

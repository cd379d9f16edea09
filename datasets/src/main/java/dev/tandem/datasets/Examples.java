package dev.tandem.datasets;

/**
 * Inputs with their targets, one example per row.
 *
 * @param inputs float32 {@code [N,...]} or int32 {@code [N,...]}
 * @param targets int32 {@code [N]} class ids, or float32 {@code [N,K]}
 */
public record Examples(HostArray inputs, HostArray targets) {
  public Examples {
    if (inputs.size() != targets.size()) {
      throw new IllegalArgumentException(
          "inputs " + inputs + " and targets " + targets + " differ in N");
    }
  }

  /** The number of examples. */
  public int size() {
    return inputs.size();
  }

  /** A copy of the given examples, in the given order. */
  public Examples select(int[] rows) {
    return new Examples(inputs.select(rows), targets.select(rows));
  }
}

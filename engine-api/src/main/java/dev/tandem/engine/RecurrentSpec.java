package dev.tandem.engine;

/**
 * What a stack of recurrent layers is to do.
 *
 * @param cell the cell
 * @param time T, the steps of the longest sequence, at least 1
 * @param batch N, the sequences, at least 1
 * @param inputSize I, the features of a step, at least 1
 * @param hiddenSize H, the units of a layer and direction, at least 1
 * @param layers L, at least 1; a layer above the first reads the H*D outputs of the one below
 * @param bidirectional whether every layer also runs from the last step to the first, D = 2
 * @param dropout the rate in [0,1) at which outputs of a layer are dropped before the next one, in
 *     training alone
 * @param dropoutStream the first stream of {@link Dropout}; the outputs of layer l are dropped with
 *     stream {@code dropoutStream + l}
 * @param training whether a backward pass may follow, for which the forward pass fills a reserve
 */
public record RecurrentSpec(
    RecurrentCell cell,
    int time,
    int batch,
    int inputSize,
    int hiddenSize,
    int layers,
    boolean bidirectional,
    double dropout,
    int dropoutStream,
    boolean training) {

  /** Checks the values. */
  public RecurrentSpec {
    atLeastOne("time", time);
    atLeastOne("batch", batch);
    atLeastOne("inputSize", inputSize);
    atLeastOne("hiddenSize", hiddenSize);
    atLeastOne("layers", layers);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "recurrent: dropout is %s (give a number from 0 to below 1)".formatted(dropout));
    }
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "recurrent: %s is %d (give 1 or more)".formatted(name, value));
    }
  }

  /** Returns D: 2 for both directions, else 1. */
  public int directions() {
    return bidirectional ? 2 : 1;
  }

  /** Returns the features that a layer reads: I for layer 0, H D above. */
  public int inputSize(int layer) {
    return layer == 0 ? inputSize : hiddenSize * directions();
  }

  /** Returns the rows of a layer's weight matrices: H for each gate. */
  public int gateRows() {
    return cell.gates() * hiddenSize;
  }

  /** Returns whether outputs are dropped between layers. */
  public boolean drops() {
    return training && dropout > 0 && layers > 1;
  }

  /**
   * Returns the multiplications and additions of the forward pass's matrix products. Each of the
   * two backward passes has as many.
   */
  public long flops() {
    long perStep = 0;
    for (int layer = 0; layer < layers; layer++) {
      perStep += 2L * directions() * gateRows() * (inputSize(layer) + hiddenSize);
    }
    return perStep * time * batch;
  }
}

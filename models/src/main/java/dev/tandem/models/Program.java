package dev.tandem.models;

import dev.tandem.engine.Tensor;
import dev.tandem.models.layers.BoundLayer;
import java.util.List;

/**
 * A network bound to a backend for one batch size: what runs.
 *
 * @param batch the number of examples N
 * @param input {@code [N, input...]}, or {@code [T,N,...]} for a network that recurs, to be filled
 *     by the caller
 * @param lengths the steps of each sequence, INT32 {@code [N]}, to be filled by the caller; null if
 *     all have T
 * @param inputGradient as large, overwritten by {@link #backward}; null if not wanted
 * @param layers the layers in order; the output of the last is the network's
 */
public record Program(
    int batch, Tensor input, Tensor lengths, Tensor inputGradient, List<BoundLayer> layers) {
  /** Returns the output {@code [N, output...]}. */
  public Tensor output() {
    return last().output();
  }

  /** Returns the gradient of the output, which the loss writes; null if nothing is trained. */
  public Tensor outputGradient() {
    return last().outputGradient();
  }

  /** Forgets the states of recurrent layers, before sequences that go on nothing. */
  public void resetState() {
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).resetState();
    }
  }

  /** Computes the output from the input. */
  public void forward() {
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).forward();
    }
  }

  /** Accumulates the gradients of all parameters from the gradient of the output. */
  public void backward() {
    for (int i = layers.size() - 1; i >= 0; i--) {
      layers.get(i).backward();
    }
  }

  private BoundLayer last() {
    return layers.get(layers.size() - 1);
  }
}

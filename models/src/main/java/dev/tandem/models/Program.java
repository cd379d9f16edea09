package dev.tandem.models;

import dev.tandem.engine.Tensor;
import dev.tandem.models.layers.BoundLayer;
import java.util.List;

/**
 * A network bound to a backend for one batch size: what runs.
 *
 * @param batch the number of examples N
 * @param input {@code [N, input...]}, to be filled by the caller
 * @param inputGradient as large, overwritten by {@link #backward}; null if not wanted
 * @param layers the layers in order; the output of the last is the network's
 */
public record Program(int batch, Tensor input, Tensor inputGradient, List<BoundLayer> layers) {
  /** Returns the output {@code [N, output...]}. */
  public Tensor output() {
    return last().output();
  }

  /** Returns the gradient of the output, which the loss writes; null if nothing is trained. */
  public Tensor outputGradient() {
    return last().outputGradient();
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

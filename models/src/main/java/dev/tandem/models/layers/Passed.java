package dev.tandem.models.layers;

import dev.tandem.engine.Tensor;

/**
 * A layer that leaves the elements alone: its output is its input, perhaps seen with another shape.
 */
final class Passed extends BoundLayer {
  Passed(String name, Tensor y, Tensor dy) {
    super(name, y, dy);
  }

  @Override
  public void forward() {
    // The output is the input's memory.
  }

  @Override
  public void backward() {
    // The gradient of the output is that of the input.
  }
}

package dev.tandem.models.weights;

/**
 * A parameter by its name. The arrays are not copied.
 *
 * @param name PyTorch's name of it, such as {@code fc1.weight}
 * @param shape extents, outermost first; none is a scalar
 * @param values as many as the product of the extents, row-major
 */
public record NamedTensor(String name, int[] shape, float[] values) {
  /**
   * Checks that the parts fit.
   *
   * @throws IllegalArgumentException if the number of values is not the product of the extents
   */
  public NamedTensor {
    TensorEntry.requireFit(name, shape, values.length);
  }
}

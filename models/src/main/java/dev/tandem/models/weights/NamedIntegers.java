package dev.tandem.models.weights;

/**
 * A tensor of whole numbers by its name, such as batch norm's {@code num_batches_tracked}. The
 * arrays are not copied.
 *
 * @param name as in the file
 * @param shape extents, outermost first; none is a scalar
 * @param values as many as the product of the extents, row-major; truth values are 0 and 1
 */
public record NamedIntegers(String name, int[] shape, long[] values) {
  /**
   * Checks that the parts fit.
   *
   * @throws IllegalArgumentException if the number of values is not the product of the extents
   */
  public NamedIntegers {
    TensorEntry.requireFit(name, shape, values.length);
  }
}

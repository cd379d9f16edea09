package dev.tandem.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * Where some rows of a canonical parameter lie inside the block of weights of a recurrent plan, row
 * after row without gaps. Together the regions of a plan hold every row of every parameter once.
 *
 * @param parameter PyTorch's name: {@code weight_ih_l0 [G*H,I]}, {@code weight_hh_l0 [G*H,H]},
 *     {@code bias_ih_l0 [G*H]}, {@code bias_hh_l0 [G*H]}, {@code weight_ih_l0_reverse} and so on
 * @param firstRow the first row of the parameter
 * @param rows how many rows lie here
 * @param columns the elements of a row; 1 for biases
 * @param offset the index of the first element from the beginning of the block
 */
public record WeightRegion(String parameter, int firstRow, int rows, int columns, long offset) {

  /** Returns the number of elements. */
  public long elements() {
    return (long) rows * columns;
  }

  /**
   * Returns the plainest layout: every parameter whole, in PyTorch's order (for each layer and
   * direction {@code weight_ih, weight_hh, bias_ih, bias_hh}), each beginning at a multiple of
   * {@link MemoryPlan#ALIGNMENT}. It depends on the cell and the sizes of the weights alone.
   */
  public static List<WeightRegion> wholeParameters(RecurrentSpec spec) {
    List<WeightRegion> regions = new ArrayList<>();
    long offset = 0;
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < spec.directions(); direction++) {
        String suffix = "_l" + layer + (direction == 0 ? "" : "_reverse");
        String[] names = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
        int[] columns = {spec.inputSize(layer), spec.hiddenSize(), 1, 1};
        for (int i = 0; i < names.length; i++) {
          WeightRegion region =
              new WeightRegion(names[i] + suffix, 0, spec.gateRows(), columns[i], offset);
          regions.add(region);
          offset = MemoryPlan.roundUp(offset + region.elements());
        }
      }
    }
    return List.copyOf(regions);
  }

  /** Returns the elements of the block that ends with the last of some regions. */
  public static long end(List<WeightRegion> regions) {
    WeightRegion last = regions.get(regions.size() - 1);
    return MemoryPlan.roundUp(last.offset() + last.elements());
  }
}

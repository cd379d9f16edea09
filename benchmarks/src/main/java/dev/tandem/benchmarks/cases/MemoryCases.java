package dev.tandem.benchmarks.cases;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise.Binary;
import dev.tandem.engine.Losses.Pointwise;
import dev.tandem.engine.Reductions.Axis;
import java.util.ArrayList;
import java.util.List;

/**
 * Operations that memory bounds, on operands larger than a processor's second-level cache: what
 * they reach of its bandwidth. The smaller size is one that the last cache of a server holds.
 */
public final class MemoryCases {
  private static final int[] SIDES = {1024, 4096};

  /** The parameters of small networks, of a large one, and of none that a cache holds. */
  private static final int[] PARAMETERS = {100_000, 420_000, 2_000_000, 16_000_000};

  private MemoryCases() {}

  /** Returns all cases. */
  public static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (int side : SIDES) {
      String shape = side + "x" + side;
      cases.add(ElementCases.scale(shape));
      cases.add(ElementCases.binary(shape, Binary.ADD, Broadcast.SAME));
      cases.add(ElementCases.binary(shape, Binary.MULTIPLY, Broadcast.ROW));
      cases.add(ElementCases.multiplyAdd(shape));
      cases.add(ElementCases.activation(shape, Activation.RELU, false));
      cases.add(ElementCases.activation(shape, Activation.RELU, true));
      for (Axis axis : Axis.values()) {
        cases.add(RowCases.sum(shape, axis));
      }
      cases.add(RowCases.softmax(shape));
      cases.add(RowCases.softmaxBackward(shape));
      cases.add(RowCases.crossEntropy(shape));
      cases.add(RowCases.layerNorm(shape));
      cases.add(RowCases.layerNormBackward(shape));
      cases.add(RowCases.pointwise(shape, Pointwise.MSE));
    }
    // Two sizes of a channel: one that the second-level cache holds, and one that it does not.
    for (String shape : List.of("16x64x32", "64x64x64", "64x16x128")) {
      cases.add(RowCases.batchNorm(shape));
      cases.add(RowCases.batchNormBackward(shape));
    }
    for (int parameters : PARAMETERS) {
      cases.add(OptimizerCases.norm(parameters));
      cases.add(OptimizerCases.sgd(parameters));
      cases.add(OptimizerCases.momentum(parameters));
      cases.add(OptimizerCases.adam(parameters, false));
      cases.add(OptimizerCases.adam(parameters, true));
    }
    return cases;
  }
}

package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.WeightRegion;
import dev.tandem.engine.cells.Cell;
import java.util.List;

/**
 * Recurrent layers by the cells of {@code dev.tandem.engine.cells}, one sequence after the other.
 * The backward pass computes the forward pass again; the reserve holds the gradient of the weights
 * from {@code backwardData} to {@code backwardWeights}.
 */
final class ScalarRecurrent extends Recurrent {
  /** The plan: every parameter whole. */
  private record ScalarPlan(RecurrentSpec spec, List<WeightRegion> regions) implements Plan {
    @Override
    public String algorithm() {
      return "teaching cells";
    }

    @Override
    public long weightElements() {
      return WeightRegion.end(regions);
    }

    @Override
    public long workspaceElements() {
      return 0;
    }

    @Override
    public long reserveElements() {
      return spec.training() ? weightElements() : 0;
    }
  }

  ScalarRecurrent(Backend backend) {
    super(backend);
  }

  @Override
  protected Plan makePlan(RecurrentSpec spec) {
    return new ScalarPlan(spec, WeightRegion.wholeParameters(spec));
  }

  @Override
  protected void computeForward(Plan plan, Forward tensors) {
    ScalarPlan own = own(plan, ScalarPlan.class);
    new ScalarSequences(own.spec(), own.regions(), tensors).forward();
  }

  @Override
  protected void computeBackwardData(Plan plan, Backward tensors) {
    ScalarPlan own = own(plan, ScalarPlan.class);
    new ScalarSequences(own.spec(), own.regions(), tensors.forward()).backward(tensors);
  }

  @Override
  protected void computeBackwardWeights(Plan plan, Backward tensors) {
    ScalarPlan own = own(plan, ScalarPlan.class);
    Values kept = Values.of(tensors.forward().reserve());
    Values sums = Values.of(tensors.dweights());
    // Parameter by parameter: what lies between them stays as it is.
    for (WeightRegion region : own.regions()) {
      for (int i = 0; i < region.elements(); i++) {
        int at = (int) region.offset() + i;
        sums.add(at, kept.get(at));
      }
    }
  }

  /** Reads the parameters of a layer and direction. */
  static Cell.Weights weights(
      RecurrentSpec spec, List<WeightRegion> regions, Values block, int layer, int direction) {
    Cell.Weights weights =
        Cell.Weights.zeros(spec.cell().gates(), spec.inputSize(layer), spec.hiddenSize());
    double[][] parameters = parameters(weights);
    for (int i = 0; i < parameters.length; i++) {
      int offset = offset(spec, regions, layer, direction, i);
      for (int j = 0; j < parameters[i].length; j++) {
        parameters[i][j] = block.get(offset + j);
      }
    }
    return weights;
  }

  /** Writes the gradients of the parameters of a layer and direction. */
  static void keep(
      RecurrentSpec spec,
      List<WeightRegion> regions,
      Cell.Weights gradients,
      Values block,
      int layer,
      int direction) {
    double[][] parameters = parameters(gradients);
    for (int i = 0; i < parameters.length; i++) {
      int offset = offset(spec, regions, layer, direction, i);
      for (int j = 0; j < parameters[i].length; j++) {
        block.set(offset + j, parameters[i][j]);
      }
    }
  }

  private static double[][] parameters(Cell.Weights weights) {
    return new double[][] {
      weights.weightIh(), weights.weightHh(), weights.biasIh(), weights.biasHh()
    };
  }

  private static int offset(
      RecurrentSpec spec, List<WeightRegion> regions, int layer, int direction, int parameter) {
    return (int) regions.get((layer * spec.directions() + direction) * 4 + parameter).offset();
  }
}

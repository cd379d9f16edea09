package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import java.util.Arrays;

/**
 * Recurrent layers: {@link RecurrentForward} and {@link RecurrentBackward} take bands of sequences
 * through time; what can wait until all steps are known are products over all of them: dx and, by
 * {@link RecurrentWeights}, the gradients of the weights.
 */
final class VectorRecurrent extends Recurrent {
  /**
   * Less work than this, some 100 microseconds forward, is not shared: what threads give each other
   * between packing, both passes and the gradients of the weights costs as much as is gained.
   */
  private static final long SHARED_FLOPS = 1 << 24;

  private final Workers workers;
  private final VectorGemm gemm;
  private final RecurrentPacking forwardPacking;
  private final RecurrentPacking backwardPacking;
  private final RecurrentForward forward;
  private final RecurrentBackward backward;
  private final RecurrentDropout dropout;
  private final RecurrentWeights weightGradients;

  VectorRecurrent(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    gemm = new VectorGemm(backend, workers);
    forwardPacking = new RecurrentPacking(false, workers.threads());
    backwardPacking = new RecurrentPacking(true, workers.threads());
    forward = new RecurrentForward(workers.threads());
    backward = new RecurrentBackward(workers.threads());
    weightGradients = new RecurrentWeights(workers.threads());
    dropout = new RecurrentDropout(workers.threads());
  }

  @Override
  protected Plan makePlan(RecurrentSpec spec) {
    return new RecurrentPlan(spec, workers.threads());
  }

  @Override
  protected void computeForward(Plan thePlan, Forward tensors) {
    RecurrentPlan plan = own(thePlan, RecurrentPlan.class);
    RecurrentSpec spec = plan.spec();
    Tensor weights = tensors.weights();
    float[] workspace = floats(tensors.workspace());
    int atWorkspace = offset(tensors.workspace());
    float[] in = floats(tensors.x());
    int atIn = offset(tensors.x());
    for (int layer = 0; layer < spec.layers(); layer++) {
      boolean last = layer == spec.layers() - 1;
      float[] out = last ? floats(tensors.y()) : workspace;
      int atOut = last ? offset(tensors.y()) : atWorkspace + plan.outputs(layer);
      forwardPacking.set(plan, layer, floats(weights), offset(weights), workspace, atWorkspace);
      run(plan, forwardPacking, forwardPacking.chunks());
      forward.set(plan, tensors, layer, in, atIn, out, atOut);
      run(plan, forward, plan.bands().chunks());
      if (!last && spec.drops()) {
        run(plan, dropout, dropout.set(spec, layer, tensors.dropoutState(), out, atOut));
      }
      in = out;
      atIn = atOut;
    }
    spoil(spec, tensors.lengths(), tensors.y(), spec.hiddenSize() * spec.directions());
  }

  @Override
  protected void computeBackwardData(Plan thePlan, Backward tensors) {
    RecurrentPlan plan = own(thePlan, RecurrentPlan.class);
    RecurrentSpec spec = plan.spec();
    Tensor weights = tensors.forward().weights();
    float[] workspace = floats(tensors.forward().workspace());
    int atWorkspace = offset(tensors.forward().workspace());
    float[] outer = tensors.dy() == null ? null : floats(tensors.dy());
    int atOuter = tensors.dy() == null ? 0 : offset(tensors.dy());
    for (int layer = spec.layers() - 1; layer >= 0; layer--) {
      backwardPacking.set(plan, layer, floats(weights), offset(weights), workspace, atWorkspace);
      run(plan, backwardPacking, backwardPacking.chunks());
      backward.set(plan, tensors, layer, outer, atOuter);
      run(plan, backward, plan.bands().chunks());
      if (layer > 0) {
        outer = workspace;
        atOuter = atWorkspace + plan.doutputs();
        inputGradient(plan, tensors, layer, outer, atOuter);
        if (spec.drops()) {
          Tensor state = tensors.forward().dropoutState();
          run(plan, dropout, dropout.set(spec, layer - 1, state, outer, atOuter));
        }
      } else if (tensors.dx() != null) {
        inputGradient(plan, tensors, layer, floats(tensors.dx()), offset(tensors.dx()));
        spoil(spec, tensors.forward().lengths(), tensors.dx(), spec.inputSize());
      }
    }
  }

  /** {@code dx = da W_ih} over all steps, the sum of both directions. */
  private void inputGradient(
      RecurrentPlan plan, Backward tensors, int layer, float[] dx, int atDx) {
    RecurrentSpec spec = plan.spec();
    Tensor weights = tensors.forward().weights();
    Tensor reserve = tensors.forward().reserve();
    int inputs = spec.inputSize(layer);
    RecurrentProducts products = plan.products();
    for (int direction = 0; direction < spec.directions(); direction++) {
      int gates = offset(reserve) + plan.gates(layer, direction);
      int from = offset(weights) + plan.parameter(layer, direction, 0);
      for (int i = 0; i < products.count(); i++) {
        gemm.multiply(
            products.inputGradient(layer, direction, i),
            floats(reserve),
            gates + products.range(i).slot() * plan.slots().width(),
            floats(weights),
            from + products.range(i).gate() * spec.hiddenSize() * inputs,
            dx,
            atDx);
      }
    }
  }

  @Override
  protected void computeBackwardWeights(Plan thePlan, Backward tensors) {
    RecurrentPlan plan = own(thePlan, RecurrentPlan.class);
    for (int layer = 0; layer < plan.spec().layers(); layer++) {
      run(plan, weightGradients, weightGradients.set(plan, tensors, layer));
    }
  }

  private void run(RecurrentPlan plan, Workers.Task task, int chunks) {
    if (plan.spec().flops() < SHARED_FLOPS) {
      workers.runAlone(task, chunks);
    } else {
      workers.run(task, chunks);
    }
  }

  /** Writes NaN for the examples whose length is none. */
  private static void spoil(RecurrentSpec spec, Tensor lengths, Tensor values, int columns) {
    for (int n = 0; lengths != null && n < spec.batch(); n++) {
      if (RecurrentBands.length(spec, lengths, n) == 0) {
        for (int t = 0; t < spec.time(); t++) {
          int at = offset(values) + (t * spec.batch() + n) * columns;
          Arrays.fill(floats(values), at, at + columns, Float.NaN);
        }
      }
    }
  }
}

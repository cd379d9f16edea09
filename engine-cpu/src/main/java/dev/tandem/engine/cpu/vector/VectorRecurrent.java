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
 * through time; what can wait until all steps are known, dx and the gradients of the weights, is
 * one matrix product over all of them.
 */
final class VectorRecurrent extends Recurrent {
  /** Less work in a layer than this, some 10 microseconds, is not shared. */
  private static final long SHARED_FLOPS = 1 << 20;

  private final Workers workers;
  private final VectorGemm gemm;
  private final RecurrentPacking forwardPacking = new RecurrentPacking(false);
  private final RecurrentPacking backwardPacking = new RecurrentPacking(true);
  private final RecurrentForward forward;
  private final RecurrentBackward backward;
  private final RecurrentDropout dropout;
  private final RecurrentPadding padding = new RecurrentPadding();
  private final RecurrentBiases biases = new RecurrentBiases();

  VectorRecurrent(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    gemm = new VectorGemm(backend, workers);
    forward = new RecurrentForward(workers.threads());
    backward = new RecurrentBackward(workers.threads());
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
    float[] store = spec.training() ? floats(tensors.reserve()) : workspace;
    int atStore = spec.training() ? offset(tensors.reserve()) : atWorkspace;
    float[] in = floats(tensors.x());
    int atIn = offset(tensors.x());
    for (int layer = 0; layer < spec.layers(); layer++) {
      boolean last = layer == spec.layers() - 1;
      float[] out = last ? floats(tensors.y()) : store;
      int atOut = last ? offset(tensors.y()) : atStore + plan.outputs(layer);
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
            gates + products.range(i).slot() * spec.hiddenSize(),
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
    RecurrentSpec spec = plan.spec();
    Forward forward = tensors.forward();
    float[] store = floats(forward.reserve());
    int atStore = offset(forward.reserve());
    float[] in = floats(forward.x());
    int atIn = offset(forward.x());
    if (forward.lengths() != null) {
      in = floats(forward.workspace());
      atIn = offset(forward.workspace());
      padding.set(spec, forward.x(), forward.lengths(), in, atIn);
      run(plan, padding, spec.time());
    }
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < spec.directions(); direction++) {
        weightGradients(plan, tensors, layer, direction, in, atIn);
        biasGradients(plan, tensors, layer, direction);
      }
      in = store;
      atIn = atStore + plan.outputs(layer);
    }
  }

  private void weightGradients(
      RecurrentPlan plan, Backward tensors, int layer, int direction, float[] in, int atIn) {
    RecurrentSpec spec = plan.spec();
    float[] store = floats(tensors.forward().reserve());
    int atStore = offset(tensors.forward().reserve());
    float[] dweights = floats(tensors.dweights());
    int atWeights = offset(tensors.dweights());
    int hidden = spec.hiddenSize();
    int gates = atStore + plan.gates(layer, direction);
    RecurrentProducts products = plan.products();
    for (int i = 0; i < products.count(); i++) {
      RecurrentProducts.Range range = products.range(i);
      int to = plan.parameter(layer, direction, 0);
      to += range.gate() * hidden * spec.inputSize(layer);
      gemm.multiply(
          products.inputWeights(layer, i),
          store,
          gates + range.slot() * hidden,
          in,
          atIn,
          dweights,
          atWeights + to);
    }
    int before = direction == 0 ? 0 : spec.batch() * hidden;
    gemm.multiply(
        products.hiddenWeights(),
        store,
        gates + plan.hiddenSlot() * hidden,
        store,
        atStore + plan.hiddenStates(layer, direction) + before,
        dweights,
        atWeights + plan.parameter(layer, direction, 1));
  }

  private void biasGradients(RecurrentPlan plan, Backward tensors, int layer, int direction) {
    RecurrentSpec spec = plan.spec();
    Tensor reserve = tensors.forward().reserve();
    float[] sums = floats(tensors.forward().workspace());
    int atSums = offset(tensors.forward().workspace()) + plan.biasSums();
    int from = offset(reserve) + plan.gates(layer, direction);
    int rows = spec.time() * spec.batch();
    run(plan, biases, biases.set(floats(reserve), from, rows, plan.rowLength(), sums, atSums));
    float[] dweights = floats(tensors.dweights());
    int hidden = spec.hiddenSize();
    int input = offset(tensors.dweights()) + plan.parameter(layer, direction, 2);
    int recurrent = offset(tensors.dweights()) + plan.parameter(layer, direction, 3);
    for (int slot = 0; slot < spec.cell().gates(); slot++) {
      int to = input + plan.inputGate(slot) * hidden;
      VectorElementwise.addRange(dweights, to, sums, atSums + slot * hidden, dweights, to, hidden);
    }
    int gateRows = spec.gateRows();
    int fromHidden = atSums + plan.hiddenSlot() * hidden;
    VectorElementwise.addRange(
        dweights, recurrent, sums, fromHidden, dweights, recurrent, gateRows);
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

package dev.tandem.engine.cuda;

import dev.tandem.engine.Recurrent.Backward;
import dev.tandem.engine.Recurrent.Forward;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;

/**
 * Recurrent layers step by step, with the lengths of the sequences read on the device. What is
 * multiplied by the inputs of all steps, and the gradients of inputs and weights, are one product
 * each; a step is one product with the states of both directions and one kernel.
 */
final class RecurrentStepper {
  private final RecurrentKernels kernels;

  RecurrentStepper(CudaBackend backend) {
    kernels = new RecurrentKernels(backend);
  }

  private static Tensor store(RecurrentPlan plan, Forward tensors) {
    return plan.spec().training() ? tensors.reserve() : tensors.workspace();
  }

  /** Computes {@link dev.tandem.engine.Recurrent#forward}. */
  void forward(RecurrentPlan plan, Forward tensors) {
    RecurrentSpec spec = plan.spec();
    RecurrentSteps steps = plan.steps();
    Tensor store = store(plan, tensors);
    long first = CudaScratch.first(store);
    Tensor in = tensors.x();
    long atIn = 0;
    for (int layer = 0; layer < spec.layers(); layer++) {
      boolean last = layer == spec.layers() - 1;
      Tensor out = last ? tensors.y() : store;
      long atOut = last ? 0 : first + steps.outputs(layer);
      begin(plan, tensors, layer, store, first, in, atIn);
      for (int step = 0; step < spec.time(); step++) {
        forwardStep(plan, tensors, layer, step, store, first, out, atOut);
      }
      long hidden = first + steps.hidden(layer);
      kernels.endStates(plan, layer, tensors.lengths(), store, hidden, tensors.hn());
      long cells = first + steps.cells(layer);
      kernels.endStates(plan, layer, tensors.lengths(), store, cells, tensors.cn());
      if (!last && spec.drops()) {
        kernels.drop(plan, layer, tensors.dropoutState(), out, atOut);
      }
      in = out;
      atIn = atOut;
    }
    kernels.spoil(plan, spec.hiddenSize() * spec.directions(), tensors.lengths(), tensors.y());
  }

  /** Packs weights, multiplies all inputs and writes the first states. */
  private void begin(
      RecurrentPlan plan,
      Forward tensors,
      int layer,
      Tensor store,
      long first,
      Tensor in,
      long atIn) {
    RecurrentSpec spec = plan.spec();
    RecurrentSteps steps = plan.steps();
    long packed = pack(plan, tensors, layer);
    int columns = spec.inputSize(layer);
    // gates[d,t,n] = W_ih x[t,n]
    kernels.product(
        false,
        true,
        steps.rows(),
        spec.gateRows(),
        columns,
        in,
        atIn,
        columns,
        0,
        tensors.workspace(),
        packed,
        columns,
        steps.packedElements(),
        0,
        store,
        first + steps.gates(layer),
        steps.rowLength(),
        (long) steps.rows() * steps.rowLength(),
        spec.directions());
    long hidden = first + steps.hidden(layer);
    kernels.beginStates(plan, layer, tensors.lengths(), tensors.h0(), store, hidden);
    if (spec.cell().hasCellState()) {
      long cells = first + steps.cells(layer);
      kernels.beginStates(plan, layer, tensors.lengths(), tensors.c0(), store, cells);
    }
  }

  /** Packs the weights of a layer; returns where they begin in the workspace. */
  private long pack(RecurrentPlan plan, Forward tensors, int layer) {
    Tensor workspace = tensors.workspace();
    long packed = CudaScratch.first(workspace) + plan.steps().packed();
    for (int direction = 0; direction < plan.spec().directions(); direction++) {
      long to = packed + direction * plan.steps().packedElements();
      kernels.gatherWeights(plan, layer, direction, tensors.weights(), workspace, to);
    }
    return packed;
  }

  private void forwardStep(
      RecurrentPlan plan,
      Forward tensors,
      int layer,
      int step,
      Tensor store,
      long first,
      Tensor out,
      long atOut) {
    RecurrentSpec spec = plan.spec();
    RecurrentSteps steps = plan.steps();
    Tensor workspace = tensors.workspace();
    long scratch = CudaScratch.first(workspace);
    int hidden = spec.hiddenSize();
    long ofStep = (long) spec.batch() * hidden;
    // The reverse direction reads the state at T - step of its own T + 1.
    long reverse = (2L * spec.time() + 1 - 2 * step) * ofStep;
    // products[d,n] = W_hh h[d,n]
    kernels.product(
        false,
        true,
        spec.batch(),
        spec.gateRows(),
        hidden,
        store,
        first + steps.hidden(layer) + step * ofStep,
        hidden,
        reverse,
        workspace,
        scratch + steps.packed() + steps.packedHidden(layer),
        hidden,
        steps.packedElements(),
        0,
        workspace,
        scratch + steps.hiddenProducts(),
        spec.gateRows(),
        (long) spec.batch() * spec.gateRows(),
        spec.directions());
    kernels.forward(
        plan, layer, step, tensors.lengths(), store, first, workspace, scratch, out, atOut);
  }

  /** Computes {@link dev.tandem.engine.Recurrent#backwardData}; gates become their gradients. */
  void backwardData(RecurrentPlan plan, Backward tensors) {
    RecurrentSpec spec = plan.spec();
    RecurrentSteps steps = plan.steps();
    Forward forward = tensors.forward();
    Tensor lengths = forward.lengths();
    Tensor workspace = forward.workspace();
    long scratch = CudaScratch.first(workspace);
    long dh = scratch + steps.dh();
    long dc = scratch + steps.dc();
    Tensor outer = tensors.dy();
    long atOuter = 0;
    for (int layer = spec.layers() - 1; layer >= 0; layer--) {
      pack(plan, forward, layer);
      long states = layer * steps.stepElements();
      kernels.copyValid(plan, lengths, 0, tensors.dhn(), states, workspace, dh);
      if (spec.cell().hasCellState()) {
        kernels.copyValid(plan, lengths, 0, tensors.dcn(), states, workspace, dc);
      }
      for (int step = spec.time() - 1; step >= 0; step--) {
        backwardStep(plan, tensors, layer, step, outer, atOuter);
      }
      if (tensors.dh0() != null) {
        kernels.copyValid(plan, lengths, Double.NaN, workspace, dh, tensors.dh0(), states);
      }
      if (tensors.dc0() != null) {
        kernels.copyValid(plan, lengths, Double.NaN, workspace, dc, tensors.dc0(), states);
      }
      if (layer > 0) {
        outer = workspace;
        atOuter = scratch + steps.douter();
        inputGradient(plan, forward, layer, outer, atOuter);
        if (spec.drops()) {
          kernels.drop(plan, layer - 1, forward.dropoutState(), outer, atOuter);
        }
      } else if (tensors.dx() != null) {
        inputGradient(plan, forward, layer, tensors.dx(), 0);
        kernels.spoil(plan, spec.inputSize(), lengths, tensors.dx());
      }
    }
  }

  private void backwardStep(
      RecurrentPlan plan, Backward tensors, int layer, int step, Tensor outer, long atOuter) {
    RecurrentSpec spec = plan.spec();
    RecurrentSteps steps = plan.steps();
    Forward forward = tensors.forward();
    Tensor workspace = forward.workspace();
    long scratch = CudaScratch.first(workspace);
    Tensor store = forward.reserve();
    long first = CudaScratch.first(store);
    int hidden = spec.hiddenSize();
    kernels.backward(
        plan, layer, step, forward.lengths(), store, first, workspace, scratch, outer, atOuter);
    if (step == 0 && tensors.dh0() == null) {
      return;
    }
    long ofStep = (long) spec.batch() * steps.rowLength();
    // The reverse direction has made the step at time T - 1 - step.
    long reverse = (2L * spec.time() - 1 - 2 * step) * ofStep;
    // dh[d,n] += W_hh^T dgates[d,t,n]
    kernels.product(
        false,
        false,
        spec.batch(),
        hidden,
        spec.gateRows(),
        store,
        first + steps.gates(layer) + step * ofStep + steps.hiddenSlot() * hidden,
        steps.rowLength(),
        reverse,
        workspace,
        scratch + steps.packed() + steps.packedHidden(layer),
        hidden,
        steps.packedElements(),
        1,
        workspace,
        scratch + steps.dh(),
        hidden,
        (long) spec.batch() * hidden,
        spec.directions());
  }

  /** {@code dx[t,n] = W_ih^T dgates[d,t,n]} over all steps, the sum of all directions. */
  private void inputGradient(RecurrentPlan plan, Forward forward, int layer, Tensor dx, long atDx) {
    RecurrentSpec spec = plan.spec();
    RecurrentSteps steps = plan.steps();
    Tensor workspace = forward.workspace();
    Tensor store = forward.reserve();
    int columns = spec.inputSize(layer);
    for (int direction = 0; direction < spec.directions(); direction++) {
      kernels.product(
          false,
          false,
          steps.rows(),
          columns,
          spec.gateRows(),
          store,
          gates(plan, store, layer, direction),
          steps.rowLength(),
          0,
          workspace,
          CudaScratch.first(workspace) + steps.packed() + direction * steps.packedElements(),
          columns,
          0,
          direction == 0 ? 0 : 1,
          dx,
          atDx,
          columns,
          0,
          1);
    }
  }

  /** Returns where the gates of a layer and direction begin. */
  private static long gates(RecurrentPlan plan, Tensor store, int layer, int direction) {
    RecurrentSteps steps = plan.steps();
    long ofDirection = (long) steps.rows() * steps.rowLength();
    return CudaScratch.first(store) + steps.gates(layer) + direction * ofDirection;
  }

  /** Computes {@link dev.tandem.engine.Recurrent#backwardWeights}. */
  void backwardWeights(RecurrentPlan plan, Backward tensors) {
    RecurrentSpec spec = plan.spec();
    RecurrentSteps steps = plan.steps();
    Forward forward = tensors.forward();
    Tensor in = forward.x();
    long atIn = 0;
    if (forward.lengths() != null) {
      in = forward.workspace();
      atIn = CudaScratch.first(in) + steps.padded();
      kernels.pad(plan, forward.lengths(), forward.x(), in, atIn);
    }
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int direction = 0; direction < spec.directions(); direction++) {
        weightGradients(plan, tensors, layer, direction, in, atIn);
      }
      in = forward.reserve();
      atIn = CudaScratch.first(in) + steps.outputs(layer);
    }
  }

  private void weightGradients(
      RecurrentPlan plan, Backward tensors, int layer, int direction, Tensor in, long atIn) {
    RecurrentSpec spec = plan.spec();
    RecurrentSteps steps = plan.steps();
    Tensor store = tensors.forward().reserve();
    Tensor workspace = tensors.forward().workspace();
    long scratch = CudaScratch.first(workspace);
    long packed = scratch + steps.dpacked();
    long gates = gates(plan, store, layer, direction);
    int columns = spec.inputSize(layer);
    int hidden = spec.hiddenSize();
    // dW_ih = sum over t, n of dgates[d,t,n] x[t,n]^T
    kernels.product(
        true,
        false,
        spec.gateRows(),
        columns,
        steps.rows(),
        store,
        gates,
        steps.rowLength(),
        0,
        in,
        atIn,
        columns,
        0,
        0,
        workspace,
        packed,
        columns,
        0,
        1);
    // The states before the steps: all but the last of the first direction, all but the first of
    // the reverse direction.
    long ofStep = (long) spec.batch() * hidden;
    long before = direction == 0 ? 0 : (spec.time() + 2L) * ofStep;
    // dW_hh = sum over t, n of dgates[d,t,n] h'[d,t,n]^T
    kernels.product(
        true,
        false,
        spec.gateRows(),
        hidden,
        steps.rows(),
        store,
        gates + steps.hiddenSlot() * hidden,
        steps.rowLength(),
        0,
        store,
        CudaScratch.first(store) + steps.hidden(layer) + before,
        hidden,
        0,
        0,
        workspace,
        packed + steps.packedHidden(layer),
        hidden,
        0,
        1);
    long sums = packed + steps.packedBias(layer);
    kernels.sumRows(plan, store, gates, workspace, sums, scratch + steps.partSums());
    kernels.addGradients(plan, layer, direction, workspace, packed, tensors.dweights());
  }
}

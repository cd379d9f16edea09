package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.pointer;

import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Cudnn;
import dev.tandem.engine.cuda.jcuda.CudnnRecurrent;
import dev.tandem.engine.cuda.jcuda.DevicePointer;
import java.util.HashMap;
import java.util.Map;

/**
 * Recurrent layers: by cuDNN where all sequences have T steps and nothing is dropped between
 * layers, otherwise {@linkplain RecurrentStepper step by step}, for the reasons that stand at
 * {@link CudnnRecurrent}. Both read weights where cuDNN wants them.
 */
final class CudaRecurrent extends Recurrent {
  private final Cudnn cudnn;
  private final RecurrentStepper stepper;
  private final Map<RecurrentSpec, RecurrentPlan> plans = new HashMap<>();

  CudaRecurrent(CudaBackend backend) {
    super(backend);
    cudnn = backend.cudnn();
    stepper = new RecurrentStepper(backend);
  }

  @Override
  protected Plan makePlan(RecurrentSpec spec) {
    return plans.computeIfAbsent(spec, sizes -> new RecurrentPlan(this, cudnn, sizes));
  }

  private RecurrentPlan own(Plan plan) {
    RecurrentPlan own = own(plan, RecurrentPlan.class);
    if (own.family() != this) {
      throw new IllegalArgumentException(
          "recurrent: the plan '%s' is another backend's (ask this backend for one)"
              .formatted(plan.algorithm()));
    }
    return own;
  }

  @Override
  protected void computeForward(Plan thePlan, Forward tensors) {
    RecurrentPlan plan = own(thePlan);
    if (!plan.goesWhole(tensors)) {
      stepper.forward(plan, tensors);
      return;
    }
    CudnnRecurrent whole = plan.whole();
    whole.forward(
        lengths(plan, tensors),
        pointer(tensors.x()),
        pointer(tensors.h0()),
        pointer(tensors.c0()),
        pointer(tensors.weights()),
        pointer(tensors.y()),
        pointer(tensors.hn()),
        pointer(tensors.cn()),
        CudaScratch.start(tensors.workspace()),
        plan.spec().training() ? CudaScratch.start(tensors.reserve()) : null);
  }

  @Override
  protected void computeBackwardData(Plan thePlan, Backward tensors) {
    RecurrentPlan plan = own(thePlan);
    Forward forward = tensors.forward();
    if (!plan.goesWhole(forward)) {
      stepper.backwardData(plan, tensors);
      return;
    }
    CudnnRecurrent whole = plan.whole();
    DevicePointer dy = pointer(tensors.dy());
    if (dy == null) {
      // cuDNN takes no dy for 0.
      dy = scratch(forward, plan.zeros());
      whole.zeroOutputs(dy);
    }
    // Nor does it leave out dx.
    DevicePointer dx =
        tensors.dx() == null ? scratch(forward, plan.unwanted()) : pointer(tensors.dx());
    whole.backwardData(
        lengths(plan, forward),
        pointer(forward.y()),
        dy,
        dx,
        pointer(forward.h0()),
        pointer(tensors.dhn()),
        pointer(tensors.dh0()),
        pointer(forward.c0()),
        pointer(tensors.dcn()),
        pointer(tensors.dc0()),
        pointer(forward.weights()),
        CudaScratch.start(forward.workspace()),
        CudaScratch.start(forward.reserve()));
  }

  @Override
  protected void computeBackwardWeights(Plan thePlan, Backward tensors) {
    RecurrentPlan plan = own(thePlan);
    Forward forward = tensors.forward();
    if (!plan.goesWhole(forward)) {
      stepper.backwardWeights(plan, tensors);
      return;
    }
    plan.whole()
        .backwardWeights(
            lengths(plan, forward),
            pointer(forward.x()),
            pointer(forward.h0()),
            pointer(forward.y()),
            pointer(tensors.dweights()),
            CudaScratch.start(forward.workspace()),
            CudaScratch.start(forward.reserve()));
  }

  /** Returns T for each sequence on the device, null if cuDNN does not want to know. */
  private static DevicePointer lengths(RecurrentPlan plan, Forward tensors) {
    if (!plan.whole().wantsDeviceLengths()) {
      return null;
    }
    DevicePointer lengths = scratch(tensors, plan.lengths());
    plan.whole().fillLengths(lengths);
    return lengths;
  }

  private static DevicePointer scratch(Forward tensors, long element) {
    Tensor workspace = tensors.workspace();
    return pointer(workspace, CudaScratch.first(workspace) + element);
  }
}

package dev.tandem.engine.cuda;

import dev.tandem.engine.Recurrent;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.WeightRegion;
import dev.tandem.engine.cuda.jcuda.Cudnn;
import dev.tandem.engine.cuda.jcuda.CudnnRecurrent;
import dev.tandem.engine.cuda.jcuda.CudnnWeights;
import java.util.List;

/**
 * How {@link CudaRecurrent} does what a spec says. Whether sequences have lengths of their own
 * shows when it is done, so that scratch memory and reserve are large enough for either way.
 */
final class RecurrentPlan implements Recurrent.Plan {
  private final CudaRecurrent family;
  private final RecurrentSpec spec;
  private final List<WeightRegion> regions;
  private final long weightElements;
  private final RecurrentSteps steps;
  private final CudnnRecurrent whole;
  private final long lengths;
  private final long zeros;
  private final long unwanted;
  private final long workspaceElements;
  private final long reserveElements;

  RecurrentPlan(CudaRecurrent family, Cudnn cudnn, RecurrentSpec spec) {
    this.family = family;
    this.spec = spec;
    CudnnWeights weights = cudnn.weights(spec);
    regions = weights.regions();
    weightElements = (weights.bytes() + Float.BYTES - 1) / Float.BYTES;
    steps = new RecurrentSteps(spec, regions);
    whole = spec.drops() ? null : cudnn.recurrent(spec);

    long scratch = 0;
    long reserve = steps.reserve() * Float.BYTES;
    if (whole != null) {
      scratch = elements(whole.workspaceBytes());
      reserve = Math.max(reserve, whole.reserveBytes());
    }
    lengths = scratch;
    scratch += whole != null && whole.wantsDeviceLengths() ? CudaScratch.aligned(spec.batch()) : 0;
    zeros = scratch;
    scratch += backward(spec.hiddenSize() * spec.directions());
    unwanted = scratch;
    scratch += backward(spec.inputSize());
    workspaceElements = CudaScratch.elements(Math.max(steps.workspace(), scratch) * Float.BYTES);
    reserveElements = CudaScratch.elements(reserve);
  }

  private static long elements(long bytes) {
    return CudaScratch.aligned((bytes + Float.BYTES - 1) / Float.BYTES);
  }

  /** The elements of a gradient of sequences that cuDNN wants to have. */
  private long backward(int columns) {
    boolean needed = whole != null && spec.training();
    return needed ? CudaScratch.aligned((long) spec.time() * spec.batch() * columns) : 0;
  }

  /** Returns whether a call is one of cuDNN's rather than many steps. */
  boolean goesWhole(Recurrent.Forward tensors) {
    return whole != null && tensors.lengths() == null;
  }

  CudaRecurrent family() {
    return family;
  }

  @Override
  public RecurrentSpec spec() {
    return spec;
  }

  @Override
  public String algorithm() {
    String stepwise = "steps of cuBLAS products and kernels";
    return whole == null
        ? stepwise + ", as outputs are dropped between layers"
        : "%s; %s for sequences with lengths".formatted(whole.algorithm(), stepwise);
  }

  @Override
  public long weightElements() {
    return weightElements;
  }

  @Override
  public List<WeightRegion> regions() {
    return regions;
  }

  @Override
  public long workspaceElements() {
    return workspaceElements;
  }

  @Override
  public long reserveElements() {
    return reserveElements;
  }

  /** Returns where the stepper keeps what. */
  RecurrentSteps steps() {
    return steps;
  }

  /** Returns cuDNN's way; null where something is dropped between layers. */
  CudnnRecurrent whole() {
    return whole;
  }

  /** In the scratch memory: T for each sequence, where cuDNN wants it. */
  long lengths() {
    return lengths;
  }

  /** In the scratch memory: zeros for a dy that is not there. */
  long zeros() {
    return zeros;
  }

  /** In the scratch memory: a dx that nobody wants. */
  long unwanted() {
    return unwanted;
  }
}

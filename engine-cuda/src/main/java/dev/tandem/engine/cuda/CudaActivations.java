package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Activations;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/** Activation functions and their derivatives. */
final class CudaActivations extends Activations {
  /** The elements that a thread takes at once. */
  private static final int QUAD = 4;

  private final Kernel[] forward = new Kernel[Activation.values().length];
  private final Kernel[] backward = new Kernel[Activation.values().length];

  CudaActivations(CudaBackend backend) {
    super(backend);
    KernelModule module = backend.kernels().module("activations");
    for (Activation f : Activation.values()) {
      forward[f.ordinal()] = module.kernel("forward_" + f.name());
      backward[f.ordinal()] = module.kernel("backward_" + f.name());
    }
  }

  @Override
  protected void computeForward(Activation f, Tensor x, Tensor y) {
    forward[f.ordinal()]
        .address(address(x))
        .address(address(y))
        .index(x.elements())
        .launchOver(RowBlocks.parts(x.elements(), QUAD));
  }

  @Override
  protected void computeBackward(Activation f, Tensor saved, Tensor dy, Tensor dx) {
    backward[f.ordinal()]
        .address(address(saved))
        .address(address(dy))
        .address(address(dx))
        .index(dx.elements())
        .launchOver(RowBlocks.parts(dx.elements(), QUAD));
  }
}

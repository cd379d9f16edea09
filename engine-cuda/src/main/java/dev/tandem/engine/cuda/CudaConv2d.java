package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;
import static dev.tandem.engine.cuda.CudaStorage.pointer;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Conv2d;
import dev.tandem.engine.Conv2dSpec;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Cudnn;
import dev.tandem.engine.cuda.jcuda.CudnnConvolution;
import dev.tandem.engine.cuda.jcuda.DevicePointer;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;
import java.util.Arrays;

/** Convolutions by cuDNN; what cuDNN does not add to the result, one kernel does. */
final class CudaConv2d extends Conv2d {
  private final Cudnn cudnn;
  private final Kernel[] biasAnd;

  CudaConv2d(CudaBackend backend) {
    super(backend);
    cudnn = backend.cudnn();
    KernelModule module = backend.kernels().module("conv2d");
    biasAnd =
        Arrays.stream(Activation.values())
            .map(f -> module.kernel("bias_" + f))
            .toArray(Kernel[]::new);
  }

  private static final class CudaPlan extends Plan {
    private final CudnnConvolution convolution;

    CudaPlan(Conv2d family, Conv2dSpec spec, CudnnConvolution convolution) {
      super(
          family,
          spec,
          CudaScratch.elements(convolution.workspaceBytes()),
          convolution.forwardAlgorithm(),
          convolution.backwardDataAlgorithm(),
          convolution.backwardFilterAlgorithm());
      this.convolution = convolution;
    }
  }

  @Override
  protected Plan choose(Conv2dSpec spec) {
    return new CudaPlan(this, spec, cudnn.convolution(spec));
  }

  @Override
  protected void computeForward(
      Plan plan, Tensor x, Tensor w, Tensor bias, Activation f, Tensor y, Tensor workspace) {
    CudnnConvolution convolution = ((CudaPlan) plan).convolution;
    DevicePointer scratch = CudaScratch.start(workspace);
    if (bias != null && f == Activation.IDENTITY && convolution.addsBias()) {
      convolution.forwardWithBias(pointer(x), pointer(w), pointer(bias), pointer(y), scratch);
      return;
    }
    convolution.forward(pointer(x), pointer(w), pointer(y), scratch);
    if (bias != null || f != Activation.IDENTITY) {
      Conv2dSpec spec = plan.spec();
      biasAnd[f.ordinal()]
          .index(y.elements())
          .integer(spec.outHeight() * spec.outWidth())
          .integer(spec.outChannels())
          .address(address(bias))
          .address(address(y))
          .launchOver(y.elements());
    }
  }

  @Override
  protected void computeBackwardData(Plan plan, Tensor dy, Tensor w, Tensor dx, Tensor workspace) {
    ((CudaPlan) plan)
        .convolution.backwardData(
            pointer(dy), pointer(w), pointer(dx), CudaScratch.start(workspace));
  }

  @Override
  protected void computeBackwardFilter(
      Plan plan, Tensor x, Tensor dy, Tensor dw, Tensor workspace) {
    ((CudaPlan) plan)
        .convolution.backwardFilter(
            pointer(x), pointer(dy), pointer(dw), CudaScratch.start(workspace));
  }

  @Override
  protected void computeBackwardBias(Plan plan, Tensor dy, Tensor db) {
    ((CudaPlan) plan).convolution.backwardBias(pointer(dy), pointer(db));
  }
}

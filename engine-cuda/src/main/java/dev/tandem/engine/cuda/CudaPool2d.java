package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.Pool2d;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/** Pooling by kernels of our own; why not by cuDNN stands in {@code pool2d.cu}. */
final class CudaPool2d extends Pool2d {
  private static final int WARP = 32;

  /** Windows of so many elements are read by a warp: fewer leave most of its threads idle. */
  private static final int WIDE_WINDOW = 2 * WARP;

  private final Kernel forwardMax;
  private final Kernel forwardAverage;
  private final Kernel forwardAverageWide;
  private final Kernel backwardMax;
  private final Kernel backwardAverage;

  CudaPool2d(CudaBackend backend) {
    super(backend);
    KernelModule module = backend.kernels().module("pool2d");
    forwardMax = module.kernel("forward_max");
    forwardAverage = module.kernel("forward_average");
    forwardAverageWide = module.kernel("forward_average_wide");
    backwardMax = module.kernel("backward_max");
    backwardAverage = module.kernel("backward_average");
  }

  @Override
  protected void computeForward(Pool2dSpec spec, Tensor x, Tensor y) {
    long windows = y.elements();
    if (spec.mode() == Pool2dSpec.Mode.MAX) {
      sizes(forwardMax, windows, spec).address(address(x)).address(address(y)).launchOver(windows);
      return;
    }
    boolean wide = spec.kernelHeight() * spec.kernelWidth() >= WIDE_WINDOW;
    sizes(wide ? forwardAverageWide : forwardAverage, windows, spec)
        .integer(spec.countIncludePad() ? 1 : 0)
        .address(address(x))
        .address(address(y))
        .launchOver(wide ? windows * WARP : windows);
  }

  @Override
  protected void computeBackward(Pool2dSpec spec, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    long elements = dx.elements();
    if (spec.mode() == Pool2dSpec.Mode.MAX) {
      sizes(backwardMax, elements, spec)
          .address(address(x))
          .address(address(y))
          .address(address(dy))
          .address(address(dx))
          .launchOver(elements);
      return;
    }
    sizes(backwardAverage, elements, spec)
        .integer(spec.countIncludePad() ? 1 : 0)
        .address(address(dy))
        .address(address(dx))
        .launchOver(elements);
  }

  private static Kernel sizes(Kernel kernel, long items, Pool2dSpec spec) {
    return kernel
        .index(items)
        .integer(spec.inHeight())
        .integer(spec.inWidth())
        .integer(spec.outHeight())
        .integer(spec.outWidth())
        .integer(spec.kernelHeight())
        .integer(spec.kernelWidth())
        .integer(spec.strideHeight())
        .integer(spec.strideWidth())
        .integer(spec.paddingHeight())
        .integer(spec.paddingWidth());
  }
}

package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.Softmax;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/** Softmax and its logarithm, row by row. */
final class CudaSoftmax extends Softmax {
  private final Kernel softmax;
  private final Kernel logSoftmax;
  private final Kernel softmaxBackward;
  private final Kernel logSoftmaxBackward;

  CudaSoftmax(CudaBackend backend) {
    super(backend);
    KernelModule module = backend.kernels().module("softmax");
    softmax = module.kernel("softmax");
    logSoftmax = module.kernel("log_softmax");
    softmaxBackward = module.kernel("softmax_backward");
    logSoftmaxBackward = module.kernel("log_softmax_backward");
  }

  @Override
  protected void computeSoftmax(Tensor x, Tensor y) {
    forward(softmax, x, y);
  }

  @Override
  protected void computeLogSoftmax(Tensor x, Tensor y) {
    forward(logSoftmax, x, y);
  }

  private static void forward(Kernel kernel, Tensor x, Tensor y) {
    if (x.elements() > 0) {
      int rows = x.shape().rows();
      int columns = x.shape().columns();
      kernel.index(rows).integer(columns).address(address(x)).address(address(y));
      RowBlocks.launch(kernel, rows, columns);
    }
  }

  @Override
  protected void computeSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    backward(softmaxBackward, y, dy, dx);
  }

  @Override
  protected void computeLogSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    backward(logSoftmaxBackward, y, dy, dx);
  }

  private static void backward(Kernel kernel, Tensor y, Tensor dy, Tensor dx) {
    if (y.elements() > 0) {
      int rows = y.shape().rows();
      int columns = y.shape().columns();
      kernel
          .index(rows)
          .integer(columns)
          .address(address(y))
          .address(address(dy))
          .address(address(dx));
      RowBlocks.launch(kernel, rows, columns);
    }
  }
}

package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.Optimizers;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/** Update rules of optimisers and gradient clipping, one kernel over the whole flat block each. */
final class CudaOptimizers extends Optimizers {
  /**
   * The most blocks whose sums of squares are added up by one: a constant, so that the order of the
   * sum does not depend on the device.
   */
  private static final int MOST_BLOCKS = 1024;

  private final Kernel sgd;
  private final Kernel rmsProp;
  private final Kernel adagrad;
  private final Kernel adam;
  private final Kernel clipByValue;
  private final Kernel sumOfSquares;
  private final Kernel normOfPartial;
  private final Kernel scaleByFactor;
  private final long partial;
  private final long factor;

  CudaOptimizers(CudaBackend backend) {
    super(backend);
    KernelModule module = backend.kernels().module("optimizers");
    sgd = module.kernel("sgd");
    rmsProp = module.kernel("rms_prop");
    adagrad = module.kernel("adagrad");
    adam = module.kernel("adam");
    clipByValue = module.kernel("clip_by_value");
    sumOfSquares = module.kernel("sum_of_squares");
    normOfPartial = module.kernel("norm_of_partial");
    scaleByFactor = module.kernel("scale_by_factor");
    partial = backend.scratch().address();
    factor = partial + MOST_BLOCKS * Double.BYTES;
  }

  @Override
  protected void computeSgd(
      boolean nesterov, Tensor hyper, Tensor weights, Tensor gradients, Tensor velocity) {
    sgd.address(address(hyper))
        .address(address(weights))
        .address(address(gradients))
        .address(address(velocity))
        .integer(nesterov ? 1 : 0)
        .index(weights.elements())
        .launchOver(weights.elements());
  }

  @Override
  protected void computeRmsProp(
      Tensor hyper, Tensor weights, Tensor gradients, Tensor squares, Tensor velocity) {
    rmsProp
        .address(address(hyper))
        .address(address(weights))
        .address(address(gradients))
        .address(address(squares))
        .address(address(velocity))
        .index(weights.elements())
        .launchOver(weights.elements());
  }

  @Override
  protected void computeAdagrad(Tensor hyper, Tensor weights, Tensor gradients, Tensor squares) {
    adagrad
        .address(address(hyper))
        .address(address(weights))
        .address(address(gradients))
        .address(address(squares))
        .index(weights.elements())
        .launchOver(weights.elements());
  }

  @Override
  protected void computeAdam(
      boolean decoupled,
      Tensor hyper,
      Tensor weights,
      Tensor gradients,
      Tensor moments,
      Tensor squares) {
    adam.address(address(hyper))
        .address(address(weights))
        .address(address(gradients))
        .address(address(moments))
        .address(address(squares))
        .integer(decoupled ? 1 : 0)
        .index(weights.elements())
        .launchOver(weights.elements());
  }

  @Override
  protected void computeClipByValue(double limit, Tensor gradients) {
    clipByValue
        .number(limit)
        .address(address(gradients))
        .index(gradients.elements())
        .launchOver(gradients.elements());
  }

  @Override
  protected void computeClipByNorm(double limit, Tensor gradients, Tensor norm) {
    long elements = gradients.elements();
    int blocks = (int) Math.min(MOST_BLOCKS, (elements + Kernel.THREADS - 1) / Kernel.THREADS);
    if (blocks > 0) {
      sumOfSquares.address(address(gradients)).address(partial).index(elements);
      sumOfSquares.launch(blocks, Kernel.THREADS);
    }
    normOfPartial
        .address(partial)
        .integer(blocks)
        .number(limit)
        .address(address(norm))
        .address(factor)
        .launch(1, Kernel.THREADS);
    if (limit < Double.POSITIVE_INFINITY) {
      scaleByFactor
          .address(factor)
          .address(address(gradients))
          .index(elements)
          .launchOver(elements);
    }
  }
}

package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/** Loss functions with their gradients. */
final class CudaLosses extends Losses {
  /** The most blocks that sum a loss up, each of which leaves one part of it. */
  private static final int MOST_PARTS = 1024;

  /** The fewest elements that a thread adds up before a further block is worth its part. */
  private static final int ELEMENTS_OF_THREAD = 4;

  private final CudaBackend backend;
  private final Kernel[] pointwise = new Kernel[Pointwise.values().length];
  private final Kernel crossEntropy;
  private final Kernel crossEntropyGradient;
  private final Kernel finishLoss;

  CudaLosses(CudaBackend backend) {
    super(backend);
    this.backend = backend;
    KernelModule module = backend.kernels().module("losses");
    for (Pointwise function : Pointwise.values()) {
      pointwise[function.ordinal()] = module.kernel(function.name());
    }
    crossEntropy = module.kernel("cross_entropy");
    crossEntropyGradient = module.kernel("cross_entropy_gradient");
    finishLoss = module.kernel("finish_loss");
  }

  @Override
  protected void computeSoftmaxCrossEntropy(
      CrossEntropySpec spec,
      Tensor logits,
      Tensor labels,
      Tensor classWeights,
      Tensor loss,
      Tensor dlogits) {
    long rows = labels.elements();
    int classes = logits.shape().columns();
    int parts = RowBlocks.blocks(rows, classes, MOST_PARTS);
    long sums = backend.scratch().address();
    long counts = sums + (long) MOST_PARTS * Float.BYTES;
    operands(crossEntropy, spec, logits, labels, classWeights).address(sums).address(counts);
    RowBlocks.launch(crossEntropy, parts, classes);
    finish(parts, sums, counts, 0, loss);
    if (dlogits != null && dlogits.elements() > 0) {
      operands(crossEntropyGradient, spec, logits, labels, classWeights)
          .address(address(loss))
          .address(address(dlogits));
      RowBlocks.launch(crossEntropyGradient, rows, classes);
    }
  }

  private static Kernel operands(
      Kernel kernel, CrossEntropySpec spec, Tensor logits, Tensor labels, Tensor classWeights) {
    return kernel
        .index(labels.elements())
        .integer(logits.shape().columns())
        .integer(spec.ignoreIndex())
        .number(spec.labelSmoothing())
        .number(1 - spec.labelSmoothing())
        .address(address(logits))
        .address(address(labels))
        .address(address(classWeights));
  }

  @Override
  protected void computePointwise(
      Pointwise function,
      double delta,
      Tensor prediction,
      Tensor target,
      Tensor weights,
      Tensor loss,
      Tensor dprediction) {
    long elements = prediction.elements();
    long wanted = RowBlocks.parts(elements, (long) Kernel.THREADS * ELEMENTS_OF_THREAD);
    int parts = (int) Math.min(MOST_PARTS, wanted);
    long sums = backend.scratch().address();
    if (parts > 0) {
      pointwise[function.ordinal()]
          .index(elements)
          .number(delta)
          .address(address(prediction))
          .address(address(target))
          .address(address(weights))
          .address(sums)
          .address(address(dprediction))
          .launch(parts, Kernel.THREADS);
    }
    finish(parts, sums, 0, elements, loss);
  }

  /** Writes the mean over the parts, and what it was taken over: the counts, 0 for the count. */
  private void finish(int parts, long sums, long counts, long count, Tensor loss) {
    finishLoss
        .integer(parts)
        .address(sums)
        .address(counts)
        .number(count)
        .address(address(loss))
        .launch(1, Kernel.THREADS);
  }
}

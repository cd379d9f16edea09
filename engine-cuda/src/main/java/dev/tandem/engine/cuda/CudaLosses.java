package dev.tandem.engine.cuda;

import static dev.tandem.engine.cuda.CudaStorage.address;

import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.cuda.jcuda.Kernel;
import dev.tandem.engine.cuda.jcuda.KernelModule;

/**
 * Loss functions with their gradients. Little is computed in one launch of one block: beyond that
 * are three for a cross-entropy (the parts of the loss, their sum, the gradient, which needs the
 * sum of the weights) and two for the others (the parts with the gradient, the sum).
 */
final class CudaLosses extends Losses {
  /** The most blocks that sum a loss up, each of which leaves one part of it. */
  private static final int MOST_PARTS = 1024;

  /** The fewest elements that a thread adds up before a further block is worth its part. */
  private static final int ELEMENTS_OF_THREAD = 4;

  /** The threads of a block that is alone. */
  private static final int LONE_BLOCK = 1024;

  /** The longest rows that may share a block. */
  private static final int WARP = 32;

  /** The elements that a lone block goes over in less time than two more launches take. */
  private static final int LITTLE = 8 * LONE_BLOCK;

  /** The rows that each thread of a lone block goes over in less time than that. */
  private static final int FEW_ROWS = 4;

  private final CudaBackend backend;
  private final Kernel[] pointwise = new Kernel[Pointwise.values().length];
  private final Kernel crossEntropyAtOnce;
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
    crossEntropyAtOnce = module.kernel("cross_entropy_at_once");
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
    int threads = RowBlocks.threads(classes);
    int rowsAtOnce = LONE_BLOCK / threads;
    if (threads <= WARP && rows <= FEW_ROWS * rowsAtOnce && rows * classes <= LITTLE) {
      operands(crossEntropyAtOnce, spec, logits, labels, classWeights)
          .address(address(loss))
          .address(address(dlogits))
          .launch(1, 1, 1, threads, rowsAtOnce, 1, 0);
      return;
    }
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
    boolean isLittle = elements <= (long) LONE_BLOCK * ELEMENTS_OF_THREAD;
    int threads = isLittle && elements > Kernel.THREADS ? LONE_BLOCK : Kernel.THREADS;
    long wanted = RowBlocks.parts(elements, (long) threads * ELEMENTS_OF_THREAD);
    int parts = (int) Math.min(MOST_PARTS, Math.max(1, wanted));
    long sums = backend.scratch().address();
    pointwise[function.ordinal()]
        .index(elements)
        .number(delta)
        .address(address(prediction))
        .address(address(target))
        .address(address(weights))
        .address(sums)
        .address(address(loss))
        .address(address(dprediction))
        .launch(parts, threads);
    if (parts > 1) {
      finish(parts, sums, 0, elements, loss);
    }
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

package dev.tandem.models.training;

import dev.tandem.engine.MemoryKind;
import dev.tandem.engine.MemoryPlan;
import dev.tandem.engine.MemoryShortageError;
import dev.tandem.models.ModelException;
import java.util.function.IntFunction;

/** Finds the largest batch for which there is memory, where there was too little. */
final class BatchAdvice {
  /**
   * What is taken later and cannot be known before: scratch memory of libraries (cuBLAS is given 32
   * MiB), their handles, kernels, graphs.
   */
  private static final long LATER = 128L << 20;

  /** The device keeps a batch that is under way twice, beside the one that is worked on. */
  private static final int STAGES = 2;

  private final long freeBytes;
  private final IntFunction<MemoryPlan> plans;
  private final MemoryPlan evaluation;

  /**
   * Looks for a batch.
   *
   * @param freeBytes what is free for the training steps
   * @param plans gives the memory of the training steps for a size of batches
   * @param evaluation the memory that evaluation has taken already
   */
  BatchAdvice(long freeBytes, IntFunction<MemoryPlan> plans, MemoryPlan evaluation) {
    this.freeBytes = freeBytes;
    this.plans = plans;
    this.evaluation = evaluation;
  }

  /** Returns a shortage with advice, if it is known how much is free. */
  MemoryShortageError on(MemoryShortageError shortage, int batch) {
    if (freeBytes == MemoryShortageError.UNKNOWN) {
      return shortage;
    }
    int largest = largestBelow(batch);
    return shortage.withRemedy(
        largest == 0
            ? "not even a batch of 1 fits: use a smaller model, or end other programs on the device"
            : "the largest batch that fits is --batch-size %d; or end other programs on the device"
                .formatted(largest));
  }

  /** Memory grows with the batch, so the interval is halved. */
  private int largestBelow(int batch) {
    int fits = 0;
    int tooLarge = batch;
    while (tooLarge - fits > 1) {
      int middle = (fits + tooLarge) >>> 1;
      if (needed(middle) <= freeBytes) {
        fits = middle;
      } else {
        tooLarge = middle;
      }
    }
    return fits;
  }

  private long needed(int batch) {
    try {
      MemoryPlan plan = plans.apply(batch);
      long underWay = plan.bytes(MemoryKind.IO) + evaluation.bytes(MemoryKind.IO);
      return plan.bytes() + STAGES * underWay + LATER;
    } catch (ModelException impossible) {
      // Batch normalisation takes no batch of one example, which may be what the epoch ends with.
      return Long.MAX_VALUE;
    }
  }
}

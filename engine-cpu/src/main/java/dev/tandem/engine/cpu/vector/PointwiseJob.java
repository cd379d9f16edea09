package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;

import dev.tandem.engine.Losses.Pointwise;
import dev.tandem.engine.Tensor;

/**
 * Losses element by element, with their gradients. The losses of a block of elements are written to
 * memory of the worker and added up from there, with weights or without; so there is one loop for
 * each function.
 */
final class PointwiseJob implements Workers.Task {
  /** 8 kB: stays in the first cache beside the block's predictions and targets. */
  private static final int BLOCK = 2048;

  private final float[][] blocks;
  private PointwiseKernels.Kernel value;
  private PointwiseKernels.Kernel derivative;
  private float delta;
  private float factor;
  private Tensor prediction;
  private Tensor target;
  private Tensor weights;
  private Tensor dprediction;
  private int chunks;
  private double[] partials = new double[64];

  PointwiseJob(int threads) {
    blocks = new float[threads][BLOCK];
  }

  /** Takes the operands of the next run; weights and gradient may be null. */
  void set(Pointwise function, double threshold, Tensor p, Tensor t, Tensor w, Tensor dp) {
    value = PointwiseKernels.value(function);
    derivative = PointwiseKernels.derivative(function);
    delta = (float) threshold;
    factor = (float) (1.0 / length(p));
    prediction = p;
    target = t;
    weights = w;
    dprediction = dp;
    chunks = Chunks.count(length(p));
    if (chunks > partials.length) {
      partials = new double[chunks];
    }
  }

  int chunks() {
    return chunks;
  }

  /** The sums of the losses by chunk, after the run. */
  double[] partials() {
    return partials;
  }

  @Override
  public void run(int chunk, int worker) {
    int end = Chunks.start(chunk + 1, chunks, length(prediction));
    double sum = 0;
    for (int i = Chunks.start(chunk, chunks, length(prediction)); i < end; i += BLOCK) {
      int n = Math.min(BLOCK, end - i);
      sum += losses(i, n, blocks[worker]);
      if (dprediction != null) {
        gradient(i, n);
      }
    }
    partials[chunk] = sum;
  }

  /** {@code sum_i w_i l(p_i, t_i)} of a block. */
  private double losses(int i, int n, float[] block) {
    value.write(
        delta,
        1,
        floats(prediction),
        offset(prediction) + i,
        floats(target),
        offset(target) + i,
        block,
        0,
        n);
    return weights == null
        ? Sums.sum(block, 0, n)
        : Sums.dot(block, 0, floats(weights), offset(weights) + i, n);
  }

  private void gradient(int i, int n) {
    float[] dp = floats(dprediction);
    int to = offset(dprediction) + i;
    derivative.write(
        delta,
        factor,
        floats(prediction),
        offset(prediction) + i,
        floats(target),
        offset(target) + i,
        dp,
        to,
        n);
    if (weights != null) {
      VectorElementwise.multiplyRange(dp, to, floats(weights), offset(weights) + i, dp, to, n);
    }
  }
}

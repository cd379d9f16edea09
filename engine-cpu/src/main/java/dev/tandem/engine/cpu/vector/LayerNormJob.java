package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Layer normalisation, rows in chunks. */
final class LayerNormJob implements Workers.Task {
  /**
   * A loop over row i. Behind an interface of which {@link #pass} is given three in turn, so that
   * C2 compiles each by itself: see {@link SoftmaxPasses}.
   */
  private interface Pass {
    float run(int i, float m, float inverse);
  }

  private double epsilon;
  private Tensor x;
  private Tensor gamma;
  private Tensor beta;
  private Tensor y;
  private Tensor mean;
  private Tensor inverseDeviation;
  private int rows;
  private int features;
  private int chunks;
  private final Pass sum = (i, m, inverse) -> Sums.sum(floats(x), start(x, i), features);
  private final Pass squaredDifferences =
      (i, m, inverse) -> Sums.squaredDifferences(floats(x), start(x, i), features, m);
  private final Pass normalise = this::normalise;

  void run(
      Workers workers,
      double toVariance,
      Tensor in,
      Tensor scale,
      Tensor shift,
      Tensor out,
      Tensor rowMean,
      Tensor inverse) {
    epsilon = toVariance;
    x = in;
    gamma = scale;
    beta = shift;
    y = out;
    mean = rowMean;
    inverseDeviation = inverse;
    rows = in.shape().rows();
    features = in.shape().columns();
    chunks = Chunks.ofRows(rows, features);
    workers.run(this, chunks);
  }

  @Override
  public void run(int chunk, int worker) {
    int end = Chunks.row(chunk + 1, chunks, rows);
    for (int i = Chunks.row(chunk, chunks, rows); i < end; i++) {
      row(i);
    }
  }

  private void row(int i) {
    float m = pass(sum, i, 0, 0) / features;
    double v = pass(squaredDifferences, i, m, 0) / (double) features;
    float inverse = (float) (1 / Math.sqrt(v + epsilon));
    floats(mean)[offset(mean) + i] = m;
    floats(inverseDeviation)[offset(inverseDeviation) + i] = inverse;
    pass(normalise, i, m, inverse);
  }

  private static float pass(Pass pass, int i, float m, float inverse) {
    return pass.run(i, m, inverse);
  }

  private int start(Tensor tensor, int i) {
    return offset(tensor) + i * features;
  }

  private float normalise(int i, float m, float inverse) {
    normalise(
        m,
        inverse,
        floats(x),
        start(x, i),
        floats(gamma),
        offset(gamma),
        floats(beta),
        offset(beta),
        floats(y),
        start(y, i),
        features);
    return 0;
  }

  private static void normalise(
      float m,
      float inverse,
      float[] x,
      int atX,
      float[] gamma,
      int atGamma,
      float[] beta,
      int atBeta,
      float[] y,
      int to,
      int n) {
    int j = 0;
    for (; j < Lanes.whole(n); j += LENGTH) {
      FloatVector xhat = FloatVector.fromArray(FLOATS, x, atX + j).sub(m).mul(inverse);
      FloatVector scale = FloatVector.fromArray(FLOATS, gamma, atGamma + j);
      FloatVector shift = FloatVector.fromArray(FLOATS, beta, atBeta + j);
      xhat.fma(scale, shift).intoArray(y, to + j);
    }
    if (j < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, n);
      FloatVector xhat = FloatVector.fromArray(FLOATS, x, atX + j, mask).sub(m).mul(inverse);
      FloatVector scale = FloatVector.fromArray(FLOATS, gamma, atGamma + j, mask);
      FloatVector shift = FloatVector.fromArray(FLOATS, beta, atBeta + j, mask);
      xhat.fma(scale, shift).intoArray(y, to + j, mask);
    }
  }
}

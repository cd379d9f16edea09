package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Layer normalisation: rows in chunks, and for the gradients of parameters columns in chunks. */
final class LayerNormJob implements Workers.Task {
  /**
   * One row, or one vector of columns. Behind an interface, for the reason that {@link
   * VectorActivations} gives.
   */
  private interface Part {
    void compute(int index);
  }

  private final Part forwardRow = this::forwardRow;
  private final Part parameterGradients = this::parameterGradients;
  private final Part inputGradientRow = this::inputGradientRow;
  private Part part;
  private double epsilon;
  private Tensor x;
  private Tensor gamma;
  private Tensor beta;
  private Tensor mean;
  private Tensor inverseDeviation;
  private Tensor dy;
  private Tensor out;
  private Tensor dgamma;
  private Tensor dbeta;
  private int rows;
  private int features;
  private int parts;
  private int chunks;

  void forward(
      Workers workers,
      double toVariance,
      Tensor in,
      Tensor scale,
      Tensor shift,
      Tensor y,
      Tensor rowMean,
      Tensor inverse) {
    epsilon = toVariance;
    beta = shift;
    set(in, scale, rowMean, inverse, y);
    run(workers, forwardRow, rows, features);
  }

  void backward(
      Workers workers,
      Tensor in,
      Tensor scale,
      Tensor rowMean,
      Tensor inverse,
      Tensor outer,
      Tensor inner,
      Tensor toGamma,
      Tensor toBeta) {
    dy = outer;
    dgamma = toGamma;
    dbeta = toBeta;
    set(in, scale, rowMean, inverse, inner);
    // In this order, because dx may be dy itself.
    run(workers, parameterGradients, (features + LENGTH - 1) / LENGTH, rows * LENGTH);
    run(workers, inputGradientRow, rows, features);
  }

  private void set(Tensor in, Tensor scale, Tensor rowMean, Tensor inverse, Tensor result) {
    x = in;
    gamma = scale;
    mean = rowMean;
    inverseDeviation = inverse;
    out = result;
    rows = in.shape().rows();
    features = in.shape().columns();
  }

  private void run(Workers workers, Part what, int count, int elements) {
    part = what;
    parts = count;
    chunks = Chunks.ofRows(count, elements);
    workers.run(this, chunks);
  }

  @Override
  public void run(int chunk, int worker) {
    int end = Chunks.row(chunk + 1, chunks, parts);
    for (int i = Chunks.row(chunk, chunks, parts); i < end; i++) {
      part.compute(i);
    }
  }

  private void forwardRow(int i) {
    float[] from = floats(x);
    int at = offset(x) + i * features;
    float m = Sums.sum(from, at, features) / features;
    double v = Sums.squaredDifferences(from, at, features, m) / (double) features;
    float inverse = (float) (1 / Math.sqrt(v + epsilon));
    floats(mean)[offset(mean) + i] = m;
    floats(inverseDeviation)[offset(inverseDeviation) + i] = inverse;
    normalise(
        m,
        inverse,
        from,
        at,
        floats(gamma),
        offset(gamma),
        floats(beta),
        offset(beta),
        floats(out),
        offset(out) + i * features,
        features);
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
    for (int j = 0; j < n; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, n);
      FloatVector xhat = FloatVector.fromArray(FLOATS, x, atX + j, mask).sub(m).mul(inverse);
      FloatVector scale = FloatVector.fromArray(FLOATS, gamma, atGamma + j, mask);
      FloatVector shift = FloatVector.fromArray(FLOATS, beta, atBeta + j, mask);
      xhat.fma(scale, shift).intoArray(y, to + j, mask);
    }
  }

  private void inputGradientRow(int i) {
    inputGradient(
        floats(mean)[offset(mean) + i],
        floats(inverseDeviation)[offset(inverseDeviation) + i],
        floats(x),
        offset(x) + i * features,
        floats(gamma),
        offset(gamma),
        floats(dy),
        offset(dy) + i * features,
        floats(out),
        offset(out) + i * features,
        features);
  }

  private static void inputGradient(
      float m,
      float inverse,
      float[] x,
      int atX,
      float[] gamma,
      int atGamma,
      float[] dy,
      int atDy,
      float[] dx,
      int to,
      int n) {
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector product = sum;
    for (int j = 0; j < n; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, n);
      FloatVector scale = FloatVector.fromArray(FLOATS, gamma, atGamma + j, mask);
      FloatVector g = FloatVector.fromArray(FLOATS, dy, atDy + j, mask).mul(scale);
      sum = sum.add(g);
      product = FloatVector.fromArray(FLOATS, x, atX + j, mask).sub(m).fma(g, product);
    }
    float meanG = Sums.lanes(sum) / n;
    float slope = Sums.lanes(product) / n * inverse * inverse;
    for (int j = 0; j < n; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, n);
      FloatVector scale = FloatVector.fromArray(FLOATS, gamma, atGamma + j, mask);
      FloatVector g = FloatVector.fromArray(FLOATS, dy, atDy + j, mask).mul(scale).sub(meanG);
      FloatVector d = FloatVector.fromArray(FLOATS, x, atX + j, mask).sub(m).mul(slope);
      g.sub(d).mul(inverse).intoArray(dx, to + j, mask);
    }
  }

  private void parameterGradients(int vector) {
    int j = vector * LENGTH;
    parameterGradients(
        rows,
        features,
        Math.min(LENGTH, features - j),
        floats(mean),
        offset(mean),
        floats(inverseDeviation),
        offset(inverseDeviation),
        floats(x),
        offset(x) + j,
        floats(dy),
        offset(dy) + j,
        floats(dgamma),
        offset(dgamma) + j,
        floats(dbeta),
        offset(dbeta) + j);
  }

  private static void parameterGradients(
      int rows,
      int features,
      int lanes,
      float[] means,
      int atMean,
      float[] inverses,
      int atInverse,
      float[] x,
      int atX,
      float[] dy,
      int atDy,
      float[] dgamma,
      int toGamma,
      float[] dbeta,
      int toBeta) {
    VectorMask<Float> mask = FLOATS.indexInRange(0, lanes);
    FloatVector sum = FloatVector.fromArray(FLOATS, dbeta, toBeta, mask);
    FloatVector product = FloatVector.fromArray(FLOATS, dgamma, toGamma, mask);
    for (int i = 0, skip = 0; i < rows; i++, skip += features) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + skip, mask);
      FloatVector d = FloatVector.fromArray(FLOATS, x, atX + skip, mask).sub(means[atMean + i]);
      sum = sum.add(outer);
      product = d.mul(inverses[atInverse + i]).fma(outer, product);
    }
    sum.intoArray(dbeta, toBeta, mask);
    product.intoArray(dgamma, toGamma, mask);
  }
}

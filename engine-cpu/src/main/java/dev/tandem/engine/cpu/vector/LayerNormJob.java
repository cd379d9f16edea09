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
  private enum Kind {
    FORWARD,
    PARAMETER_GRADIENTS,
    INPUT_GRADIENT
  }

  private Kind kind;
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
    run(workers, Kind.FORWARD, Chunks.ofRows(rows, features));
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
    run(workers, Kind.PARAMETER_GRADIENTS, Chunks.ofRows(features, rows));
    run(workers, Kind.INPUT_GRADIENT, Chunks.ofRows(rows, features));
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

  private void run(Workers workers, Kind what, int count) {
    kind = what;
    chunks = count;
    workers.run(this, count);
  }

  @Override
  public void run(int chunk, int worker) {
    if (kind == Kind.PARAMETER_GRADIENTS) {
      int end = Chunks.start(chunk + 1, chunks, features);
      for (int j = Chunks.start(chunk, chunks, features); j < end; j += LENGTH) {
        parameterGradients(j, Math.min(LENGTH, end - j));
      }
      return;
    }
    int end = Chunks.row(chunk + 1, chunks, rows);
    for (int i = Chunks.row(chunk, chunks, rows); i < end; i++) {
      if (kind == Kind.FORWARD) {
        forwardRow(i);
      } else {
        inputGradientRow(i);
      }
    }
  }

  private static FloatVector load(Tensor tensor, int at, VectorMask<Float> mask) {
    return FloatVector.fromArray(FLOATS, floats(tensor), offset(tensor) + at, mask);
  }

  private void forwardRow(int i) {
    int at = i * features;
    float m = Sums.sum(floats(x), offset(x) + at, features) / features;
    double v = Sums.squaredDifferences(floats(x), offset(x) + at, features, m) / (double) features;
    float inverse = (float) (1 / Math.sqrt(v + epsilon));
    for (int j = 0; j < features; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, features);
      FloatVector xhat = load(x, at + j, mask).sub(m).mul(inverse);
      xhat.fma(load(gamma, j, mask), load(beta, j, mask))
          .intoArray(floats(out), offset(out) + at + j, mask);
    }
    floats(mean)[offset(mean) + i] = m;
    floats(inverseDeviation)[offset(inverseDeviation) + i] = inverse;
  }

  private void inputGradientRow(int i) {
    int at = i * features;
    float m = floats(mean)[offset(mean) + i];
    float inverse = floats(inverseDeviation)[offset(inverseDeviation) + i];
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector product = sum;
    for (int j = 0; j < features; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, features);
      FloatVector g = load(dy, at + j, mask).mul(load(gamma, j, mask));
      sum = sum.add(g);
      product = load(x, at + j, mask).sub(m).fma(g, product);
    }
    float meanG = Sums.lanes(sum) / features;
    float slope = Sums.lanes(product) / features * inverse * inverse;
    for (int j = 0; j < features; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, features);
      FloatVector g = load(dy, at + j, mask).mul(load(gamma, j, mask)).sub(meanG);
      FloatVector d = load(x, at + j, mask).sub(m).mul(slope);
      g.sub(d).mul(inverse).intoArray(floats(out), offset(out) + at + j, mask);
    }
  }

  private void parameterGradients(int j, int lanes) {
    VectorMask<Float> mask = FLOATS.indexInRange(0, lanes);
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector product = sum;
    for (int i = 0; i < rows; i++) {
      float m = floats(mean)[offset(mean) + i];
      float inverse = floats(inverseDeviation)[offset(inverseDeviation) + i];
      FloatVector outer = load(dy, i * features + j, mask);
      sum = sum.add(outer);
      product = load(x, i * features + j, mask).sub(m).mul(inverse).fma(outer, product);
    }
    load(dbeta, j, mask).add(sum).intoArray(floats(dbeta), offset(dbeta) + j, mask);
    load(dgamma, j, mask).add(product).intoArray(floats(dgamma), offset(dgamma) + j, mask);
  }
}

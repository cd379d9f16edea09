package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Tensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The gradients of layer normalisation. Chunks of rows go over x and dy once: while a row is in the
 * cache it gives its part of the parameters' gradients and its dx, which may be dy itself. Each
 * chunk adds up parameters' gradients of its own, and then these are added in the order of chunks.
 */
final class LayerNormGradientJob implements Workers.Task {
  /** Each takes memory for two gradients of all features. */
  private static final int MOST_CHUNKS = 32;

  private Tensor x;
  private Tensor gamma;
  private Tensor mean;
  private Tensor inverseDeviation;
  private Tensor dy;
  private Tensor dx;
  private Tensor dgamma;
  private Tensor dbeta;
  private int rows;
  private int features;
  private int chunks;

  /** By chunk the gradients of beta, and then those of gamma. */
  private float[] partials = new float[0];

  void run(
      Workers workers,
      Tensor in,
      Tensor scale,
      Tensor rowMean,
      Tensor inverse,
      Tensor outer,
      Tensor inner,
      Tensor toGamma,
      Tensor toBeta) {
    x = in;
    gamma = scale;
    mean = rowMean;
    inverseDeviation = inverse;
    dy = outer;
    dx = inner;
    dgamma = toGamma;
    dbeta = toBeta;
    rows = in.shape().rows();
    features = in.shape().columns();
    chunks = Math.min(MOST_CHUNKS, Chunks.ofRows(rows, features));
    if (partials.length < chunks * 2 * features) {
      partials = new float[chunks * 2 * features];
    }
    workers.run(this, chunks);
    for (int chunk = 0; chunk < chunks; chunk++) {
      int at = chunk * 2 * features;
      add(partials, at, dbeta);
      add(partials, at + features, dgamma);
    }
  }

  private void add(float[] part, int at, Tensor sum) {
    VectorElementwise.addRange(
        part, at, floats(sum), offset(sum), floats(sum), offset(sum), features);
  }

  @Override
  public void run(int chunk, int worker) {
    int toBeta = chunk * 2 * features;
    Arrays.fill(partials, toBeta, toBeta + 2 * features, 0);
    int end = Chunks.row(chunk + 1, chunks, rows);
    for (int i = Chunks.row(chunk, chunks, rows); i < end; i++) {
      row(
          floats(mean)[offset(mean) + i],
          floats(inverseDeviation)[offset(inverseDeviation) + i],
          floats(x),
          offset(x) + i * features,
          floats(gamma),
          offset(gamma),
          floats(dy),
          offset(dy) + i * features,
          floats(dx),
          offset(dx) + i * features,
          partials,
          toBeta,
          features);
    }
  }

  private static void row(
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
      float[] partials,
      int toBeta,
      int n) {
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector product = sum;
    int toGamma = toBeta + n;
    int j = 0;
    for (; j < Lanes.whole(n); j += LENGTH) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + j);
      FloatVector d = FloatVector.fromArray(FLOATS, x, atX + j).sub(m);
      FloatVector g = outer.mul(FloatVector.fromArray(FLOATS, gamma, atGamma + j));
      sum = sum.add(g);
      product = d.fma(g, product);
      FloatVector.fromArray(FLOATS, partials, toBeta + j)
          .add(outer)
          .intoArray(partials, toBeta + j);
      d.mul(inverse)
          .fma(outer, FloatVector.fromArray(FLOATS, partials, toGamma + j))
          .intoArray(partials, toGamma + j);
    }
    // Another loop of vectors would pass NodeCountInliningCutoff, see SoftmaxPasses.
    float sumOfRest = 0;
    float productOfRest = 0;
    for (; j < n; j++) {
      float outer = dy[atDy + j];
      float d = x[atX + j] - m;
      float g = outer * gamma[atGamma + j];
      sumOfRest += g;
      productOfRest = Math.fma(d, g, productOfRest);
      partials[toBeta + j] += outer;
      partials[toGamma + j] = Math.fma(d * inverse, outer, partials[toGamma + j]);
    }
    float meanG = (Sums.lanes(sum) + sumOfRest) / n;
    float slope = (Sums.lanes(product) + productOfRest) / n * inverse * inverse;
    inputGradient(m, inverse, meanG, slope, x, atX, gamma, atGamma, dy, atDy, dx, to, n);
  }

  /** {@code dx = inverse (dy gamma - mean of these - slope (x - m))}. */
  private static void inputGradient(
      float m,
      float inverse,
      float meanG,
      float slope,
      float[] x,
      int atX,
      float[] gamma,
      int atGamma,
      float[] dy,
      int atDy,
      float[] dx,
      int to,
      int n) {
    int j = 0;
    for (; j < Lanes.whole(n); j += LENGTH) {
      FloatVector scale = FloatVector.fromArray(FLOATS, gamma, atGamma + j);
      FloatVector g = FloatVector.fromArray(FLOATS, dy, atDy + j).mul(scale).sub(meanG);
      FloatVector d = FloatVector.fromArray(FLOATS, x, atX + j).sub(m).mul(slope);
      g.sub(d).mul(inverse).intoArray(dx, to + j);
    }
    for (; j < n; j++) {
      float g = dy[atDy + j] * gamma[atGamma + j] - meanG;
      dx[to + j] = (g - (x[atX + j] - m) * slope) * inverse;
    }
  }
}

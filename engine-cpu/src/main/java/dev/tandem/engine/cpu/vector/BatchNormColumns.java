package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Sums over the batch of {@code [N,C]}, for as many channels as one vector has lanes. */
final class BatchNormColumns {
  private BatchNormColumns() {}

  /** Writes means and variances. */
  static void moments(
      int batch,
      int channels,
      int lanes,
      float[] x,
      int at,
      float[] means,
      int atMean,
      float[] variances,
      int atVariance) {
    VectorMask<Float> mask = FLOATS.indexInRange(0, lanes);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int n = 0, next = at; n < batch; n++, next += channels) {
      sum = sum.add(FloatVector.fromArray(FLOATS, x, next, mask));
    }
    FloatVector m = sum.div(batch);
    FloatVector squares = FloatVector.zero(FLOATS);
    for (int n = 0, next = at; n < batch; n++, next += channels) {
      FloatVector d = FloatVector.fromArray(FLOATS, x, next, mask).sub(m);
      squares = d.fma(d, squares);
    }
    m.intoArray(means, atMean, mask);
    squares.div(batch).intoArray(variances, atVariance, mask);
  }

  /** Writes {@code sum dy}, and in the next vector {@code sum dy (x - mean)}. */
  static void gradientSums(
      int batch,
      int channels,
      int lanes,
      float[] x,
      int atX,
      float[] dy,
      int atDy,
      float[] means,
      int atMean,
      float[] sums) {
    VectorMask<Float> mask = FLOATS.indexInRange(0, lanes);
    FloatVector m = FloatVector.fromArray(FLOATS, means, atMean, mask);
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector product = sum;
    int skip = 0;
    for (int n = 0; n < batch; n++, skip += channels) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + skip, mask);
      sum = sum.add(outer);
      product = FloatVector.fromArray(FLOATS, x, atX + skip, mask).sub(m).fma(outer, product);
    }
    sum.intoArray(sums, 0);
    product.intoArray(sums, LENGTH);
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Batch normalisation in chunks of channels. Where several elements lie behind each (n, c), a
 * vector holds elements of one channel; in {@code [N,C]} it holds one element of several channels.
 */
final class BatchNormJob implements Workers.Task {
  private enum Kind {
    TRAIN,
    INFER,
    BACKWARD
  }

  private Kind kind;
  private double epsilon;
  private double momentum;
  private Tensor x;
  private Tensor gamma;
  private Tensor beta;
  private Tensor mean;
  private Tensor inverseDeviation;
  private Tensor runningMean;
  private Tensor runningVariance;
  private Tensor dy;
  private Tensor out;
  private Tensor dgamma;
  private Tensor dbeta;
  private int batch;
  private int channels;
  private int behind;
  private int chunks;

  void train(
      double toVariance,
      double weight,
      Tensor in,
      Tensor scale,
      Tensor shift,
      Tensor keptMean,
      Tensor keptVariance,
      Tensor y,
      Tensor batchMean,
      Tensor inverse) {
    infer(toVariance, in, scale, shift, keptMean, keptVariance, y);
    kind = Kind.TRAIN;
    momentum = weight;
    mean = batchMean;
    inverseDeviation = inverse;
  }

  void infer(
      double toVariance,
      Tensor in,
      Tensor scale,
      Tensor shift,
      Tensor keptMean,
      Tensor keptVariance,
      Tensor y) {
    kind = Kind.INFER;
    epsilon = toVariance;
    x = in;
    gamma = scale;
    beta = shift;
    runningMean = keptMean;
    runningVariance = keptVariance;
    out = y;
  }

  void backward(
      Tensor in,
      Tensor scale,
      Tensor batchMean,
      Tensor inverse,
      Tensor outer,
      Tensor inner,
      Tensor toGamma,
      Tensor toBeta) {
    kind = Kind.BACKWARD;
    x = in;
    gamma = scale;
    mean = batchMean;
    inverseDeviation = inverse;
    dy = outer;
    out = inner;
    dgamma = toGamma;
    dbeta = toBeta;
  }

  void run(Workers workers) {
    batch = x.shape().dimension(0);
    channels = x.shape().dimension(1);
    behind = VectorElementwise.elementsBehindChannel(x);
    chunks = Chunks.ofRows(channels, batch * behind);
    workers.run(this, chunks);
  }

  @Override
  public void run(int chunk, int worker) {
    if (behind == 1) {
      int end = Chunks.start(chunk + 1, chunks, channels);
      for (int c = Chunks.start(chunk, chunks, channels); c < end; c += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(c, end);
        switch (kind) {
          case TRAIN -> trainColumns(c, mask);
          case INFER -> inferColumns(c, mask);
          case BACKWARD -> backwardColumns(c, mask);
        }
      }
    } else {
      int end = Chunks.row(chunk + 1, chunks, channels);
      for (int c = Chunks.row(chunk, chunks, channels); c < end; c++) {
        switch (kind) {
          case TRAIN -> trainChannel(c);
          case INFER -> inferChannel(c);
          case BACKWARD -> backwardChannel(c);
        }
      }
    }
  }

  private static float get(Tensor tensor, int c) {
    return floats(tensor)[offset(tensor) + c];
  }

  private static void set(Tensor tensor, int c, double value) {
    floats(tensor)[offset(tensor) + c] = (float) value;
  }

  private int run(Tensor tensor, int n, int c) {
    return offset(tensor) + (n * channels + c) * behind;
  }

  private void trainChannel(int c) {
    int count = batch * behind;
    double sum = 0;
    for (int n = 0; n < batch; n++) {
      sum += Sums.sum(floats(x), run(x, n, c), behind);
    }
    double m = sum / count;
    double squares = 0;
    for (int n = 0; n < batch; n++) {
      squares += Sums.squaredDifferences(floats(x), run(x, n, c), behind, (float) m);
    }
    double v = squares / count;
    double inverse = 1 / Math.sqrt(v + epsilon);
    normalise(c, (float) m, inverse);
    set(mean, c, m);
    set(inverseDeviation, c, inverse);
    set(runningMean, c, (1 - momentum) * get(runningMean, c) + momentum * m);
    set(
        runningVariance,
        c,
        (1 - momentum) * get(runningVariance, c) + momentum * squares / (count - 1));
  }

  private void inferChannel(int c) {
    normalise(c, get(runningMean, c), 1 / Math.sqrt(get(runningVariance, c) + epsilon));
  }

  /** {@code y = (x - m) (gamma inverse) + beta}. */
  private void normalise(int c, float m, double inverse) {
    float scale = (float) (get(gamma, c) * inverse);
    float shift = get(beta, c);
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector shifts = FloatVector.broadcast(FLOATS, shift);
    float[] from = floats(x);
    float[] to = floats(out);
    for (int n = 0; n < batch; n++) {
      int atX = run(x, n, c);
      int atY = run(out, n, c);
      int i = 0;
      for (; i < Lanes.whole(behind); i += LENGTH) {
        FloatVector d = FloatVector.fromArray(FLOATS, from, atX + i).sub(m);
        d.fma(scales, shifts).intoArray(to, atY + i);
      }
      for (; i < behind; i++) {
        to[atY + i] = Math.fma(from[atX + i] - m, scale, shift);
      }
    }
  }

  private void backwardChannel(int c) {
    float m = get(mean, c);
    double inverse = get(inverseDeviation, c);
    double sum = 0;
    double product = 0;
    for (int n = 0; n < batch; n++) {
      int atDy = run(dy, n, c);
      sum += Sums.sum(floats(dy), atDy, behind);
      product +=
          inverse * Sums.dotDifferences(floats(dy), atDy, floats(x), run(x, n, c), behind, m);
    }
    set(dbeta, c, get(dbeta, c) + sum);
    set(dgamma, c, get(dgamma, c) + product);
    int count = batch * behind;
    double scale = get(gamma, c) * inverse;
    inputGradient(
        c,
        m,
        (float) scale,
        (float) (-scale * sum / count),
        (float) (-scale * inverse * product / count));
  }

  /** {@code dx = scale dy + shift + slope (x - m)}. */
  private void inputGradient(int c, float m, float scale, float shift, float slope) {
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector shifts = FloatVector.broadcast(FLOATS, shift);
    FloatVector slopes = FloatVector.broadcast(FLOATS, slope);
    float[] from = floats(x);
    float[] outer = floats(dy);
    float[] to = floats(out);
    for (int n = 0; n < batch; n++) {
      int atX = run(x, n, c);
      int atDy = run(dy, n, c);
      int atDx = run(out, n, c);
      int i = 0;
      for (; i < Lanes.whole(behind); i += LENGTH) {
        FloatVector d = FloatVector.fromArray(FLOATS, from, atX + i).sub(m);
        FloatVector g = FloatVector.fromArray(FLOATS, outer, atDy + i).fma(scales, shifts);
        d.fma(slopes, g).intoArray(to, atDx + i);
      }
      for (; i < behind; i++) {
        float g = Math.fma(outer[atDy + i], scale, shift);
        to[atDx + i] = Math.fma(from[atX + i] - m, slope, g);
      }
    }
  }

  private FloatVector load(Tensor tensor, int at, VectorMask<Float> mask) {
    return FloatVector.fromArray(FLOATS, floats(tensor), offset(tensor) + at, mask);
  }

  private void store(FloatVector value, Tensor tensor, int at, VectorMask<Float> mask) {
    value.intoArray(floats(tensor), offset(tensor) + at, mask);
  }

  private void trainColumns(int c, VectorMask<Float> mask) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int n = 0; n < batch; n++) {
      sum = sum.add(load(x, n * channels + c, mask));
    }
    FloatVector m = sum.div(batch);
    FloatVector squares = FloatVector.zero(FLOATS);
    for (int n = 0; n < batch; n++) {
      FloatVector d = load(x, n * channels + c, mask).sub(m);
      squares = d.fma(d, squares);
    }
    FloatVector inverse = inverse(squares.div(batch));
    normaliseColumns(c, mask, m, inverse);
    store(m, mean, c, mask);
    store(inverse, inverseDeviation, c, mask);
    float kept = (float) (1 - momentum);
    float added = (float) momentum;
    store(load(runningMean, c, mask).mul(kept).add(m.mul(added)), runningMean, c, mask);
    FloatVector unbiased = squares.div(batch - 1);
    store(
        load(runningVariance, c, mask).mul(kept).add(unbiased.mul(added)),
        runningVariance,
        c,
        mask);
  }

  private void inferColumns(int c, VectorMask<Float> mask) {
    FloatVector inverse = inverse(load(runningVariance, c, mask));
    normaliseColumns(c, mask, load(runningMean, c, mask), inverse);
  }

  private FloatVector inverse(FloatVector variance) {
    return FloatVector.broadcast(FLOATS, 1).div(variance.add((float) epsilon).sqrt());
  }

  private void normaliseColumns(int c, VectorMask<Float> mask, FloatVector m, FloatVector inverse) {
    FloatVector scale = load(gamma, c, mask).mul(inverse);
    FloatVector shift = load(beta, c, mask);
    for (int n = 0; n < batch; n++) {
      int at = n * channels + c;
      store(load(x, at, mask).sub(m).fma(scale, shift), out, at, mask);
    }
  }

  private void backwardColumns(int c, VectorMask<Float> mask) {
    FloatVector m = load(mean, c, mask);
    FloatVector inverse = load(inverseDeviation, c, mask);
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector product = sum;
    for (int n = 0; n < batch; n++) {
      int at = n * channels + c;
      FloatVector outer = load(dy, at, mask);
      sum = sum.add(outer);
      product = load(x, at, mask).sub(m).fma(outer, product);
    }
    product = product.mul(inverse);
    store(load(dbeta, c, mask).add(sum), dbeta, c, mask);
    store(load(dgamma, c, mask).add(product), dgamma, c, mask);
    FloatVector scale = load(gamma, c, mask).mul(inverse);
    FloatVector shift = sum.div(-batch).mul(scale);
    FloatVector slope = product.div(-batch).mul(inverse).mul(scale);
    for (int n = 0; n < batch; n++) {
      int at = n * channels + c;
      FloatVector g = load(dy, at, mask).fma(scale, shift);
      store(load(x, at, mask).sub(m).fma(slope, g), out, at, mask);
    }
  }
}

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

  /**
   * A loop over the elements behind (n, c), with up to four numbers. Behind an interface of which
   * {@link #pass} is given three in turn, so that C2 compiles each by itself: see {@link
   * SoftmaxPasses}.
   */
  private interface Pass {
    float run(int n, int c, float m, float scale, float shift, float slope);
  }

  /** 32 kB. */
  private static final int BLOCK = 8192;

  private final float[][] scratch;
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
  private final Pass sumOfInputs =
      (n, c, m, scale, shift, slope) -> Sums.sum(floats(x), run(x, n, c), behind);
  private final Pass squaresOfInputs =
      (n, c, m, scale, shift, slope) -> Sums.squaredDifferences(floats(x), run(x, n, c), behind, m);
  private final Pass sumOfGradients =
      (n, c, m, scale, shift, slope) -> Sums.sum(floats(dy), run(dy, n, c), behind);
  private final Pass products =
      (n, c, m, scale, shift, slope) ->
          Sums.dotDifferences(floats(dy), run(dy, n, c), floats(x), run(x, n, c), behind, m);
  private final Pass normalise = this::normalise;
  private final Pass inputGradient = this::inputGradient;

  BatchNormJob(Workers workers) {
    scratch = new float[workers.threads()][3 * LENGTH];
  }

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
        int lanes = Math.min(LENGTH, end - c);
        switch (kind) {
          case TRAIN -> trainColumns(c, lanes);
          case INFER -> inferColumns(c, lanes, scratch[worker]);
          case BACKWARD -> backwardColumns(c, lanes, scratch[worker]);
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

  /**
   * Mean and variance in one pass over memory: those of blocks of runs, which the first-level cache
   * holds, are put together (Chan, Golub and LeVeque 1983, equation 2.1).
   */
  private void trainChannel(int c) {
    int group = Math.max(1, BLOCK / behind);
    double m = 0;
    double squares = 0;
    for (int n = 0; n < batch; n += group) {
      int end = Math.min(n + group, batch);
      double sum = 0;
      for (int i = n; i < end; i++) {
        sum += pass(sumOfInputs, i, c, 0, 0, 0, 0);
      }
      double of = sum / ((end - n) * behind);
      for (int i = n; i < end; i++) {
        squares += pass(squaresOfInputs, i, c, (float) of, 0, 0, 0);
      }
      double difference = of - m;
      m += difference * (end - n) / end;
      squares += difference * difference * n * (end - n) / end * behind;
    }
    double v = squares / (batch * behind);
    double inverse = 1 / Math.sqrt(v + epsilon);
    normalise(c, (float) m, inverse);
    set(mean, c, m);
    set(inverseDeviation, c, inverse);
    keep(c, m, squares / (batch * behind - 1));
  }

  private static float pass(
      Pass pass, int n, int c, float m, float scale, float shift, float slope) {
    return pass.run(n, c, m, scale, shift, slope);
  }

  private void keep(int c, double m, double unbiasedVariance) {
    set(runningMean, c, (1 - momentum) * get(runningMean, c) + momentum * m);
    set(runningVariance, c, (1 - momentum) * get(runningVariance, c) + momentum * unbiasedVariance);
  }

  private void inferChannel(int c) {
    normalise(c, get(runningMean, c), 1 / Math.sqrt(get(runningVariance, c) + epsilon));
  }

  private void normalise(int c, float m, double inverse) {
    float scale = (float) (get(gamma, c) * inverse);
    float shift = get(beta, c);
    for (int n = 0; n < batch; n++) {
      pass(normalise, n, c, m, scale, shift, 0);
    }
  }

  /** {@code y = (x - m) scale + shift}. */
  private float normalise(int n, int c, float m, float scale, float shift, float slope) {
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector shifts = FloatVector.broadcast(FLOATS, shift);
    float[] from = floats(x);
    float[] to = floats(out);
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
    return 0;
  }

  private void backwardChannel(int c) {
    float m = get(mean, c);
    double inverse = get(inverseDeviation, c);
    double sum = 0;
    double product = 0;
    for (int n = 0; n < batch; n++) {
      sum += pass(sumOfGradients, n, c, 0, 0, 0, 0);
      product += inverse * pass(products, n, c, m, 0, 0, 0);
    }
    set(dbeta, c, get(dbeta, c) + sum);
    set(dgamma, c, get(dgamma, c) + product);
    int count = batch * behind;
    double scale = get(gamma, c) * inverse;
    float shift = (float) (-scale * sum / count);
    float slope = (float) (-scale * inverse * product / count);
    for (int n = 0; n < batch; n++) {
      pass(inputGradient, n, c, m, (float) scale, shift, slope);
    }
  }

  /** {@code dx = scale dy + shift + slope (x - m)}. */
  private float inputGradient(int n, int c, float m, float scale, float shift, float slope) {
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector shifts = FloatVector.broadcast(FLOATS, shift);
    FloatVector slopes = FloatVector.broadcast(FLOATS, slope);
    float[] from = floats(x);
    float[] outer = floats(dy);
    float[] to = floats(out);
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
    return 0;
  }

  /** Some channels of {@code [N,C]}; their variance waits where the inverse deviation will be. */
  private void trainColumns(int c, int lanes) {
    float[] means = floats(mean);
    float[] inverses = floats(inverseDeviation);
    int atMean = offset(mean) + c;
    int atInverse = offset(inverseDeviation) + c;
    BatchNormColumns.moments(
        batch, channels, lanes, floats(x), offset(x) + c, means, atMean, inverses, atInverse);
    for (int i = 0; i < lanes; i++) {
      double variance = inverses[atInverse + i];
      keep(c + i, means[atMean + i], variance * batch / (batch - 1));
      inverses[atInverse + i] = (float) (1 / Math.sqrt(variance + epsilon));
    }
    normaliseColumns(c, lanes, means, atMean, inverses, atInverse);
  }

  private void inferColumns(int c, int lanes, float[] inverses) {
    for (int i = 0; i < lanes; i++) {
      inverses[i] = (float) (1 / Math.sqrt(get(runningVariance, c + i) + epsilon));
    }
    normaliseColumns(c, lanes, floats(runningMean), offset(runningMean) + c, inverses, 0);
  }

  private void normaliseColumns(
      int c, int lanes, float[] means, int atMean, float[] inverses, int atInverse) {
    float[] scales = floats(gamma);
    float[] shifts = floats(beta);
    float[] from = floats(x);
    float[] to = floats(out);
    VectorMask<Float> mask = FLOATS.indexInRange(0, lanes);
    FloatVector m = FloatVector.fromArray(FLOATS, means, atMean, mask);
    FloatVector inverse = FloatVector.fromArray(FLOATS, inverses, atInverse, mask);
    FloatVector scale = FloatVector.fromArray(FLOATS, scales, offset(gamma) + c, mask).mul(inverse);
    FloatVector shift = FloatVector.fromArray(FLOATS, shifts, offset(beta) + c, mask);
    int atX = offset(x) + c;
    int atY = offset(out) + c;
    for (int n = 0; n < batch; n++, atX += channels, atY += channels) {
      FloatVector d = FloatVector.fromArray(FLOATS, from, atX, mask).sub(m);
      d.fma(scale, shift).intoArray(to, atY, mask);
    }
  }

  private void backwardColumns(int c, int lanes, float[] sums) {
    BatchNormColumns.gradientSums(
        batch,
        channels,
        lanes,
        floats(x),
        offset(x) + c,
        floats(dy),
        offset(dy) + c,
        floats(mean),
        offset(mean) + c,
        sums);
    for (int i = 0; i < lanes; i++) {
      double inverse = get(inverseDeviation, c + i);
      double sum = sums[i];
      double product = sums[LENGTH + i] * inverse;
      set(dbeta, c + i, get(dbeta, c + i) + sum);
      set(dgamma, c + i, get(dgamma, c + i) + product);
      double scale = get(gamma, c + i) * inverse;
      sums[i] = (float) scale;
      sums[LENGTH + i] = (float) (-scale * sum / batch);
      sums[2 * LENGTH + i] = (float) (-scale * inverse * product / batch);
    }
    columnGradients(c, lanes, sums);
  }

  /** {@code dx = scale dy + shift + slope (x - m)}, with the factors side by side. */
  private void columnGradients(int c, int lanes, float[] factors) {
    float[] from = floats(x);
    float[] outer = floats(dy);
    float[] to = floats(out);
    VectorMask<Float> mask = FLOATS.indexInRange(0, lanes);
    FloatVector m = FloatVector.fromArray(FLOATS, floats(mean), offset(mean) + c, mask);
    FloatVector scale = FloatVector.fromArray(FLOATS, factors, 0);
    FloatVector shift = FloatVector.fromArray(FLOATS, factors, LENGTH);
    FloatVector slope = FloatVector.fromArray(FLOATS, factors, 2 * LENGTH);
    int atX = offset(x) + c;
    int atDy = offset(dy) + c;
    int atDx = offset(out) + c;
    for (int n = 0, skip = 0; n < batch; n++, skip += channels) {
      FloatVector d = FloatVector.fromArray(FLOATS, from, atX + skip, mask).sub(m);
      FloatVector g = FloatVector.fromArray(FLOATS, outer, atDy + skip, mask).fma(scale, shift);
      d.fma(slope, g).intoArray(to, atDx + skip, mask);
    }
  }
}

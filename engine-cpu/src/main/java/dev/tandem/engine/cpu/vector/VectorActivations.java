package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Activation;
import dev.tandem.engine.Activations;
import dev.tandem.engine.Backend;
import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Activation functions and their derivatives. */
final class VectorActivations extends Activations {
  private static final float LEAKY_SLOPE = (float) Activation.LEAKY_SLOPE;

  private final Workers workers;
  private final Job job = new Job();

  VectorActivations(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
  }

  @Override
  protected void computeForward(Activation f, Tensor x, Tensor y) {
    job.run(workers, f, false, x, x, y);
  }

  @Override
  protected void computeBackward(Activation f, Tensor saved, Tensor dy, Tensor dx) {
    job.run(workers, f, true, saved, dy, dx);
  }

  private static final class Job implements Workers.Task {
    private Activation function;
    private boolean backward;
    private Tensor x;
    private Tensor dy;
    private Tensor out;
    private int chunks;

    void run(
        Workers workers, Activation f, boolean isBackward, Tensor in, Tensor outer, Tensor result) {
      function = f;
      backward = isBackward;
      x = in;
      dy = outer;
      out = result;
      chunks = Chunks.count(length(in));
      workers.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(x));
      int n = Chunks.start(chunk + 1, chunks, length(x)) - start;
      if (backward) {
        backwardRange(
            function,
            floats(x),
            offset(x) + start,
            floats(dy),
            offset(dy) + start,
            floats(out),
            offset(out) + start,
            n);
      } else {
        forwardRange(function, floats(x), offset(x) + start, floats(out), offset(out) + start, n);
      }
    }
  }

  /** {@code y = f(x)} over a range; y may be x itself. */
  static void forwardRange(Activation f, float[] x, int atX, float[] y, int atY, int n) {
    switch (f) {
      case IDENTITY -> System.arraycopy(x, atX, y, atY, n);
      case RELU -> reluRange(x, atX, y, atY, n);
      case LEAKY_RELU -> leakyReluRange(x, atX, y, atY, n);
      case SIGMOID -> sigmoidRange(x, atX, y, atY, n);
      case TANH -> tanhRange(x, atX, y, atY, n);
      case GELU -> geluRange(x, atX, y, atY, n);
      case SILU -> siluRange(x, atX, y, atY, n);
      case ELU -> eluRange(x, atX, y, atY, n);
    }
  }

  /** {@code dx = dy f'(saved)} over a range; dx may be dy itself. */
  private static void backwardRange(
      Activation f, float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    switch (f) {
      case IDENTITY -> System.arraycopy(dy, atDy, dx, atDx, n);
      case RELU -> reluBackwardRange(x, atX, dy, atDy, dx, atDx, n);
      case LEAKY_RELU -> leakyReluBackwardRange(x, atX, dy, atDy, dx, atDx, n);
      case SIGMOID -> sigmoidBackwardRange(x, atX, dy, atDy, dx, atDx, n);
      case TANH -> tanhBackwardRange(x, atX, dy, atDy, dx, atDx, n);
      case GELU -> geluBackwardRange(x, atX, dy, atDy, dx, atDx, n);
      case SILU -> siluBackwardRange(x, atX, dy, atDy, dx, atDx, n);
      case ELU -> eluBackwardRange(x, atX, dy, atDy, dx, atDx, n);
    }
  }

  private static void reluRange(float[] x, int atX, float[] y, int atY, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      relu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      relu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void leakyReluRange(float[] x, int atX, float[] y, int atY, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      leakyRelu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      leakyRelu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void sigmoidRange(float[] x, int atX, float[] y, int atY, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      sigmoid(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      sigmoid(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void tanhRange(float[] x, int atX, float[] y, int atY, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      tanh(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      tanh(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void geluRange(float[] x, int atX, float[] y, int atY, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      gelu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      gelu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void siluRange(float[] x, int atX, float[] y, int atY, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      silu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      silu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void eluRange(float[] x, int atX, float[] y, int atY, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      elu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      elu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void reluBackwardRange(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      reluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i),
              FloatVector.fromArray(FLOATS, dy, atDy + i))
          .intoArray(dx, atDx + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      reluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i, mask),
              FloatVector.fromArray(FLOATS, dy, atDy + i, mask))
          .intoArray(dx, atDx + i, mask);
    }
  }

  private static void leakyReluBackwardRange(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      leakyReluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i),
              FloatVector.fromArray(FLOATS, dy, atDy + i))
          .intoArray(dx, atDx + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      leakyReluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i, mask),
              FloatVector.fromArray(FLOATS, dy, atDy + i, mask))
          .intoArray(dx, atDx + i, mask);
    }
  }

  private static void sigmoidBackwardRange(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      sigmoidBackward(
              FloatVector.fromArray(FLOATS, x, atX + i),
              FloatVector.fromArray(FLOATS, dy, atDy + i))
          .intoArray(dx, atDx + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      sigmoidBackward(
              FloatVector.fromArray(FLOATS, x, atX + i, mask),
              FloatVector.fromArray(FLOATS, dy, atDy + i, mask))
          .intoArray(dx, atDx + i, mask);
    }
  }

  private static void tanhBackwardRange(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      tanhBackward(
              FloatVector.fromArray(FLOATS, x, atX + i),
              FloatVector.fromArray(FLOATS, dy, atDy + i))
          .intoArray(dx, atDx + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      tanhBackward(
              FloatVector.fromArray(FLOATS, x, atX + i, mask),
              FloatVector.fromArray(FLOATS, dy, atDy + i, mask))
          .intoArray(dx, atDx + i, mask);
    }
  }

  private static void geluBackwardRange(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      geluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i),
              FloatVector.fromArray(FLOATS, dy, atDy + i))
          .intoArray(dx, atDx + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      geluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i, mask),
              FloatVector.fromArray(FLOATS, dy, atDy + i, mask))
          .intoArray(dx, atDx + i, mask);
    }
  }

  private static void siluBackwardRange(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      siluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i),
              FloatVector.fromArray(FLOATS, dy, atDy + i))
          .intoArray(dx, atDx + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      siluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i, mask),
              FloatVector.fromArray(FLOATS, dy, atDy + i, mask))
          .intoArray(dx, atDx + i, mask);
    }
  }

  private static void eluBackwardRange(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      eluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i),
              FloatVector.fromArray(FLOATS, dy, atDy + i))
          .intoArray(dx, atDx + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      eluBackward(
              FloatVector.fromArray(FLOATS, x, atX + i, mask),
              FloatVector.fromArray(FLOATS, dy, atDy + i, mask))
          .intoArray(dx, atDx + i, mask);
    }
  }

  private static FloatVector relu(FloatVector x) {
    return x.max(0f);
  }

  private static FloatVector leakyRelu(FloatVector x) {
    return x.mul(LEAKY_SLOPE).blend(x, isAboveZero(x));
  }

  private static FloatVector sigmoid(FloatVector x) {
    return VectorMath.sigmoid(x);
  }

  private static FloatVector tanh(FloatVector x) {
    return VectorMath.tanh(x);
  }

  private static FloatVector gelu(FloatVector x) {
    return x.mul(VectorMath.normalDistribution(x));
  }

  private static FloatVector silu(FloatVector x) {
    return x.mul(VectorMath.sigmoid(x));
  }

  private static FloatVector elu(FloatVector x) {
    return VectorMath.expm1OfNegative(x.min(0f)).blend(x, isAboveZero(x));
  }

  private static FloatVector reluBackward(FloatVector y, FloatVector dy) {
    return dy.mul(broadcast(0f).blend(1f, isAboveZero(y)));
  }

  private static FloatVector leakyReluBackward(FloatVector y, FloatVector dy) {
    return dy.mul(broadcast(LEAKY_SLOPE).blend(1f, isAboveZero(y)));
  }

  /** {@code y' = y (1 - y)}. */
  private static FloatVector sigmoidBackward(FloatVector y, FloatVector dy) {
    return dy.mul(y.mul(broadcast(1f).sub(y)));
  }

  /** {@code y' = 1 - y^2}. */
  private static FloatVector tanhBackward(FloatVector y, FloatVector dy) {
    return dy.mul(broadcast(1f).sub(y).mul(y.add(1f)));
  }

  private static FloatVector geluBackward(FloatVector x, FloatVector dy) {
    return dy.mul(VectorMath.geluDerivative(x));
  }

  /** {@code s (1 + x (1 - s))} with {@code s = sigmoid(x)}. */
  private static FloatVector siluBackward(FloatVector x, FloatVector dy) {
    FloatVector s = VectorMath.sigmoid(x);
    FloatVector complement = VectorMath.sigmoid(x.neg());
    return dy.mul(s.mul(x.fma(complement, broadcast(1f))));
  }

  /** {@code y' = y + 1} below 0. */
  private static FloatVector eluBackward(FloatVector y, FloatVector dy) {
    return dy.mul(y.add(1f).blend(broadcast(1f), isAboveZero(y)));
  }

  private static VectorMask<Float> isAboveZero(FloatVector x) {
    return x.compare(VectorOperators.GT, 0f);
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}

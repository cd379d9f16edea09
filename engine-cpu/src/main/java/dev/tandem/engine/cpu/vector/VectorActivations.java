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
  private final Job job;

  VectorActivations(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    job = new Job(workers);
  }

  @Override
  protected void computeForward(Activation f, Tensor x, Tensor y) {
    job.set(f, false, x, x, y);
    workers.run(job, job.chunks);
  }

  @Override
  protected void computeBackward(Activation f, Tensor saved, Tensor dy, Tensor dx) {
    job.set(f, true, saved, dy, dx);
    workers.run(job, job.chunks);
  }

  private static final class Job implements Workers.Task {
    private final Scratch scratch;
    private Activation function;
    private boolean backward;
    private Tensor x;
    private Tensor dy;
    private Tensor out;
    private int chunks;

    Job(Workers workers) {
      scratch = new Scratch(workers);
    }

    void set(Activation f, boolean isBackward, Tensor in, Tensor outer, Tensor result) {
      function = f;
      backward = isBackward;
      x = in;
      dy = outer;
      out = result;
      chunks = Chunks.count(length(in));
    }

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(x));
      int n = Chunks.start(chunk + 1, chunks, length(x)) - start;
      int atX = offset(x) + start;
      int atDy = offset(dy) + start;
      int to = offset(out) + start;
      float[] rest = scratch.of(worker);
      if (backward) {
        backwardRange(function, floats(x), atX, floats(dy), atDy, floats(out), to, n, rest);
      } else {
        forwardRange(function, floats(x), atX, floats(out), to, n, rest);
      }
    }
  }

  /** {@code y = f(x)} over a range; y may be x itself. */
  static void forwardRange(
      Activation f, float[] x, int atX, float[] y, int atY, int n, float[] scratch) {
    int whole = Lanes.whole(n);
    forwardVectors(f, x, atX, y, atY, whole);
    if (whole < n) {
      Scratch.put(scratch, 0, x, atX + whole, n - whole, 0);
      forwardVectors(f, scratch, 0, scratch, 0, LENGTH);
      Scratch.take(scratch, 0, y, atY + whole, n - whole);
    }
  }

  /** {@code dx = dy f'(saved)} over a range; dx may be dy itself. */
  private static void backwardRange(
      Activation f,
      float[] x,
      int atX,
      float[] dy,
      int atDy,
      float[] dx,
      int atDx,
      int n,
      float[] scratch) {
    int whole = Lanes.whole(n);
    backwardVectors(f, x, atX, dy, atDy, dx, atDx, whole);
    if (whole < n) {
      Scratch.put(scratch, 0, x, atX + whole, n - whole, 0);
      Scratch.put(scratch, 1, dy, atDy + whole, n - whole, 0);
      backwardVectors(f, scratch, 0, scratch, LENGTH, scratch, LENGTH, LENGTH);
      Scratch.take(scratch, 1, dx, atDx + whole, n - whole);
    }
  }

  private static void forwardVectors(Activation f, float[] x, int atX, float[] y, int atY, int n) {
    switch (f) {
      case IDENTITY -> System.arraycopy(x, atX, y, atY, n);
      case RELU -> relu(x, atX, y, atY, n);
      case LEAKY_RELU -> leakyRelu(x, atX, y, atY, n);
      case SIGMOID -> sigmoid(x, atX, y, atY, n);
      case TANH -> tanh(x, atX, y, atY, n);
      case GELU -> gelu(x, atX, y, atY, n);
      case SILU -> silu(x, atX, y, atY, n);
      case ELU -> elu(x, atX, y, atY, n);
    }
  }

  private static void backwardVectors(
      Activation f, float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    switch (f) {
      case IDENTITY -> System.arraycopy(dy, atDy, dx, atDx, n);
      case RELU -> reluBackward(x, atX, dy, atDy, dx, atDx, n);
      case LEAKY_RELU -> leakyReluBackward(x, atX, dy, atDy, dx, atDx, n);
      case SIGMOID -> sigmoidBackward(x, atX, dy, atDy, dx, atDx, n);
      case TANH -> tanhBackward(x, atX, dy, atDy, dx, atDx, n);
      case GELU -> geluBackward(x, atX, dy, atDy, dx, atDx, n);
      case SILU -> siluBackward(x, atX, dy, atDy, dx, atDx, n);
      case ELU -> eluBackward(x, atX, dy, atDy, dx, atDx, n);
    }
  }

  private static void relu(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      relu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
  }

  private static void leakyRelu(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      leakyRelu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
  }

  private static void sigmoid(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      sigmoid(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
  }

  private static void tanh(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      tanh(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
  }

  private static void gelu(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      gelu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
  }

  private static void silu(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      silu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
  }

  private static void elu(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      elu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
  }

  private static void reluBackward(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i);
      reluBackward(FloatVector.fromArray(FLOATS, x, atX + i), outer).intoArray(dx, atDx + i);
    }
  }

  private static void leakyReluBackward(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i);
      leakyReluBackward(FloatVector.fromArray(FLOATS, x, atX + i), outer).intoArray(dx, atDx + i);
    }
  }

  private static void sigmoidBackward(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i);
      sigmoidBackward(FloatVector.fromArray(FLOATS, x, atX + i), outer).intoArray(dx, atDx + i);
    }
  }

  private static void tanhBackward(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i);
      tanhBackward(FloatVector.fromArray(FLOATS, x, atX + i), outer).intoArray(dx, atDx + i);
    }
  }

  private static void geluBackward(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i);
      geluBackward(FloatVector.fromArray(FLOATS, x, atX + i), outer).intoArray(dx, atDx + i);
    }
  }

  private static void siluBackward(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i);
      siluBackward(FloatVector.fromArray(FLOATS, x, atX + i), outer).intoArray(dx, atDx + i);
    }
  }

  private static void eluBackward(
      float[] x, int atX, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i);
      eluBackward(FloatVector.fromArray(FLOATS, x, atX + i), outer).intoArray(dx, atDx + i);
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
    FloatVector e = VectorMath.expOfNegative(x.abs().neg());
    FloatVector larger = broadcast(1f).div(e.add(1f));
    FloatVector smaller = e.mul(larger);
    VectorMask<Float> above = isAboveZero(x);
    FloatVector s = smaller.blend(larger, above);
    FloatVector complement = larger.blend(smaller, above);
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

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

/**
 * Activation functions and their derivatives. Each but relu, which is short, is one loop whose last
 * vector is masked: with a second loop body behind it for what is left, the longer functions pass
 * the limit up to which C2 inlines, and as fast it was not. For the same reason the loops are
 * called through an interface, which keeps C2 from inlining several of them into one method.
 */
final class VectorActivations extends Activations {
  private static final float LEAKY_SLOPE = (float) Activation.LEAKY_SLOPE;

  private interface Forward {
    void run(float[] x, int atX, float[] y, int atY, int n);
  }

  private interface Backward {
    void run(float[] saved, int atSaved, float[] dy, int atDy, float[] dx, int atDx, int n);
  }

  private final Workers workers;
  private final ForwardJob forwardJob = new ForwardJob();
  private final BackwardJob backwardJob = new BackwardJob();

  VectorActivations(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
  }

  @Override
  protected void computeForward(Activation f, Tensor x, Tensor y) {
    forwardJob.function = f;
    forwardJob.x = x;
    forwardJob.y = y;
    forwardJob.chunks = Chunks.count(length(x));
    workers.run(forwardJob, forwardJob.chunks);
  }

  @Override
  protected void computeBackward(Activation f, Tensor saved, Tensor dy, Tensor dx) {
    backwardJob.derivative = backward(f);
    backwardJob.saved = saved;
    backwardJob.dy = dy;
    backwardJob.dx = dx;
    backwardJob.chunks = Chunks.count(length(saved));
    workers.run(backwardJob, backwardJob.chunks);
  }

  /** {@code y = f(x)} over a range; y may be x itself. */
  static void forwardRange(Activation f, float[] x, int atX, float[] y, int atY, int n) {
    forward(f).run(x, atX, y, atY, n);
  }

  private static Forward forward(Activation f) {
    return switch (f) {
      case IDENTITY -> System::arraycopy;
      case RELU -> VectorActivations::relu;
      case LEAKY_RELU -> VectorActivations::leakyRelu;
      case SIGMOID -> VectorActivations::sigmoid;
      case TANH -> VectorActivations::tanh;
      case GELU -> VectorActivations::gelu;
      case SILU -> VectorActivations::silu;
      case ELU -> VectorActivations::elu;
    };
  }

  private static Backward backward(Activation f) {
    return switch (f) {
      case IDENTITY ->
          (saved, atSaved, dy, atDy, dx, atDx, n) -> System.arraycopy(dy, atDy, dx, atDx, n);
      case RELU -> VectorActivations::reluBackward;
      case LEAKY_RELU -> VectorActivations::leakyReluBackward;
      case SIGMOID -> VectorActivations::sigmoidBackward;
      case TANH -> VectorActivations::tanhBackward;
      case GELU -> VectorActivations::geluBackward;
      case SILU -> VectorActivations::siluBackward;
      case ELU -> VectorActivations::eluBackward;
    };
  }

  private static final class ForwardJob implements Workers.Task {
    private Activation function;
    private Tensor x;
    private Tensor y;
    private int chunks;

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(x));
      int n = Chunks.start(chunk + 1, chunks, length(x)) - start;
      forwardRange(function, floats(x), offset(x) + start, floats(y), offset(y) + start, n);
    }
  }

  private static final class BackwardJob implements Workers.Task {
    private Backward derivative;
    private Tensor saved;
    private Tensor dy;
    private Tensor dx;
    private int chunks;

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(saved));
      int n = Chunks.start(chunk + 1, chunks, length(saved)) - start;
      derivative.run(
          floats(saved),
          offset(saved) + start,
          floats(dy),
          offset(dy) + start,
          floats(dx),
          offset(dx) + start,
          n);
    }
  }

  private static void relu(float[] x, int atX, float[] y, int atY, int n) {
    int whole = Lanes.whole(n);
    for (int i = 0; i < whole; i += LENGTH) {
      relu(FloatVector.fromArray(FLOATS, x, atX + i)).intoArray(y, atY + i);
    }
    for (int i = whole; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      relu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void leakyRelu(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      leakyRelu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void sigmoid(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      sigmoid(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void tanh(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      tanh(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void gelu(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      gelu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void silu(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      silu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void elu(float[] x, int atX, float[] y, int atY, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      elu(FloatVector.fromArray(FLOATS, x, atX + i, mask)).intoArray(y, atY + i, mask);
    }
  }

  private static void reluBackward(
      float[] saved, int atSaved, float[] dy, int atDy, float[] dx, int atDx, int n) {
    int whole = Lanes.whole(n);
    for (int i = 0; i < whole; i += LENGTH) {
      FloatVector kept = FloatVector.fromArray(FLOATS, saved, atSaved + i);
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i);
      reluBackward(kept, outer).intoArray(dx, atDx + i);
    }
    for (int i = whole; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector kept = FloatVector.fromArray(FLOATS, saved, atSaved + i, mask);
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i, mask);
      reluBackward(kept, outer).intoArray(dx, atDx + i, mask);
    }
  }

  private static void leakyReluBackward(
      float[] saved, int atSaved, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector kept = FloatVector.fromArray(FLOATS, saved, atSaved + i, mask);
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i, mask);
      leakyReluBackward(kept, outer).intoArray(dx, atDx + i, mask);
    }
  }

  private static void sigmoidBackward(
      float[] saved, int atSaved, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector kept = FloatVector.fromArray(FLOATS, saved, atSaved + i, mask);
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i, mask);
      sigmoidBackward(kept, outer).intoArray(dx, atDx + i, mask);
    }
  }

  private static void tanhBackward(
      float[] saved, int atSaved, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector kept = FloatVector.fromArray(FLOATS, saved, atSaved + i, mask);
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i, mask);
      tanhBackward(kept, outer).intoArray(dx, atDx + i, mask);
    }
  }

  private static void geluBackward(
      float[] saved, int atSaved, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector kept = FloatVector.fromArray(FLOATS, saved, atSaved + i, mask);
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i, mask);
      geluBackward(kept, outer).intoArray(dx, atDx + i, mask);
    }
  }

  private static void siluBackward(
      float[] saved, int atSaved, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector kept = FloatVector.fromArray(FLOATS, saved, atSaved + i, mask);
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i, mask);
      siluBackward(kept, outer).intoArray(dx, atDx + i, mask);
    }
  }

  private static void eluBackward(
      float[] saved, int atSaved, float[] dy, int atDy, float[] dx, int atDx, int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector kept = FloatVector.fromArray(FLOATS, saved, atSaved + i, mask);
      FloatVector outer = FloatVector.fromArray(FLOATS, dy, atDy + i, mask);
      eluBackward(kept, outer).intoArray(dx, atDx + i, mask);
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
    return x.mul(NormalDistribution.of(x));
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
    return dy.mul(NormalDistribution.geluDerivative(x));
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

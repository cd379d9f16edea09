package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Losses.Pointwise;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The loops of {@link PointwiseJob}: losses of pairs, and their derivatives. */
final class PointwiseKernels {
  /** A loop behind an interface, for the reason that {@link VectorActivations} gives. */
  interface Kernel {
    /** {@code out_i = factor f(p_i, t_i)} for n elements. */
    void write(
        float delta,
        float factor,
        float[] p,
        int atP,
        float[] t,
        int atT,
        float[] out,
        int to,
        int n);
  }

  private PointwiseKernels() {}

  /** The loss l(p, t). */
  static Kernel value(Pointwise function) {
    return switch (function) {
      case SIGMOID_BCE -> PointwiseKernels::sigmoidBce;
      case MSE -> PointwiseKernels::mse;
      case MAE -> PointwiseKernels::mae;
      case HUBER -> PointwiseKernels::huber;
    };
  }

  /** The derivative dl/dp of the loss. */
  static Kernel derivative(Pointwise function) {
    return switch (function) {
      case SIGMOID_BCE -> PointwiseKernels::sigmoidBceDerivative;
      case MSE -> PointwiseKernels::mseDerivative;
      case MAE -> PointwiseKernels::maeDerivative;
      case HUBER -> PointwiseKernels::huberDerivative;
    };
  }

  private static void sigmoidBce(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] out,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector z = FloatVector.fromArray(FLOATS, p, atP + i, mask);
      FloatVector logarithm = VectorMath.log1pOfUnit(VectorMath.expOfNegative(z.abs().neg()));
      z.max(0f)
          .sub(z.mul(FloatVector.fromArray(FLOATS, t, atT + i, mask)))
          .add(logarithm)
          .mul(factor)
          .intoArray(out, to + i, mask);
    }
  }

  private static void mse(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] out,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector e =
          FloatVector.fromArray(FLOATS, p, atP + i, mask)
              .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask));
      e.mul(e).mul(factor).intoArray(out, to + i, mask);
    }
  }

  private static void mae(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] out,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector e =
          FloatVector.fromArray(FLOATS, p, atP + i, mask)
              .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask));
      e.abs().mul(factor).intoArray(out, to + i, mask);
    }
  }

  private static void huber(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] out,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector e =
          FloatVector.fromArray(FLOATS, p, atP + i, mask)
              .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask));
      FloatVector size = e.abs();
      FloatVector linear = size.sub(delta / 2).mul(delta);
      linear
          .blend(size.mul(size).mul(0.5f), size.compare(VectorOperators.LE, delta))
          .mul(factor)
          .intoArray(out, to + i, mask);
    }
  }

  private static void sigmoidBceDerivative(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] out,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);

      VectorMath.sigmoid(FloatVector.fromArray(FLOATS, p, atP + i, mask))
          .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask))
          .mul(factor)
          .intoArray(out, to + i, mask);
    }
  }

  private static void mseDerivative(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] out,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector e =
          FloatVector.fromArray(FLOATS, p, atP + i, mask)
              .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask));
      e.add(e).mul(factor).intoArray(out, to + i, mask);
    }
  }

  private static void maeDerivative(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] out,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      // What is neither above nor below 0 is its own sign: 0, or NaN.
      FloatVector e =
          FloatVector.fromArray(FLOATS, p, atP + i, mask)
              .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask));
      FloatVector sign =
          e.blend(1f, e.compare(VectorOperators.GT, 0f))
              .blend(-1f, e.compare(VectorOperators.LT, 0f));
      sign.mul(factor).intoArray(out, to + i, mask);
    }
  }

  private static void huberDerivative(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] out,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);

      FloatVector.fromArray(FLOATS, p, atP + i, mask)
          .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask))
          .max(-delta)
          .min(delta)
          .mul(factor)
          .intoArray(out, to + i, mask);
    }
  }
}

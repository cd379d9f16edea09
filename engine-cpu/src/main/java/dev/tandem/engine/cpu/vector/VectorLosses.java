package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.ints;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Backend;
import dev.tandem.engine.CrossEntropySpec;
import dev.tandem.engine.Losses;
import dev.tandem.engine.Tensor;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Loss functions with their gradients. */
final class VectorLosses extends Losses {
  private final Workers workers;
  private final CrossEntropyJob crossEntropyJob = new CrossEntropyJob();
  private final PointwiseJob pointwiseJob;

  VectorLosses(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    pointwiseJob = new PointwiseJob(workers.threads());
  }

  @Override
  protected void computeSoftmaxCrossEntropy(
      CrossEntropySpec spec,
      Tensor logits,
      Tensor labels,
      Tensor classWeights,
      Tensor loss,
      Tensor dlogits) {
    crossEntropyJob.set(spec, logits, labels, classWeights, dlogits);
    workers.run(crossEntropyJob, crossEntropyJob.chunks);
    write(loss, crossEntropyJob.partials, crossEntropyJob.chunks, crossEntropyJob.weights);
  }

  @Override
  protected void computePointwise(
      Pointwise function,
      double delta,
      Tensor prediction,
      Tensor target,
      Tensor loss,
      Tensor dprediction) {
    pointwiseJob.set(function, delta, prediction, target, dprediction);
    workers.run(pointwiseJob, pointwiseJob.chunks);
    write(loss, pointwiseJob.partials, pointwiseJob.chunks, length(prediction));
  }

  /** Writes the mean, 0 over nothing but NaN of NaN, and what it was taken over. */
  private static void write(Tensor loss, double[] partials, int chunks, double count) {
    double sum = 0;
    for (int i = 0; i < chunks; i++) {
      sum += partials[i];
    }
    float[] into = floats(loss);
    into[offset(loss)] = (float) (count > 0 || Double.isNaN(sum) ? sum / count : 0);
    into[offset(loss) + 1] = (float) count;
  }

  /** Rows of logits: with {@code p = softmax(z)} the loss, and the gradient over it. */
  private static final class CrossEntropyJob implements Workers.Task {
    private CrossEntropySpec spec;
    private Tensor logits;
    private Tensor labels;
    private Tensor classWeights;
    private Tensor dlogits;
    private int rows;
    private int columns;
    private int chunks;

    /** The weights of all labels that count. */
    private double weights;

    /** The weights of all classes. */
    private double classes;

    private double[] partials = new double[64];

    void set(CrossEntropySpec options, Tensor z, Tensor y, Tensor w, Tensor dz) {
      spec = options;
      logits = z;
      labels = y;
      classWeights = w;
      dlogits = dz;
      rows = z.shape().rows();
      columns = z.shape().columns();
      chunks = Chunks.ofRows(rows, columns);
      if (chunks > partials.length) {
        partials = new double[chunks];
      }
      weights = 0;
      for (int i = 0; i < rows; i++) {
        int label = label(i);
        weights += isClass(label) ? weight(label) : 0;
      }
      classes = 0;
      for (int k = 0; k < columns; k++) {
        classes += weight(k);
      }
    }

    private int label(int i) {
      return ints(labels)[offset(labels) + i];
    }

    private boolean isClass(int label) {
      return label != spec.ignoreIndex() && label >= 0 && label < columns;
    }

    private double weight(int label) {
      return classWeights == null ? 1 : floats(classWeights)[offset(classWeights) + label];
    }

    @Override
    public void run(int chunk, int worker) {
      double sum = 0;
      int end = Chunks.row(chunk + 1, chunks, rows);
      for (int i = Chunks.row(chunk, chunks, rows); i < end; i++) {
        int label = label(i);
        if (isClass(label)) {
          sum += row(i, label);
        } else {
          boolean ignored = label == spec.ignoreIndex();
          sum += ignored ? 0 : Double.NaN;
          fill(i, ignored ? 0 : Float.NaN);
        }
      }
      partials[chunk] = sum;
    }

    private void fill(int i, float value) {
      if (dlogits != null) {
        int to = offset(dlogits) + i * columns;
        Arrays.fill(floats(dlogits), to, to + columns, value);
      }
    }

    private double row(int i, int label) {
      float[] z = floats(logits);
      int at = offset(logits) + i * columns;
      float largest = Sums.max(z, at, columns);
      boolean gradient = dlogits != null && weights > 0;
      float sum =
          gradient
              ? VectorSoftmax.exponentials(
                  largest, z, at, floats(dlogits), offset(dlogits) + i * columns, columns)
              : VectorSoftmax.sumOfExponentials(largest, z, at, columns);
      if (gradient) {
        gradientRow(i, label, sum);
      } else {
        fill(i, 0);
      }
      double smoothing = spec.labelSmoothing();
      double logarithm = Math.log(sum);
      double loss =
          (1 - smoothing) * weight(label) * (logarithm - ((double) z[at + label] - largest));
      if (smoothing > 0) {
        loss += smoothing / columns * (classes * logarithm - weightedLogits(z, at, largest));
      }
      return loss;
    }

    /** {@code sum_k w_k (z_k - largest)}. */
    private double weightedLogits(float[] z, int at, float largest) {
      double sum = 0;
      for (int k = 0; k < columns; k++) {
        sum += weight(k) * ((double) z[at + k] - largest);
      }
      return sum;
    }

    /**
     * {@code dz_j = ((1-e) w_y (p_j - [j = y]) + (e/N) (p_j sum_k w_k - w_j)) / S}, where dz holds
     * {@code p_j sum}.
     */
    private void gradientRow(int i, int label, float sum) {
      float[] dz = floats(dlogits);
      int to = offset(dlogits) + i * columns;
      double hard = (1 - spec.labelSmoothing()) * weight(label) / weights;
      double smooth = spec.labelSmoothing() / columns / weights;
      VectorElementwise.scaleRange(
          (float) ((hard + smooth * classes) / sum), dz, to, dz, to, columns);
      dz[to + label] -= (float) hard;
      if (smooth > 0) {
        if (classWeights == null) {
          VectorElementwise.addNumber(dz, to, (float) -smooth, dz, to, columns);
        } else {
          VectorElementwise.axpyRange(
              (float) -smooth, floats(classWeights), offset(classWeights), dz, to, columns);
        }
      }
    }
  }

  /** Losses element by element, with their gradients. */
  private static final class PointwiseJob implements Workers.Task {
    private final float[][] sums;
    private Loss loss;
    private Gradient gradient;
    private float delta;
    private float factor;
    private Tensor prediction;
    private Tensor target;
    private Tensor dprediction;
    private int chunks;
    private double[] partials = new double[64];

    PointwiseJob(int threads) {
      sums = new float[threads][LENGTH];
    }

    void set(Pointwise function, double threshold, Tensor p, Tensor t, Tensor dp) {
      loss = loss(function);
      gradient = gradient(function);
      delta = (float) threshold;
      factor = (float) (1.0 / length(p));
      prediction = p;
      target = t;
      dprediction = dp;
      chunks = Chunks.count(length(p));
      if (chunks > partials.length) {
        partials = new double[chunks];
      }
    }

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(prediction));
      int n = Chunks.start(chunk + 1, chunks, length(prediction)) - start;
      float[] p = floats(prediction);
      float[] t = floats(target);
      int atP = offset(prediction) + start;
      int atT = offset(target) + start;
      loss.sum(delta, p, atP, t, atT, n, sums[worker]);
      double sum = 0;
      for (float lane : sums[worker]) {
        sum += lane;
      }
      partials[chunk] = sum;
      if (dprediction != null) {
        gradient.write(
            delta, factor, p, atP, t, atT, floats(dprediction), offset(dprediction) + start, n);
      }
    }
  }

  /** Loops behind an interface, for the reason that {@link VectorActivations} gives. */
  private interface Loss {
    /** Writes the sum as one vector; adding up its lanes here would pass the limit. */
    void sum(float delta, float[] p, int atP, float[] t, int atT, int n, float[] sums);
  }

  private interface Gradient {
    void write(
        float delta,
        float factor,
        float[] p,
        int atP,
        float[] t,
        int atT,
        float[] dp,
        int to,
        int n);
  }

  private static Loss loss(Pointwise function) {
    return switch (function) {
      case SIGMOID_BCE -> VectorLosses::sigmoidBce;
      case MSE -> VectorLosses::mse;
      case MAE -> VectorLosses::mae;
      case HUBER -> VectorLosses::huber;
    };
  }

  private static Gradient gradient(Pointwise function) {
    return switch (function) {
      case SIGMOID_BCE -> VectorLosses::sigmoidBceGradient;
      case MSE -> VectorLosses::mseGradient;
      case MAE -> VectorLosses::maeGradient;
      case HUBER -> VectorLosses::huberGradient;
    };
  }

  private static void sigmoidBce(
      float delta, float[] p, int atP, float[] t, int atT, int n, float[] sums) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector z = FloatVector.fromArray(FLOATS, p, atP + i, mask);
      FloatVector logarithm = VectorMath.log1pOfUnit(VectorMath.expOfNegative(z.abs().neg()));
      sum =
          sum.add(
              z.max(0f).sub(z.mul(FloatVector.fromArray(FLOATS, t, atT + i, mask))).add(logarithm),
              mask);
    }
    sum.intoArray(sums, 0);
  }

  private static void mse(
      float delta, float[] p, int atP, float[] t, int atT, int n, float[] sums) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector e =
          FloatVector.fromArray(FLOATS, p, atP + i, mask)
              .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask));
      sum = sum.add(e.mul(e), mask);
    }
    sum.intoArray(sums, 0);
  }

  private static void mae(
      float delta, float[] p, int atP, float[] t, int atT, int n, float[] sums) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);

      sum =
          sum.add(
              FloatVector.fromArray(FLOATS, p, atP + i, mask)
                  .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask))
                  .abs());
    }
    sum.intoArray(sums, 0);
  }

  private static void huber(
      float delta, float[] p, int atP, float[] t, int atT, int n, float[] sums) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector size =
          FloatVector.fromArray(FLOATS, p, atP + i, mask)
              .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask))
              .abs();
      FloatVector linear = size.sub(delta / 2).mul(delta);
      sum =
          sum.add(linear.blend(size.mul(size).mul(0.5f), size.compare(VectorOperators.LE, delta)));
    }
    sum.intoArray(sums, 0);
  }

  private static void sigmoidBceGradient(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] dp,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);

      VectorMath.sigmoid(FloatVector.fromArray(FLOATS, p, atP + i, mask))
          .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask))
          .mul(factor)
          .intoArray(dp, to + i, mask);
    }
  }

  private static void mseGradient(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] dp,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector e =
          FloatVector.fromArray(FLOATS, p, atP + i, mask)
              .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask));
      e.add(e).mul(factor).intoArray(dp, to + i, mask);
    }
  }

  private static void maeGradient(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] dp,
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
      sign.mul(factor).intoArray(dp, to + i, mask);
    }
  }

  private static void huberGradient(
      float delta,
      float factor,
      float[] p,
      int atP,
      float[] t,
      int atT,
      float[] dp,
      int to,
      int n) {
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);

      FloatVector.fromArray(FLOATS, p, atP + i, mask)
          .sub(FloatVector.fromArray(FLOATS, t, atT + i, mask))
          .max(-delta)
          .min(delta)
          .mul(factor)
          .intoArray(dp, to + i, mask);
    }
  }
}

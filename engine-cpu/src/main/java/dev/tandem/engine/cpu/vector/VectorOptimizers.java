package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.HostStorage.floats;
import static dev.tandem.engine.cpu.HostStorage.length;
import static dev.tandem.engine.cpu.HostStorage.offset;
import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Hyperparameters;
import dev.tandem.engine.Optimizers;
import dev.tandem.engine.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Update rules of optimisers and gradient clipping. */
final class VectorOptimizers extends Optimizers {
  /** Keeps the factor of {@link #computeClipByNorm} finite for a norm of 0, as in PyTorch. */
  private static final double NORM_EPSILON = 1e-6;

  private final Workers workers;
  private final Job job = new Job();
  private final NormJob normJob = new NormJob();

  VectorOptimizers(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
  }

  @Override
  protected void computeSgd(
      boolean nesterov, Tensor hyper, Tensor weights, Tensor gradients, Tensor velocity) {
    if (velocity == null) {
      job.run(workers, VectorOptimizers::sgd, hyper, weights, gradients, gradients, gradients);
    } else {
      Rule rule = nesterov ? VectorOptimizers::nesterov : VectorOptimizers::momentum;
      job.run(workers, rule, hyper, weights, gradients, velocity, velocity);
    }
  }

  @Override
  protected void computeRmsProp(
      Tensor hyper, Tensor weights, Tensor gradients, Tensor squares, Tensor velocity) {
    if (velocity == null) {
      job.run(workers, VectorOptimizers::rmsProp, hyper, weights, gradients, squares, squares);
    } else {
      job.run(
          workers, VectorOptimizers::rmsPropMomentum, hyper, weights, gradients, velocity, squares);
    }
  }

  @Override
  protected void computeAdagrad(Tensor hyper, Tensor weights, Tensor gradients, Tensor squares) {
    job.run(workers, VectorOptimizers::adagrad, hyper, weights, gradients, squares, squares);
  }

  @Override
  protected void computeAdam(
      boolean decoupled,
      Tensor hyper,
      Tensor weights,
      Tensor gradients,
      Tensor moments,
      Tensor squares) {
    Rule rule = decoupled ? VectorOptimizers::adamW : VectorOptimizers::adam;
    job.run(workers, rule, hyper, weights, gradients, moments, squares);
  }

  @Override
  protected void computeClipByValue(double limit, Tensor gradients) {
    normJob.clip((float) limit, gradients);
    Chunks.runCheap(workers, normJob, normJob.chunks);
  }

  @Override
  protected void computeClipByNorm(double limit, Tensor gradients, Tensor norm) {
    normJob.measure(gradients);
    Chunks.runCheap(workers, normJob, normJob.chunks);
    double size = Math.sqrt(normJob.total());
    floats(norm)[offset(norm)] = (float) size;
    if (limit < Double.POSITIVE_INFINITY) {
      normJob.scale((float) Math.min(1, limit / (size + NORM_EPSILON)), gradients);
      Chunks.runCheap(workers, normJob, normJob.chunks);
    }
  }

  /** One pass over gradients: their squares summed, or each scaled, or each bounded. */
  private static final class NormJob implements Workers.Task {
    private enum Kind {
      MEASURE,
      SCALE,
      CLIP
    }

    private Kind kind;
    private float number;
    private Tensor gradients;
    private int chunks;
    private double[] partials = new double[64];

    void measure(Tensor g) {
      set(Kind.MEASURE, 0, g);
      if (chunks > partials.length) {
        partials = new double[chunks];
      }
    }

    void scale(float factor, Tensor g) {
      set(Kind.SCALE, factor, g);
    }

    void clip(float limit, Tensor g) {
      set(Kind.CLIP, limit, g);
    }

    private void set(Kind what, float value, Tensor g) {
      kind = what;
      number = value;
      gradients = g;
      chunks = Chunks.count(length(g));
    }

    double total() {
      double sum = 0;
      for (int i = 0; i < chunks; i++) {
        sum += partials[i];
      }
      return sum;
    }

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(gradients));
      int n = Chunks.start(chunk + 1, chunks, length(gradients)) - start;
      float[] g = floats(gradients);
      int at = offset(gradients) + start;
      switch (kind) {
        case MEASURE -> partials[chunk] = Sums.sumOfSquares(g, at, n);
        case SCALE -> VectorElementwise.scaleRange(number, g, at, g, at, n);
        case CLIP -> VectorElementwise.clampRange(-number, number, g, at, g, at, n);
      }
    }
  }

  /** Loops behind an interface, for the reason that {@link VectorActivations} gives. */
  private interface Rule {
    void update(
        float[] h,
        int atH,
        float[] w,
        int atW,
        float[] g,
        int atG,
        float[] m,
        int atM,
        float[] s,
        int atS,
        int n);
  }

  /** One pass over the weights. */
  private static final class Job implements Workers.Task {
    private Rule rule;
    private Tensor hyper;
    private Tensor weights;
    private Tensor gradients;
    private Tensor first;
    private Tensor second;
    private int chunks;

    void run(Workers workers, Rule what, Tensor h, Tensor w, Tensor g, Tensor m, Tensor s) {
      rule = what;
      hyper = h;
      weights = w;
      gradients = g;
      first = m;
      second = s;
      chunks = Chunks.count(length(w));
      Chunks.runCheap(workers, this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(weights));
      rule.update(
          floats(hyper),
          offset(hyper),
          floats(weights),
          offset(weights) + start,
          floats(gradients),
          offset(gradients) + start,
          floats(first),
          offset(first) + start,
          floats(second),
          offset(second) + start,
          Chunks.start(chunk + 1, chunks, length(weights)) - start);
    }
  }

  private static void sgd(
      float[] h,
      int atH,
      float[] w,
      int atW,
      float[] g,
      int atG,
      float[] m,
      int atM,
      float[] s,
      int atS,
      int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i, mask);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i, mask));
      gradient.fma(rate, weight).intoArray(w, atW + i, mask);
    }
  }

  private static void momentum(
      float[] h,
      int atH,
      float[] w,
      int atW,
      float[] g,
      int atG,
      float[] m,
      int atM,
      float[] s,
      int atS,
      int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector momentum = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.MOMENTUM]);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i, mask);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i, mask));
      FloatVector velocity =
          FloatVector.fromArray(FLOATS, m, atM + i, mask).fma(momentum, gradient);
      velocity.intoArray(m, atM + i, mask);
      velocity.fma(rate, weight).intoArray(w, atW + i, mask);
    }
  }

  private static void nesterov(
      float[] h,
      int atH,
      float[] w,
      int atW,
      float[] g,
      int atG,
      float[] m,
      int atM,
      float[] s,
      int atS,
      int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector momentum = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.MOMENTUM]);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i, mask);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i, mask));
      FloatVector velocity =
          FloatVector.fromArray(FLOATS, m, atM + i, mask).fma(momentum, gradient);
      velocity.intoArray(m, atM + i, mask);
      FloatVector direction = velocity.fma(momentum, gradient);
      direction.fma(rate, weight).intoArray(w, atW + i, mask);
    }
  }

  private static void rmsProp(
      float[] h,
      int atH,
      float[] w,
      int atW,
      float[] g,
      int atG,
      float[] m,
      int atM,
      float[] s,
      int atS,
      int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector epsilon = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.EPSILON]);
    FloatVector beta2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.DECAY2]);
    FloatVector complement2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.COMPLEMENT2]);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i, mask);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i, mask));
      FloatVector square =
          FloatVector.fromArray(FLOATS, s, atS + i, mask)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(complement2));
      square.intoArray(s, atS + i, mask);
      gradient.div(square.sqrt().add(epsilon)).fma(rate, weight).intoArray(w, atW + i, mask);
    }
  }

  private static void rmsPropMomentum(
      float[] h,
      int atH,
      float[] w,
      int atW,
      float[] g,
      int atG,
      float[] m,
      int atM,
      float[] s,
      int atS,
      int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector epsilon = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.EPSILON]);
    FloatVector momentum = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.MOMENTUM]);
    FloatVector beta2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.DECAY2]);
    FloatVector complement2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.COMPLEMENT2]);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i, mask);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i, mask));
      FloatVector square =
          FloatVector.fromArray(FLOATS, s, atS + i, mask)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(complement2));
      square.intoArray(s, atS + i, mask);
      FloatVector direction = gradient.div(square.sqrt().add(epsilon));
      FloatVector velocity =
          FloatVector.fromArray(FLOATS, m, atM + i, mask).fma(momentum, direction);
      velocity.intoArray(m, atM + i, mask);
      velocity.fma(rate, weight).intoArray(w, atW + i, mask);
    }
  }

  private static void adagrad(
      float[] h,
      int atH,
      float[] w,
      int atW,
      float[] g,
      int atG,
      float[] m,
      int atM,
      float[] s,
      int atS,
      int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector epsilon = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.EPSILON]);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i, mask);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i, mask));
      FloatVector square = gradient.fma(gradient, FloatVector.fromArray(FLOATS, s, atS + i, mask));
      square.intoArray(s, atS + i, mask);
      gradient.div(square.sqrt().add(epsilon)).fma(rate, weight).intoArray(w, atW + i, mask);
    }
  }

  private static void adam(
      float[] h,
      int atH,
      float[] w,
      int atW,
      float[] g,
      int atG,
      float[] m,
      int atM,
      float[] s,
      int atS,
      int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector epsilon = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.EPSILON]);
    FloatVector beta1 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.DECAY1]);
    FloatVector complement1 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.COMPLEMENT1]);
    FloatVector beta2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.DECAY2]);
    FloatVector complement2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.COMPLEMENT2]);
    FloatVector rootCorrection2 =
        FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.ROOT_CORRECTION2]);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i, mask);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i, mask));
      FloatVector moment =
          FloatVector.fromArray(FLOATS, m, atM + i, mask).mul(beta1).add(gradient.mul(complement1));
      moment.intoArray(m, atM + i, mask);
      FloatVector square =
          FloatVector.fromArray(FLOATS, s, atS + i, mask)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(complement2));
      square.intoArray(s, atS + i, mask);
      FloatVector denominator = square.sqrt().fma(rootCorrection2, epsilon);
      moment.div(denominator).fma(rate, weight).intoArray(w, atW + i, mask);
    }
  }

  private static void adamW(
      float[] h,
      int atH,
      float[] w,
      int atW,
      float[] g,
      int atG,
      float[] m,
      int atM,
      float[] s,
      int atS,
      int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector epsilon = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.EPSILON]);
    FloatVector beta1 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.DECAY1]);
    FloatVector complement1 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.COMPLEMENT1]);
    FloatVector beta2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.DECAY2]);
    FloatVector complement2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.COMPLEMENT2]);
    FloatVector rootCorrection2 =
        FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.ROOT_CORRECTION2]);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i, mask).mul(decay);
      FloatVector gradient = FloatVector.fromArray(FLOATS, g, atG + i, mask);
      FloatVector moment =
          FloatVector.fromArray(FLOATS, m, atM + i, mask).mul(beta1).add(gradient.mul(complement1));
      moment.intoArray(m, atM + i, mask);
      FloatVector square =
          FloatVector.fromArray(FLOATS, s, atS + i, mask)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(complement2));
      square.intoArray(s, atS + i, mask);
      FloatVector denominator = square.sqrt().fma(rootCorrection2, epsilon);
      moment.div(denominator).fma(rate, weight).intoArray(w, atW + i, mask);
    }
  }
}

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

/** Update rules of optimisers and gradient clipping. */
final class VectorOptimizers extends Optimizers {
  /** Keeps the factor of {@link #computeClipByNorm} finite for a norm of 0, as in PyTorch. */
  private static final double NORM_EPSILON = 1e-6;

  private enum Rule {
    SGD,
    NESTEROV,
    MOMENTUM,
    RMS_PROP,
    RMS_PROP_MOMENTUM,
    ADAGRAD,
    ADAM,
    ADAM_W
  }

  private final Workers workers;
  private final Job job;
  private final NormJob normJob = new NormJob();

  VectorOptimizers(Backend backend, Workers workers) {
    super(backend);
    this.workers = workers;
    job = new Job(workers);
  }

  @Override
  protected void computeSgd(
      boolean nesterov, Tensor hyper, Tensor weights, Tensor gradients, Tensor velocity) {
    if (velocity == null) {
      job.run(workers, Rule.SGD, hyper, weights, gradients, gradients, gradients);
    } else {
      Rule rule = nesterov ? Rule.NESTEROV : Rule.MOMENTUM;
      job.run(workers, rule, hyper, weights, gradients, velocity, velocity);
    }
  }

  @Override
  protected void computeRmsProp(
      Tensor hyper, Tensor weights, Tensor gradients, Tensor squares, Tensor velocity) {
    if (velocity == null) {
      job.run(workers, Rule.RMS_PROP, hyper, weights, gradients, squares, squares);
    } else {
      job.run(workers, Rule.RMS_PROP_MOMENTUM, hyper, weights, gradients, velocity, squares);
    }
  }

  @Override
  protected void computeAdagrad(Tensor hyper, Tensor weights, Tensor gradients, Tensor squares) {
    job.run(workers, Rule.ADAGRAD, hyper, weights, gradients, squares, squares);
  }

  @Override
  protected void computeAdam(
      boolean decoupled,
      Tensor hyper,
      Tensor weights,
      Tensor gradients,
      Tensor moments,
      Tensor squares) {
    Rule rule = decoupled ? Rule.ADAM_W : Rule.ADAM;
    job.run(workers, rule, hyper, weights, gradients, moments, squares);
  }

  @Override
  protected void computeClipByValue(double limit, Tensor gradients) {
    normJob.clip((float) limit, gradients);
    workers.run(normJob, normJob.chunks);
  }

  @Override
  protected void computeClipByNorm(double limit, Tensor gradients, Tensor norm) {
    normJob.measure(gradients);
    workers.run(normJob, normJob.chunks);
    double size = Math.sqrt(normJob.total());
    floats(norm)[offset(norm)] = (float) size;
    if (limit < Double.POSITIVE_INFINITY) {
      normJob.scale((float) Math.min(1, limit / (size + NORM_EPSILON)), gradients);
      workers.run(normJob, normJob.chunks);
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

  /** One pass over the weights. */
  private static final class Job implements Workers.Task {
    private final Scratch scratch;
    private Rule rule;
    private Tensor hyper;
    private Tensor weights;
    private Tensor gradients;
    private Tensor first;
    private Tensor second;
    private int chunks;

    Job(Workers workers) {
      scratch = new Scratch(workers);
    }

    void run(Workers workers, Rule what, Tensor h, Tensor w, Tensor g, Tensor m, Tensor s) {
      rule = what;
      hyper = h;
      weights = w;
      gradients = g;
      first = m;
      second = s;
      chunks = Chunks.count(length(w));
      workers.run(this, chunks);
    }

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(weights));
      int n = Chunks.start(chunk + 1, chunks, length(weights)) - start;
      int atW = offset(weights) + start;
      int atG = offset(gradients) + start;
      int atM = offset(first) + start;
      int atS = offset(second) + start;
      float[] w = floats(weights);
      float[] g = floats(gradients);
      float[] m = floats(first);
      float[] s = floats(second);
      int whole = Lanes.whole(n);
      int rest = n - whole;
      update(w, atW, g, atG, m, atM, s, atS, whole);
      if (rest > 0) {
        float[] last = scratch.of(worker);
        Scratch.put(last, 0, w, atW + whole, rest, 0);
        Scratch.put(last, 1, g, atG + whole, rest, 0);
        Scratch.put(last, 2, m, atM + whole, rest, 0);
        Scratch.put(last, 3, s, atS + whole, rest, 0);
        int atLastM = 2 * LENGTH;
        // Without a second state the first stands for both.
        int atLastS = second == first ? atLastM : 3 * LENGTH;
        update(last, 0, last, LENGTH, last, atLastM, last, atLastS, LENGTH);
        Scratch.take(last, 0, w, atW + whole, rest);
        if (first != gradients) {
          Scratch.take(last, 2, m, atM + whole, rest);
        }
        if (second != first) {
          Scratch.take(last, 3, s, atS + whole, rest);
        }
      }
    }

    private void update(
        float[] w, int atW, float[] g, int atG, float[] m, int atM, float[] s, int atS, int n) {
      float[] h = floats(hyper);
      int atH = offset(hyper);
      switch (rule) {
        case SGD -> sgd(h, atH, w, atW, g, atG, n);
        case MOMENTUM -> momentum(false, h, atH, w, atW, g, atG, m, atM, n);
        case NESTEROV -> momentum(true, h, atH, w, atW, g, atG, m, atM, n);
        case RMS_PROP -> rmsProp(h, atH, w, atW, g, atG, s, atS, n);
        case RMS_PROP_MOMENTUM -> rmsPropMomentum(h, atH, w, atW, g, atG, m, atM, s, atS, n);
        case ADAGRAD -> adagrad(h, atH, w, atW, g, atG, s, atS, n);
        case ADAM -> adam(h, atH, w, atW, g, atG, m, atM, s, atS, n);
        case ADAM_W -> adamW(h, atH, w, atW, g, atG, m, atM, s, atS, n);
      }
    }
  }

  private static void sgd(float[] h, int atH, float[] w, int atW, float[] g, int atG, int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i));
      gradient.fma(rate, weight).intoArray(w, atW + i);
    }
  }

  private static void momentum(
      boolean nesterov,
      float[] h,
      int atH,
      float[] w,
      int atW,
      float[] g,
      int atG,
      float[] m,
      int atM,
      int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector momentum = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.MOMENTUM]);
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i));
      FloatVector velocity = FloatVector.fromArray(FLOATS, m, atM + i).fma(momentum, gradient);
      velocity.intoArray(m, atM + i);
      FloatVector direction = nesterov ? velocity.fma(momentum, gradient) : velocity;
      direction.fma(rate, weight).intoArray(w, atW + i);
    }
  }

  private static void rmsProp(
      float[] h, int atH, float[] w, int atW, float[] g, int atG, float[] s, int atS, int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector epsilon = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.EPSILON]);
    FloatVector beta2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.DECAY2]);
    FloatVector complement2 = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.COMPLEMENT2]);
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i));
      FloatVector square =
          FloatVector.fromArray(FLOATS, s, atS + i)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(complement2));
      square.intoArray(s, atS + i);
      gradient.div(square.sqrt().add(epsilon)).fma(rate, weight).intoArray(w, atW + i);
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
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i));
      FloatVector square =
          FloatVector.fromArray(FLOATS, s, atS + i)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(complement2));
      square.intoArray(s, atS + i);
      FloatVector direction = gradient.div(square.sqrt().add(epsilon));
      FloatVector velocity = FloatVector.fromArray(FLOATS, m, atM + i).fma(momentum, direction);
      velocity.intoArray(m, atM + i);
      velocity.fma(rate, weight).intoArray(w, atW + i);
    }
  }

  private static void adagrad(
      float[] h, int atH, float[] w, int atW, float[] g, int atG, float[] s, int atS, int n) {
    FloatVector rate = FloatVector.broadcast(FLOATS, -h[atH + Hyperparameters.STEP_SIZE]);
    FloatVector decay = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.WEIGHT_DECAY]);
    FloatVector epsilon = FloatVector.broadcast(FLOATS, h[atH + Hyperparameters.EPSILON]);
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i));
      FloatVector square = gradient.fma(gradient, FloatVector.fromArray(FLOATS, s, atS + i));
      square.intoArray(s, atS + i);
      gradient.div(square.sqrt().add(epsilon)).fma(rate, weight).intoArray(w, atW + i);
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
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i);
      FloatVector gradient = weight.fma(decay, FloatVector.fromArray(FLOATS, g, atG + i));
      FloatVector moment =
          FloatVector.fromArray(FLOATS, m, atM + i).mul(beta1).add(gradient.mul(complement1));
      moment.intoArray(m, atM + i);
      FloatVector square =
          FloatVector.fromArray(FLOATS, s, atS + i)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(complement2));
      square.intoArray(s, atS + i);
      FloatVector denominator = square.sqrt().fma(rootCorrection2, epsilon);
      moment.div(denominator).fma(rate, weight).intoArray(w, atW + i);
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
      FloatVector weight = FloatVector.fromArray(FLOATS, w, atW + i).mul(decay);
      FloatVector gradient = FloatVector.fromArray(FLOATS, g, atG + i);
      FloatVector moment =
          FloatVector.fromArray(FLOATS, m, atM + i).mul(beta1).add(gradient.mul(complement1));
      moment.intoArray(m, atM + i);
      FloatVector square =
          FloatVector.fromArray(FLOATS, s, atS + i)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(complement2));
      square.intoArray(s, atS + i);
      FloatVector denominator = square.sqrt().fma(rootCorrection2, epsilon);
      moment.div(denominator).fma(rate, weight).intoArray(w, atW + i);
    }
  }
}

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

  /** One pass over the weights; the last vector is masked, so that each rule is written once. */
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
      workers.run(this, chunks);
    }

    private float number(int index) {
      return floats(hyper)[offset(hyper) + index];
    }

    @Override
    public void run(int chunk, int worker) {
      int start = Chunks.start(chunk, chunks, length(weights));
      int n = Chunks.start(chunk + 1, chunks, length(weights)) - start;
      switch (rule) {
        case SGD -> sgd(start, n);
        case MOMENTUM -> momentum(start, n, false);
        case NESTEROV -> momentum(start, n, true);
        case RMS_PROP -> rmsProp(start, n, false);
        case RMS_PROP_MOMENTUM -> rmsProp(start, n, true);
        case ADAGRAD -> adagrad(start, n);
        case ADAM -> adam(start, n, false);
        case ADAM_W -> adam(start, n, true);
      }
    }

    private static FloatVector load(Tensor x, int i, VectorMask<Float> mask) {
      return FloatVector.fromArray(FLOATS, floats(x), offset(x) + i, mask);
    }

    private static void store(FloatVector value, Tensor x, int i, VectorMask<Float> mask) {
      value.intoArray(floats(x), offset(x) + i, mask);
    }

    private static FloatVector broadcast(float value) {
      return FloatVector.broadcast(FLOATS, value);
    }

    private void sgd(int start, int n) {
      FloatVector rate = broadcast(-number(Hyperparameters.STEP_SIZE));
      FloatVector decay = broadcast(number(Hyperparameters.WEIGHT_DECAY));
      for (int i = 0; i < n; i += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        FloatVector w = load(weights, start + i, mask);
        FloatVector g = w.fma(decay, load(gradients, start + i, mask));
        store(g.fma(rate, w), weights, start + i, mask);
      }
    }

    private void momentum(int start, int n, boolean nesterov) {
      FloatVector rate = broadcast(-number(Hyperparameters.STEP_SIZE));
      FloatVector decay = broadcast(number(Hyperparameters.WEIGHT_DECAY));
      FloatVector momentum = broadcast(number(Hyperparameters.MOMENTUM));
      for (int i = 0; i < n; i += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        FloatVector w = load(weights, start + i, mask);
        FloatVector g = w.fma(decay, load(gradients, start + i, mask));
        FloatVector v = load(first, start + i, mask).fma(momentum, g);
        store(v, first, start + i, mask);
        FloatVector direction = nesterov ? v.fma(momentum, g) : v;
        store(direction.fma(rate, w), weights, start + i, mask);
      }
    }

    private void rmsProp(int start, int n, boolean velocity) {
      FloatVector rate = broadcast(-number(Hyperparameters.STEP_SIZE));
      FloatVector decay = broadcast(number(Hyperparameters.WEIGHT_DECAY));
      FloatVector epsilon = broadcast(number(Hyperparameters.EPSILON));
      FloatVector momentum = broadcast(number(Hyperparameters.MOMENTUM));
      FloatVector alpha = broadcast(number(Hyperparameters.DECAY2));
      FloatVector complement = broadcast(number(Hyperparameters.COMPLEMENT2));
      for (int i = 0; i < n; i += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        FloatVector w = load(weights, start + i, mask);
        FloatVector g = w.fma(decay, load(gradients, start + i, mask));
        FloatVector s = load(second, start + i, mask).mul(alpha).add(g.mul(g).mul(complement));
        store(s, second, start + i, mask);
        FloatVector u = g.div(s.sqrt().add(epsilon));
        if (velocity) {
          u = load(first, start + i, mask).fma(momentum, u);
          store(u, first, start + i, mask);
        }
        store(u.fma(rate, w), weights, start + i, mask);
      }
    }

    private void adagrad(int start, int n) {
      FloatVector rate = broadcast(-number(Hyperparameters.STEP_SIZE));
      FloatVector decay = broadcast(number(Hyperparameters.WEIGHT_DECAY));
      FloatVector epsilon = broadcast(number(Hyperparameters.EPSILON));
      for (int i = 0; i < n; i += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        FloatVector w = load(weights, start + i, mask);
        FloatVector g = w.fma(decay, load(gradients, start + i, mask));
        FloatVector s = g.fma(g, load(second, start + i, mask));
        store(s, second, start + i, mask);
        store(g.div(s.sqrt().add(epsilon)).fma(rate, w), weights, start + i, mask);
      }
    }

    private void adam(int start, int n, boolean decoupled) {
      FloatVector stepSize = broadcast(-number(Hyperparameters.STEP_SIZE));
      FloatVector decay = broadcast(number(Hyperparameters.WEIGHT_DECAY));
      FloatVector epsilon = broadcast(number(Hyperparameters.EPSILON));
      FloatVector beta1 = broadcast(number(Hyperparameters.DECAY1));
      FloatVector complement1 = broadcast(number(Hyperparameters.COMPLEMENT1));
      FloatVector beta2 = broadcast(number(Hyperparameters.DECAY2));
      FloatVector complement2 = broadcast(number(Hyperparameters.COMPLEMENT2));
      FloatVector rootCorrection2 = broadcast(number(Hyperparameters.ROOT_CORRECTION2));
      for (int i = 0; i < n; i += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        FloatVector w = load(weights, start + i, mask);
        FloatVector g = load(gradients, start + i, mask);
        if (decoupled) {
          w = w.mul(decay);
        } else {
          g = w.fma(decay, g);
        }
        FloatVector m = load(first, start + i, mask).mul(beta1).add(g.mul(complement1));
        store(m, first, start + i, mask);
        FloatVector s = load(second, start + i, mask).mul(beta2).add(g.mul(g).mul(complement2));
        store(s, second, start + i, mask);
        FloatVector u = m.div(s.sqrt().fma(rootCorrection2, epsilon));
        store(u.fma(stepSize, w), weights, start + i, mask);
      }
    }
  }
}

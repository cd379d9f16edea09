package dev.tandem.models;

import dev.tandem.engine.Backend;
import dev.tandem.engine.DataType;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Shape;
import dev.tandem.engine.Tensor;
import dev.tandem.models.layers.EmbeddingLayer;
import java.util.Arrays;
import java.util.List;

/**
 * Compares the gradients of a network, of all its parameters and of its input, with central
 * differences of its loss in FLOAT64.
 *
 * <p>With {@code D(h) = (L(w+h) - L(w-h)) / 2h}, whose error is of order h^2, the numeric
 * derivative is Richardson's {@code (4 D(h/2) - D(h)) / 3}, whose error is of order h^4 (Burden and
 * Faires, Numerical Analysis, section 4.2). The relative error is {@code |a - n| / max(|a| + |n|,
 * FLOOR)}. Where that is too large and D(h) and D(h/2) disagree, the loss has a kink within h, such
 * as that of relu at 0: no derivative can be read off there, and the element is counted as a kink.
 */
public final class GradientCheck {
  /** The relative error below which a derivative is right. */
  public static final double TOLERANCE = 1e-6;

  /** The part of the elements below which kinks must stay. */
  public static final double KINKS_ALLOWED = 0.05;

  // Truncation h^4 / 480 and rounding 2^-53 / h stay below 1e-12 here, for values of order 1.
  private static final double STEP = 1e-3;
  // Where a step crosses a kink, of relu or of a largest value, a smaller one may not. A wrong
  // derivative is wrong at any step. Below 1e-5 rounding would count.
  private static final double SHRINK = 10;
  private static final double LEAST_STEP = 0.9e-5;
  // TOLERANCE * FLOOR = 1e-10 is a hundred times those errors, so that they cannot fail a
  // derivative near 0, and a wrong one of more than 1e-10 cannot pass.
  private static final double FLOOR = 1e-4;
  // On a smooth loss D(h) and D(h/2) differ by h^2 / 8 times the third derivative, about 1e-7.
  private static final double KINK = 1e-4;
  private static final int SAMPLES = 200;

  private static final long SAMPLE_STREAM = 1;

  /**
   * What one check found.
   *
   * @param name what was checked
   * @param checked the number of derivatives compared, kinks included
   * @param kinks how many of them lie at a kink and could not be judged
   * @param worst the largest relative error of the others; NaN if a derivative is
   * @param where the element with that error, such as {@code fc1.weight[3]}
   */
  public record Result(String name, int checked, int kinks, double worst, String where) {
    /** Returns whether the derivatives are right: enough judged, none wrong, none NaN. */
    public boolean passed() {
      return checked > 0 && worst < TOLERANCE && kinks < KINKS_ALLOWED * checked;
    }
  }

  private final Backend backend;
  private final long seed;

  /**
   * Makes a check.
   *
   * @param backend computes in FLOAT64, as {@code scalar} does
   * @param seed of parameters, inputs, targets and samples
   */
  public GradientCheck(Backend backend, long seed) {
    this.backend = backend;
    this.seed = seed;
  }

  /** Checks every layer type, every preset and every loss. */
  public List<Result> all() {
    return GradientCases.all().stream().map(this::check).toList();
  }

  /** Checks one network under one loss. */
  public Result check(GradientCases.Case wanted) {
    try (GradientRun run = new GradientRun(wanted, backend, DataType.FLOAT64, seed)) {
      return new Comparison(wanted, run).all();
    }
  }

  /** One check while it goes on. */
  private final class Comparison {
    private final GradientCases.Case wanted;
    private final GradientRun run;
    private final double[] one = new double[1];
    private int checked;
    private int kinks;
    private double worst;
    private String where = "";

    private Comparison(GradientCases.Case wanted, GradientRun run) {
      this.wanted = wanted;
      this.run = run;
    }

    private Result all() {
      run.gradients()
          .forEach(
              (name, gradient) -> {
                if (name.equals(GradientRun.INPUT)) {
                  compare(name, run.input(), gradient, -1, 0);
                } else {
                  compareParameter(name, gradient);
                }
              });
      return new Result(wanted.name(), checked, kinks, worst, where);
    }

    private void compareParameter(String name, double[] gradient) {
      int constant = -1;
      int length = 0;
      if (wanted.network().layers().get(0) instanceof EmbeddingLayer embedding
          && name.startsWith(embedding.name() + ".")) {
        // The padding row has no gradient by definition, though the loss depends on it.
        length = embedding.dimension();
        constant = embedding.paddingIndex();
      }
      compare(name, run.parameters().get(name), gradient, constant, length);
    }

    /** Compares elements; those of one row may be held constant, their gradient being 0. */
    private void compare(
        String name, Tensor values, double[] analytic, int constantRow, int rowLength) {
      for (int i : sample(analytic.length)) {
        boolean constant = constantRow >= 0 && i / rowLength == constantRow;
        judge(name + "[" + i + "]", analytic[i], values, i, constant);
      }
    }

    private void judge(
        String element, double analytic, Tensor values, int index, boolean constant) {
      double coarse = 0;
      double fine = 0;
      double error = Double.NaN;
      for (double step = STEP; !(error < TOLERANCE) && step > LEAST_STEP; step /= SHRINK) {
        coarse = constant ? 0 : difference(values, index, step);
        fine = constant ? 0 : difference(values, index, step / 2);
        error = relativeError(analytic, (4 * fine - coarse) / 3);
      }
      checked++;
      if (!(error < TOLERANCE) && relativeError(coarse, fine) > KINK) {
        kinks++;
      } else if (!Double.isNaN(worst) && !(error <= worst)) {
        // A NaN is not at most anything: it is taken, and kept.
        worst = error;
        where = element;
      }
    }

    private double difference(Tensor values, int index, double step) {
      Tensor element = values.view(values.name(), index, Shape.of(1));
      double centre = get(element);
      // The numbers that are there, not those that were meant: the difference is exact.
      double above = centre + step;
      double below = centre - step;
      double difference = (lossAt(element, above) - lossAt(element, below)) / (above - below);
      set(element, centre);
      return difference;
    }

    private double lossAt(Tensor element, double value) {
      set(element, value);
      return run.loss();
    }

    private void set(Tensor element, double value) {
      one[0] = value;
      backend.transfers().upload(one, 0, element);
    }

    private double get(Tensor element) {
      backend.transfers().download(element, one, 0);
      return one[0];
    }
  }

  private int[] sample(int length) {
    int[] order = new int[length];
    new Philox(seed, SAMPLE_STREAM).permute(order);
    return Arrays.copyOf(order, Math.min(length, SAMPLES));
  }

  private static double relativeError(double a, double b) {
    return Math.abs(a - b) / Math.max(Math.abs(a) + Math.abs(b), FLOOR);
  }
}

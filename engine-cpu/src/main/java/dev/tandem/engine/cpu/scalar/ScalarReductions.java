package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Reductions;
import dev.tandem.engine.Tensor;

/** Sums, maxima and other reductions. */
final class ScalarReductions extends Reductions {
  /**
   * The elements that go into each result: number {@code p} of result {@code r} lies at {@code r *
   * outer + p * inner}.
   *
   * @param results the number of results
   * @param length the number of elements that go into each
   * @param outer the distance from one result's first element to the next one's
   * @param inner the distance between elements of one result
   */
  private record Walk(int results, int length, int outer, int inner) {
    static Walk of(Tensor x, Axis axis) {
      int rows = x.shape().rows();
      int columns = x.shape().columns();
      return switch (axis) {
        case ALL -> new Walk(1, (int) x.elements(), 0, 1);
        case ROWS -> new Walk(columns, rows, 1, columns);
        case COLUMNS -> new Walk(rows, columns, columns, 1);
      };
    }

    int at(int result, int p) {
      return result * outer + p * inner;
    }
  }

  ScalarReductions(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeSum(Tensor x, Axis axis, boolean accumulate, Tensor out) {
    Values in = Values.of(x);
    Values result = Values.of(out);
    Walk walk = Walk.of(x, axis);
    // out[r] = sum_p x[r,p], or out[r] += sum_p x[r,p]
    for (int r = 0; r < walk.results(); r++) {
      double sum = sum(in, walk, r);
      result.set(r, accumulate ? result.get(r) + sum : sum);
    }
  }

  @Override
  protected void computeMean(Tensor x, Axis axis, Tensor out) {
    Values in = Values.of(x);
    Values result = Values.of(out);
    Walk walk = Walk.of(x, axis);
    // out[r] = (1/P) sum_p x[r,p]
    for (int r = 0; r < walk.results(); r++) {
      result.set(r, sum(in, walk, r) / walk.length());
    }
  }

  private static double sum(Values in, Walk walk, int r) {
    double sum = 0;
    for (int p = 0; p < walk.length(); p++) {
      sum += in.get(walk.at(r, p));
    }
    return sum;
  }

  @Override
  protected void computeMax(Tensor x, Axis axis, Tensor out) {
    Values in = Values.of(x);
    Values result = Values.of(out);
    Walk walk = Walk.of(x, axis);
    // out[r] = max_p x[r,p]; Math.max keeps NaN
    for (int r = 0; r < walk.results(); r++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int p = 0; p < walk.length(); p++) {
        largest = Math.max(largest, in.get(walk.at(r, p)));
      }
      result.set(r, largest);
    }
  }

  @Override
  protected void computeArgmax(Tensor x, Tensor out) {
    Values in = Values.of(x);
    Indices result = Indices.of(out);
    int columns = x.shape().columns();
    // out[i] = the first j for which no x[i,k] is larger, NaN being the largest
    for (int i = 0; i < result.length(); i++) {
      int best = 0;
      for (int j = 1; j < columns; j++) {
        double value = in.get(i * columns + j);
        double largest = in.get(i * columns + best);
        if (value > largest || Double.isNaN(value) && !Double.isNaN(largest)) {
          best = j;
        }
      }
      result.set(i, best);
    }
  }

  @Override
  protected void computeSumOfSquares(Tensor x, Tensor out) {
    computeDot(x, x, out);
  }

  @Override
  protected void computeDot(Tensor x, Tensor y, Tensor out) {
    Values left = Values.of(x);
    Values right = Values.of(y);
    // out = sum_i x[i] y[i]
    double sum = 0;
    for (int i = 0; i < left.length(); i++) {
      sum += left.get(i) * right.get(i);
    }
    Values.of(out).set(0, sum);
  }

  @Override
  protected void computeCountNonFinite(Tensor x, Tensor out) {
    Values in = Values.of(x);
    // out = the number of i for which x[i] is NaN or infinite
    int count = 0;
    for (int i = 0; i < in.length(); i++) {
      if (!Double.isFinite(in.get(i))) {
        count++;
      }
    }
    Indices.of(out).set(0, count);
  }
}

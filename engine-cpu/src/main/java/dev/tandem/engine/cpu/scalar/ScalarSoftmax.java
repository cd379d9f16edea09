package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Softmax;
import dev.tandem.engine.Tensor;

/** Softmax and its logarithm, row by row. */
final class ScalarSoftmax extends Softmax {
  /**
   * What all elements of a row are normalised by. With the largest element m, {@code exp(x_j) /
   * sum_k exp(x_k) = exp(x_j - m) / sum_k exp(x_k - m)}, and nothing overflows.
   *
   * @param largest m
   * @param sum {@code sum_k exp(x_k - m)}
   */
  record Row(double largest, double sum) {
    static Row of(Values x, int from, int columns) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < columns; k++) {
        largest = Math.max(largest, x.get(from + k));
      }
      double sum = 0;
      for (int k = 0; k < columns; k++) {
        sum += Math.exp(x.get(from + k) - largest);
      }
      return new Row(largest, sum);
    }

    double probability(double x) {
      return Math.exp(x - largest) / sum;
    }

    double logProbability(double x) {
      return x - largest - Math.log(sum);
    }
  }

  ScalarSoftmax(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeSoftmax(Tensor x, Tensor y) {
    Values in = Values.of(x);
    Values out = Values.of(y);
    int columns = x.shape().columns();
    // y_j = exp(x_j) / sum_k exp(x_k)
    for (int from = 0; from < in.length(); from += columns) {
      Row row = Row.of(in, from, columns);
      for (int j = 0; j < columns; j++) {
        out.set(from + j, row.probability(in.get(from + j)));
      }
    }
  }

  @Override
  protected void computeLogSoftmax(Tensor x, Tensor y) {
    Values in = Values.of(x);
    Values out = Values.of(y);
    int columns = x.shape().columns();
    // y_j = x_j - log sum_k exp(x_k)
    for (int from = 0; from < in.length(); from += columns) {
      Row row = Row.of(in, from, columns);
      for (int j = 0; j < columns; j++) {
        out.set(from + j, row.logProbability(in.get(from + j)));
      }
    }
  }

  @Override
  protected void computeSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    Values out = Values.of(y);
    Values outer = Values.of(dy);
    Values inner = Values.of(dx);
    int columns = y.shape().columns();
    // dx_j = y_j (dy_j - sum_k y_k dy_k)
    for (int from = 0; from < out.length(); from += columns) {
      double sum = 0;
      for (int k = 0; k < columns; k++) {
        sum += out.get(from + k) * outer.get(from + k);
      }
      for (int j = 0; j < columns; j++) {
        inner.set(from + j, out.get(from + j) * (outer.get(from + j) - sum));
      }
    }
  }

  @Override
  protected void computeLogSoftmaxBackward(Tensor y, Tensor dy, Tensor dx) {
    Values out = Values.of(y);
    Values outer = Values.of(dy);
    Values inner = Values.of(dx);
    int columns = y.shape().columns();
    // dx_j = dy_j - exp(y_j) sum_k dy_k
    for (int from = 0; from < out.length(); from += columns) {
      double sum = 0;
      for (int k = 0; k < columns; k++) {
        sum += outer.get(from + k);
      }
      for (int j = 0; j < columns; j++) {
        inner.set(from + j, outer.get(from + j) - Math.exp(out.get(from + j)) * sum);
      }
    }
  }
}

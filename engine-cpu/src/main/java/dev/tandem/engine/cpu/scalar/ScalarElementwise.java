package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Broadcast;
import dev.tandem.engine.Elementwise;
import dev.tandem.engine.Tensor;

/** Operations element by element. */
final class ScalarElementwise extends Elementwise {
  ScalarElementwise(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeBinary(
      Binary operation, Tensor x, Tensor y, Broadcast broadcast, Tensor out) {
    Values left = Values.of(x);
    Values right = Values.of(y);
    Values result = Values.of(out);
    int repeated = right.length();
    // x [N,C,...] has this many elements behind each channel; for [N,C] it is 1.
    int behind = broadcast == Broadcast.CHANNEL ? elementsBehindChannel(x) : 1;
    // out[i] = x[i] op y[j(i)]
    for (int i = 0; i < left.length(); i++) {
      int j =
          switch (broadcast) {
            case SAME -> i;
            case SCALAR -> 0;
            case ROW -> i % repeated;
            case CHANNEL -> i / behind % repeated;
          };
      result.set(i, combine(operation, left.get(i), right.get(j)));
    }
  }

  private static double combine(Binary operation, double x, double y) {
    return switch (operation) {
      case ADD -> x + y;
      case SUBTRACT -> x - y;
      case MULTIPLY -> x * y;
      case DIVIDE -> x / y;
    };
  }

  /** Returns S of a tensor {@code [N,C,...]} with S elements behind each (n, c). */
  static int elementsBehindChannel(Tensor x) {
    int elements = 1;
    for (int axis = 2; axis < x.shape().rank(); axis++) {
      elements *= x.shape().dimension(axis);
    }
    return elements;
  }

  @Override
  protected void computeScale(double alpha, Tensor x, Tensor out) {
    Values in = Values.of(x);
    Values result = Values.of(out);
    // out[i] = alpha x[i]
    for (int i = 0; i < in.length(); i++) {
      result.set(i, alpha * in.get(i));
    }
  }

  @Override
  protected void computeAxpy(double alpha, Tensor x, Tensor y) {
    Values in = Values.of(x);
    Values result = Values.of(y);
    // y[i] = alpha x[i] + y[i]
    for (int i = 0; i < in.length(); i++) {
      result.add(i, alpha * in.get(i));
    }
  }

  @Override
  protected void computeMultiplyAdd(Tensor x, Tensor y, Tensor z, Tensor out) {
    Values first = Values.of(x);
    Values second = Values.of(y);
    Values third = Values.of(z);
    Values result = Values.of(out);
    // out[i] = x[i] y[i] + z[i]
    for (int i = 0; i < first.length(); i++) {
      result.set(i, first.get(i) * second.get(i) + third.get(i));
    }
  }

  @Override
  protected void computeClamp(double low, double high, Tensor x, Tensor out) {
    Values in = Values.of(x);
    Values result = Values.of(out);
    // out[i] = min(max(x[i], low), high); Math.min and Math.max keep NaN
    for (int i = 0; i < in.length(); i++) {
      result.set(i, Math.min(Math.max(in.get(i), low), high));
    }
  }

  @Override
  protected void computeTranspose2d(Tensor x, Tensor out) {
    Values in = Values.of(x);
    Values result = Values.of(out);
    int rows = x.shape().dimension(0);
    int columns = x.shape().dimension(1);
    // out[j,i] = x[i,j]
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result.set(j * rows + i, in.get(i * columns + j));
      }
    }
  }

  @Override
  protected void computeSwapAxes(Tensor x, Tensor out) {
    Values in = Values.of(x);
    Values result = Values.of(out);
    int first = x.shape().dimension(0);
    int second = x.shape().dimension(1);
    int third = x.shape().dimension(2);
    // out[b,a,c] = x[a,b,c]
    for (int a = 0; a < first; a++) {
      for (int b = 0; b < second; b++) {
        for (int c = 0; c < third; c++) {
          result.set((b * first + a) * third + c, in.get((a * second + b) * third + c));
        }
      }
    }
  }
}

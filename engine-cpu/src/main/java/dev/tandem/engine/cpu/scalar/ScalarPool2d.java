package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Backend;
import dev.tandem.engine.Pool2d;
import dev.tandem.engine.Pool2dSpec;
import dev.tandem.engine.Tensor;

/** Pooling by its definition. */
final class ScalarPool2d extends Pool2d {
  ScalarPool2d(Backend backend) {
    super(backend);
  }

  @Override
  protected void computeForward(Pool2dSpec spec, Tensor x, Tensor y) {
    Values in = Values.of(x);
    Values out = Values.of(y);
    Window window = new Window(spec);
    // y[n,c,i,j] = max or mean over r,t of x[n, c, i s + r - p, j s + t - p]
    for (int at = 0; at < out.length(); at++) {
      window.moveTo(at);
      if (spec.mode() == Pool2dSpec.Mode.MAX) {
        out.set(at, in.get(largest(in, window)));
      } else {
        double sum = 0;
        for (int h = window.top; h < window.bottom; h++) {
          for (int v = window.left; v < window.right; v++) {
            sum += in.get(window.index(h, v));
          }
        }
        out.set(at, sum / window.count());
      }
    }
  }

  @Override
  protected void computeBackward(Pool2dSpec spec, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    Values in = Values.of(x);
    Values outer = Values.of(dy);
    Values inner = Values.of(dx);
    Window window = new Window(spec);
    double[] sums = new double[inner.length()];
    // dx[n,c,h,v] = sum of dy[n,c,i,j] where (h,v) is the maximum of window (i,j), or of
    // dy[n,c,i,j] / count where it is in window (i,j)
    for (int at = 0; at < outer.length(); at++) {
      window.moveTo(at);
      if (spec.mode() == Pool2dSpec.Mode.MAX) {
        sums[largest(in, window)] += outer.get(at);
      } else {
        for (int h = window.top; h < window.bottom; h++) {
          for (int v = window.left; v < window.right; v++) {
            sums[window.index(h, v)] += outer.get(at) / window.count();
          }
        }
      }
    }
    for (int at = 0; at < sums.length; at++) {
      inner.set(at, sums[at]);
    }
  }

  /** Returns the index of the first maximum of a window, or of its last NaN. */
  private static int largest(Values in, Window window) {
    int largest = window.index(window.top, window.left);
    for (int h = window.top; h < window.bottom; h++) {
      for (int v = window.left; v < window.right; v++) {
        double value = in.get(window.index(h, v));
        if (value > in.get(largest) || Double.isNaN(value)) {
          largest = window.index(h, v);
        }
      }
    }
    return largest;
  }

  /** The part inside the picture of the window of one element of the output. */
  private static final class Window {
    private final Pool2dSpec spec;
    private int channel;
    private int top;
    private int bottom;
    private int left;
    private int right;

    Window(Pool2dSpec spec) {
      this.spec = spec;
    }

    void moveTo(int at) {
      channel = at / (spec.outHeight() * spec.outWidth());
      int row = at / spec.outWidth() % spec.outHeight() * spec.strideHeight();
      int column = at % spec.outWidth() * spec.strideWidth();
      top = Math.max(0, row - spec.paddingHeight());
      bottom = Math.min(spec.inHeight(), row - spec.paddingHeight() + spec.kernelHeight());
      left = Math.max(0, column - spec.paddingWidth());
      right = Math.min(spec.inWidth(), column - spec.paddingWidth() + spec.kernelWidth());
    }

    int index(int h, int v) {
      return (channel * spec.inHeight() + h) * spec.inWidth() + v;
    }

    /** Returns the number by which the mean divides. */
    int count() {
      return spec.countIncludePad()
          ? spec.kernelHeight() * spec.kernelWidth()
          : (bottom - top) * (right - left);
    }
  }
}

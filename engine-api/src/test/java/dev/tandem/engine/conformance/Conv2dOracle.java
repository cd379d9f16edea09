package dev.tandem.engine.conformance;

import dev.tandem.engine.Conv2dSpec;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * The terms of a convolution: in which element of the output which element of the filters meets
 * which element of the input. All three directions are sums over them.
 */
final class Conv2dOracle {
  private final Conv2dSpec spec;
  private int[] outputs = new int[64];
  private int[] filters = new int[64];
  private int[] inputs = new int[64];
  private int count;

  Conv2dOracle(Conv2dSpec spec) {
    this.spec = spec;
    for (int n = 0; n < spec.batch(); n++) {
      for (int k = 0; k < spec.outChannels(); k++) {
        for (int i = 0; i < spec.outHeight(); i++) {
          for (int j = 0; j < spec.outWidth(); j++) {
            output(n, k, i, j);
          }
        }
      }
    }
  }

  private void output(int n, int k, int i, int j) {
    int channels = spec.inChannels() / spec.groups();
    int group = k / (spec.outChannels() / spec.groups());
    int output = ((n * spec.outChannels() + k) * spec.outHeight() + i) * spec.outWidth() + j;
    for (int c = 0; c < channels; c++) {
      for (int r = 0; r < spec.kernelHeight(); r++) {
        for (int t = 0; t < spec.kernelWidth(); t++) {
          int h = i * spec.strideHeight() + r * spec.dilationHeight() - spec.paddingHeight();
          int v = j * spec.strideWidth() + t * spec.dilationWidth() - spec.paddingWidth();
          if (h >= 0 && h < spec.inHeight() && v >= 0 && v < spec.inWidth()) {
            int channel = n * spec.inChannels() + group * channels + c;
            add(
                output,
                ((k * channels + c) * spec.kernelHeight() + r) * spec.kernelWidth() + t,
                (channel * spec.inHeight() + h) * spec.inWidth() + v);
          }
        }
      }
    }
  }

  private void add(int output, int filter, int input) {
    if (count == outputs.length) {
      outputs = Arrays.copyOf(outputs, 2 * count);
      filters = Arrays.copyOf(filters, 2 * count);
      inputs = Arrays.copyOf(inputs, 2 * count);
    }
    outputs[count] = output;
    filters[count] = filter;
    inputs[count] = input;
    count++;
  }

  /** {@code y} before bias and activation. */
  Bounded[] forward(Tolerance t, double[] x, double[] w) {
    return sums(t, outputs, spec.output().elements(), i -> inputs[i], x, i -> filters[i], w);
  }

  Bounded[] backwardData(Tolerance t, double[] dy, double[] w) {
    return sums(t, inputs, spec.input().elements(), i -> outputs[i], dy, i -> filters[i], w);
  }

  /** What is added to dw. */
  Bounded[] backwardFilter(Tolerance t, double[] x, double[] dy) {
    return sums(t, filters, spec.filter().elements(), i -> inputs[i], x, i -> outputs[i], dy);
  }

  /** Sums the products of the terms that have the same place in the result. */
  private Bounded[] sums(
      Tolerance t,
      int[] places,
      long length,
      IntUnaryOperator first,
      double[] a,
      IntUnaryOperator second,
      double[] b) {
    int[] starts = new int[(int) length + 1];
    for (int i = 0; i < count; i++) {
      starts[places[i] + 1]++;
    }
    Arrays.parallelPrefix(starts, Integer::sum);
    int[] next = starts.clone();
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[next[places[i]]++] = i;
    }
    return Oracle.indexed(
        (int) length,
        place ->
            t.dot(
                starts[place + 1] - starts[place],
                p -> a[first.applyAsInt(order[starts[place] + p])],
                p -> b[second.applyAsInt(order[starts[place] + p])]));
  }
}

package dev.tandem.engine.conformance;

import dev.tandem.engine.RecurrentSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The formulas of {@link dev.tandem.engine.Recurrent} over {@link Bounded} numbers, one sequence
 * after the other, by the cells of {@link RecurrentStep}.
 */
final class RecurrentOracle {
  private final RecurrentSpec spec;
  private final Tolerance t;
  private final Map<String, Bounded[]> weights;
  private final int[] lengths;
  private final Bounded[] x;
  private final Bounded[] h0;
  private final Bounded[] c0;
  private final Bounded[] kept;
  private final int directions;
  private final int hidden;
  private final RecurrentStep[][][] steps;
  private final Bounded[][][] inputs;

  /**
   * Computes the forward pass.
   *
   * @param weights by PyTorch's names
   * @param lengths null where all sequences are whole
   * @param x {@code [T,N,I]}
   * @param h0 {@code [L*D,N,H]}
   * @param c0 likewise; zeros where there is no cell state
   * @param kept {@code [L-1][T,N,H*D]}, one after the other: the factors by which outputs between
   *     layers are multiplied, 0 where dropped; null where nothing is dropped
   */
  RecurrentOracle(
      RecurrentSpec spec,
      Map<String, Bounded[]> weights,
      int[] lengths,
      Bounded[] x,
      Bounded[] h0,
      Bounded[] c0,
      Bounded[] kept) {
    this.spec = spec;
    this.t = x[0].tolerance();
    this.weights = weights;
    this.lengths = lengths;
    this.x = x;
    this.h0 = h0;
    this.c0 = c0;
    this.kept = kept;
    directions = spec.directions();
    hidden = spec.hiddenSize();
    steps = new RecurrentStep[spec.batch()][spec.layers() * directions][spec.time()];
    inputs = new Bounded[spec.batch()][spec.layers() + 1][];
    for (int n = 0; n < spec.batch(); n++) {
      forward(n);
    }
  }

  /** Returns the length of a sequence, 0 for what is none. */
  int length(int n) {
    int length = lengths == null ? spec.time() : lengths[n];
    return length > spec.time() ? 0 : Math.max(0, length);
  }

  private void forward(int n) {
    int features = spec.inputSize();
    inputs[n][0] =
        Oracle.indexed(
            length(n) * features,
            i -> x[(i / features * spec.batch() + n) * features + i % features]);
    for (int layer = 0; layer < spec.layers(); layer++) {
      Bounded[] out = new Bounded[length(n) * directions * hidden];
      for (int d = 0; d < directions; d++) {
        int sequence = layer * directions + d;
        Bounded[] h = state(h0, sequence, n);
        Bounded[] c = state(c0, sequence, n);
        for (int i = 0; i < length(n); i++) {
          int time = d == 0 ? i : length(n) - 1 - i;
          RecurrentStep step =
              new RecurrentStep(spec.cell(), parameters(layer, d), inputs[n][layer], time, h, c, t);
          steps[n][sequence][time] = step;
          h = step.h();
          c = step.c();
          System.arraycopy(h, 0, out, (time * directions + d) * hidden, hidden);
        }
      }
      inputs[n][layer + 1] = dropped(layer, n, out);
    }
  }

  /** Multiplies the outputs of a layer below the last, or their gradients, by what was kept. */
  private Bounded[] dropped(int layer, int n, Bounded[] values) {
    if (kept == null || layer == spec.layers() - 1) {
      return values;
    }
    int width = directions * hidden;
    int start = layer * spec.time() * spec.batch() * width;
    return Oracle.indexed(
        values.length,
        i -> {
          Bounded factor = kept[start + (i / width * spec.batch() + n) * width + i % width];
          return factor.value() == 0 ? factor : values[i].times(factor);
        });
  }

  private Bounded[][] parameters(int layer, int d) {
    String suffix = "_l" + layer + (d == 0 ? "" : "_reverse");
    return new Bounded[][] {
      weights.get("weight_ih" + suffix),
      weights.get("weight_hh" + suffix),
      weights.get("bias_ih" + suffix),
      weights.get("bias_hh" + suffix)
    };
  }

  private Bounded[] state(Bounded[] states, int sequence, int n) {
    int from = (sequence * spec.batch() + n) * hidden;
    return Oracle.indexed(hidden, j -> states[from + j]);
  }

  /** y {@code [T,N,H*D]}. */
  Bounded[] y() {
    int width = directions * hidden;
    return Oracle.indexed(
        spec.time() * spec.batch() * width,
        i -> {
          int n = i / width % spec.batch();
          int time = i / width / spec.batch();
          if (time >= length(n)) {
            return t.exact(length(n) == 0 ? Double.NaN : 0);
          }
          return inputs[n][spec.layers()][time * width + i % width];
        });
  }

  /** hn or cn {@code [L*D,N,H]}. */
  Bounded[] last(boolean cellState) {
    return Oracle.indexed(
        spec.layers() * directions * spec.batch() * hidden,
        i -> {
          int n = i / hidden % spec.batch();
          int sequence = i / hidden / spec.batch();
          if (length(n) == 0) {
            return t.exact(Double.NaN);
          }
          RecurrentStep step = steps[n][sequence][sequence % directions == 0 ? length(n) - 1 : 0];
          return (cellState ? step.c() : step.h())[i % hidden];
        });
  }

  /** The results of the backward pass. */
  record Gradients(Bounded[] dx, Bounded[] dh0, Bounded[] dc0, Map<String, Bounded[]> dweights) {}

  /**
   * Computes the backward pass.
   *
   * @param dy {@code [T,N,H*D]}
   * @param dhn {@code [L*D,N,H]}
   * @param dcn likewise
   */
  Gradients backward(Bounded[] dy, Bounded[] dhn, Bounded[] dcn) {
    Bounded nan = t.exact(Double.NaN);
    Bounded[] dx = Oracle.indexed(x.length, i -> t.exact(0));
    Bounded[] dh0 = Oracle.indexed(h0.length, i -> nan);
    Bounded[] dc0 = Oracle.indexed(h0.length, i -> nan);
    int width = directions * hidden;
    int features = spec.inputSize();
    for (int n = 0; n < spec.batch(); n++) {
      int example = n;
      Bounded[] outer =
          Oracle.indexed(
              length(n) * width, i -> dy[(i / width * spec.batch() + example) * width + i % width]);
      for (int layer = spec.layers() - 1; layer >= 0; layer--) {
        outer = backward(n, layer, outer, dhn, dcn, dh0, dc0);
        if (layer > 0) {
          outer = dropped(layer - 1, n, outer);
        }
      }
      for (int i = 0; i < spec.time() * features; i++) {
        int to = (i / features * spec.batch() + n) * features + i % features;
        if (length(n) == 0) {
          dx[to] = nan;
        } else if (i < outer.length) {
          dx[to] = outer[i];
        }
      }
    }
    return new Gradients(dx, dh0, dc0, dweights());
  }

  private Bounded[] backward(
      int n,
      int layer,
      Bounded[] outer,
      Bounded[] dhn,
      Bounded[] dcn,
      Bounded[] dh0,
      Bounded[] dc0) {
    if (length(n) == 0) {
      return outer;
    }
    int width = spec.inputSize(layer);
    Bounded[] inner = null;
    for (int d = 0; d < directions; d++) {
      int sequence = layer * directions + d;
      Bounded[] dh = state(dhn, sequence, n);
      Bounded[] dc = state(dcn, sequence, n);
      Bounded[] mine = new Bounded[length(n) * width];
      for (int i = length(n) - 1; i >= 0; i--) {
        int time = d == 0 ? i : length(n) - 1 - i;
        int from = (time * directions + d) * hidden;
        Bounded[] next = dh;
        Bounded[] both = Oracle.indexed(hidden, j -> next[j].plus(outer[from + j]));
        RecurrentStep step = steps[n][sequence][time];
        step.backward(both, dc);
        dh = step.dh();
        dc = step.dc();
        System.arraycopy(step.dx(), 0, mine, time * width, width);
      }
      System.arraycopy(dh, 0, dh0, (sequence * spec.batch() + n) * hidden, hidden);
      System.arraycopy(dc, 0, dc0, (sequence * spec.batch() + n) * hidden, hidden);
      Bounded[] others = inner;
      inner = d == 0 ? mine : Oracle.indexed(mine.length, i -> mine[i].plus(others[i]));
    }
    return inner;
  }

  /** The sums over all steps of all sequences. */
  private Map<String, Bounded[]> dweights() {
    Map<String, Bounded[]> gradients = new HashMap<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int d = 0; d < directions; d++) {
        RecurrentStep[] all = all(layer, d);
        String suffix = "_l" + layer + (d == 0 ? "" : "_reverse");
        int columns = spec.inputSize(layer);
        int rows = spec.gateRows();
        gradients.put(
            "weight_ih" + suffix,
            Oracle.indexed(
                rows * columns,
                i ->
                    t.sumOfProducts(
                        all.length,
                        p -> all[p].dInput()[i / columns],
                        p -> all[p].x(i % columns))));
        gradients.put(
            "weight_hh" + suffix,
            Oracle.indexed(
                rows * hidden,
                i ->
                    t.sumOfProducts(
                        all.length,
                        p -> all[p].dHidden()[i / hidden],
                        p -> all[p].previousH()[i % hidden])));
        gradients.put(
            "bias_ih" + suffix,
            Oracle.indexed(
                rows, i -> t.sumOfProducts(all.length, p -> all[p].dInput()[i], p -> t.exact(1))));
        gradients.put(
            "bias_hh" + suffix,
            Oracle.indexed(
                rows, i -> t.sumOfProducts(all.length, p -> all[p].dHidden()[i], p -> t.exact(1))));
      }
    }
    return gradients;
  }

  private RecurrentStep[] all(int layer, int d) {
    return IntStream.range(0, spec.batch())
        .boxed()
        .flatMap(n -> Arrays.stream(steps[n][layer * directions + d]).limit(length(n)))
        .toArray(RecurrentStep[]::new);
  }
}

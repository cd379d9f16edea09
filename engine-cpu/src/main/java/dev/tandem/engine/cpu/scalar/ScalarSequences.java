package dev.tandem.engine.cpu.scalar;

import dev.tandem.engine.Dropout;
import dev.tandem.engine.Philox;
import dev.tandem.engine.Recurrent.Backward;
import dev.tandem.engine.Recurrent.Forward;
import dev.tandem.engine.RecurrentSpec;
import dev.tandem.engine.Tensor;
import dev.tandem.engine.WeightRegion;
import dev.tandem.engine.cells.Cell;
import java.util.List;

/** The sequences of one call of {@link ScalarRecurrent}, each computed by itself. */
final class ScalarSequences {
  private final RecurrentSpec spec;
  private final List<WeightRegion> regions;
  private final Forward tensors;
  private final int directions;
  private final int hidden;
  private final Cell[] cells;

  ScalarSequences(RecurrentSpec spec, List<WeightRegion> regions, Forward tensors) {
    this.spec = spec;
    this.regions = regions;
    this.tensors = tensors;
    directions = spec.directions();
    hidden = spec.hiddenSize();
    cells = new Cell[spec.layers() * directions];
    Values block = Values.of(tensors.weights());
    for (int i = 0; i < cells.length; i++) {
      cells[i] =
          Cell.of(
              spec.cell(),
              ScalarRecurrent.weights(spec, regions, block, i / directions, i % directions));
    }
  }

  /** Computes y, hn and cn. */
  void forward() {
    for (int n = 0; n < spec.batch(); n++) {
      int length = length(n);
      Cell.Step[][] steps = length < 0 ? null : run(n, length);
      Values y = Values.of(tensors.y());
      for (int t = 0; t < spec.time(); t++) {
        for (int d = 0; d < directions; d++) {
          for (int j = 0; j < hidden; j++) {
            double value = length < 0 ? Double.NaN : 0;
            if (t < length) {
              value = steps[(spec.layers() - 1) * directions + d][t].h()[j];
            }
            y.set(((t * spec.batch() + n) * directions + d) * hidden + j, value);
          }
        }
      }
      for (int i = 0; i < cells.length; i++) {
        Cell.Step last = length < 0 ? null : steps[i][lastStep(i, length)];
        store(tensors.hn(), i, n, last == null ? null : last.h());
        store(tensors.cn(), i, n, last == null ? null : last.c());
      }
    }
  }

  /** Computes dx, dh0 and dc0, and the gradients of the weights, which go to the reserve. */
  void backward(Backward gradients) {
    Cell.Weights[] dweights = new Cell.Weights[cells.length];
    for (int i = 0; i < cells.length; i++) {
      dweights[i] = Cell.Weights.zeros(spec.cell().gates(), spec.inputSize(i / directions), hidden);
    }
    for (int n = 0; n < spec.batch(); n++) {
      int length = length(n);
      double[][] dx = length < 0 ? null : runBack(n, length, gradients, dweights);
      for (int i = 0; length < 0 && i < cells.length; i++) {
        store(gradients.dh0(), i, n, null);
        store(gradients.dc0(), i, n, null);
      }
      Values out = Values.of(gradients.dx());
      if (out != null) {
        for (int t = 0; t < spec.time(); t++) {
          for (int k = 0; k < spec.inputSize(); k++) {
            double value = length < 0 ? Double.NaN : t < length ? dx[t][k] : 0;
            out.set((t * spec.batch() + n) * spec.inputSize() + k, value);
          }
        }
      }
    }
    for (int i = 0; i < cells.length; i++) {
      Values reserve = Values.of(tensors.reserve());
      ScalarRecurrent.keep(spec, regions, dweights[i], reserve, i / directions, i % directions);
    }
  }

  /** Runs a sequence through all layers; returns the steps of every layer and direction by time. */
  private Cell.Step[][] run(int n, int length) {
    Cell.Step[][] steps = new Cell.Step[cells.length][length];
    double[][] input = new double[length][spec.inputSize()];
    Values x = Values.of(tensors.x());
    for (int t = 0; t < length; t++) {
      for (int k = 0; k < spec.inputSize(); k++) {
        input[t][k] = x.get((t * spec.batch() + n) * spec.inputSize() + k);
      }
    }
    for (int layer = 0; layer < spec.layers(); layer++) {
      double[][] output = new double[length][directions * hidden];
      for (int d = 0; d < directions; d++) {
        int i = layer * directions + d;
        double[] h = load(tensors.h0(), i, n);
        double[] c = load(tensors.c0(), i, n);
        for (int step = 0; step < length; step++) {
          int t = d == 0 ? step : length - 1 - step;
          steps[i][t] = cells[i].forward(input[t], h, c);
          h = steps[i][t].h();
          c = steps[i][t].c();
          System.arraycopy(h, 0, output[t], d * hidden, hidden);
        }
      }
      if (layer < spec.layers() - 1) {
        drop(layer, n, output);
      }
      input = output;
    }
    return steps;
  }

  /** Runs a sequence back through all layers; returns dx by time. */
  private double[][] runBack(int n, int length, Backward gradients, Cell.Weights[] dweights) {
    Cell.Step[][] steps = run(n, length);
    double[][] outer = new double[length][directions * hidden];
    Values dy = Values.of(gradients.dy());
    if (dy != null) {
      for (int t = 0; t < length; t++) {
        for (int j = 0; j < directions * hidden; j++) {
          outer[t][j] = dy.get((t * spec.batch() + n) * directions * hidden + j);
        }
      }
    }
    for (int layer = spec.layers() - 1; layer >= 0; layer--) {
      double[][] inner = new double[length][spec.inputSize(layer)];
      for (int d = 0; d < directions; d++) {
        int i = layer * directions + d;
        double[] dh = load(gradients.dhn(), i, n);
        double[] dc = load(gradients.dcn(), i, n);
        for (int step = length - 1; step >= 0; step--) {
          int t = d == 0 ? step : length - 1 - step;
          for (int j = 0; j < hidden; j++) {
            dh[j] += outer[t][d * hidden + j];
          }
          Cell.Gradient gradient = cells[i].backward(steps[i][t], dh, dc, dweights[i]);
          dh = gradient.dh();
          dc = gradient.dc();
          for (int k = 0; k < inner[t].length; k++) {
            inner[t][k] += gradient.dx()[k];
          }
        }
        store(gradients.dh0(), i, n, dh);
        store(gradients.dc0(), i, n, dc);
      }
      if (layer > 0) {
        drop(layer - 1, n, inner);
      }
      outer = inner;
    }
    return outer;
  }

  /**
   * Drops outputs of a layer, or their gradients, as {@link Dropout} says: {@code v / (1 - rate)}
   * or 0 for element {@code (t N + n) H D + j}.
   */
  private void drop(int layer, int n, double[][] values) {
    if (!spec.drops()) {
      return;
    }
    Indices state = Indices.of(tensors.dropoutState());
    long seed = (long) state.get(1) << Integer.SIZE | state.get(0) & 0xFFFF_FFFFL;
    int[] words = new int[4];
    for (int t = 0; t < values.length; t++) {
      for (int j = 0; j < values[t].length; j++) {
        int element = (t * spec.batch() + n) * values[t].length + j;
        int stream = spec.dropoutStream() + layer;
        Philox.block(seed, element / 4, stream, state.get(2), state.get(3), words);
        int threshold = Dropout.threshold(spec.dropout());
        boolean kept = Integer.compareUnsigned(words[element % 4], threshold) >= 0;
        values[t][j] = kept ? values[t][j] / (1 - spec.dropout()) : 0;
      }
    }
  }

  /** Returns the length of a sequence, -1 where what is given is no length. */
  private int length(int n) {
    if (tensors.lengths() == null) {
      return spec.time();
    }
    int length = Indices.of(tensors.lengths()).get(n);
    if (length < 1 || length > spec.time()) {
      return -1;
    }
    return length;
  }

  /** Returns the time of the last step that a layer and direction makes. */
  private int lastStep(int i, int length) {
    return i % directions == 0 ? length - 1 : 0;
  }

  private double[] load(Tensor states, int i, int n) {
    double[] state = new double[hidden];
    if (states != null) {
      Values values = Values.of(states);
      for (int j = 0; j < hidden; j++) {
        state[j] = values.get((i * spec.batch() + n) * hidden + j);
      }
    }
    return state;
  }

  /** Writes a state; NaN if there is none. */
  private void store(Tensor states, int i, int n, double[] state) {
    if (states != null) {
      Values values = Values.of(states);
      for (int j = 0; j < hidden; j++) {
        values.set((i * spec.batch() + n) * hidden + j, state == null ? Double.NaN : state[j]);
      }
    }
  }
}

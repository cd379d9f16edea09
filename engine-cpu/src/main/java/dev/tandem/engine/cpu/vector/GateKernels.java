package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * What recurrent cells compute element by element. The equations are those of {@code
 * dev.tandem.engine.cells}; the slots those of {@link RecurrentPlan}. Called by {@link GateKernel}
 * alone. None does more than a function of one vector, or a few products of several: with masks, a
 * tanh and three loads were sometimes more than C2 inlines in a method.
 */
final class GateKernels {
  private static final FloatVector ONE = FloatVector.broadcast(FLOATS, 1f);
  private static final FloatVector ZERO = FloatVector.zero(FLOATS);

  private GateKernels() {}

  /** {@code gates = tile + bias}. */
  static void begin(GateOperands o) {
    float[] gates = o.store;
    float[] tile = o.tile;
    float[] biases = o.workspace;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int from = n * o.width;
      int to = o.gates + n * o.gateRow;
      int bias = o.bias;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector.fromArray(FLOATS, tile, from + j)
            .add(FloatVector.fromArray(FLOATS, biases, bias + j, mask))
            .intoArray(gates, to + j, mask);
      }
    }
  }

  /** {@code gates = sigmoid(gates + tile)}. */
  static void sigmoid(GateOperands o) {
    float[] gates = o.store;
    float[] tile = o.tile;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int from = n * o.width;
      int to = o.gates + n * o.gateRow;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector sum =
            FloatVector.fromArray(FLOATS, gates, to + j, mask)
                .add(FloatVector.fromArray(FLOATS, tile, from + j));
        VectorMath.sigmoid(sum).intoArray(gates, to + j, mask);
      }
    }
  }

  /** {@code gates = tanh(gates + tile)}. */
  static void tanh(GateOperands o) {
    float[] gates = o.store;
    float[] tile = o.tile;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int from = n * o.width;
      int to = o.gates + n * o.gateRow;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector sum =
            FloatVector.fromArray(FLOATS, gates, to + j, mask)
                .add(FloatVector.fromArray(FLOATS, tile, from + j));
        VectorMath.tanh(sum).intoArray(gates, to + j, mask);
      }
    }
  }

  /** {@code gates = max(0, gates + tile)}; NaN stays NaN. */
  static void relu(GateOperands o) {
    float[] gates = o.store;
    float[] tile = o.tile;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int from = n * o.width;
      int to = o.gates + n * o.gateRow;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector.fromArray(FLOATS, gates, to + j, mask)
            .add(FloatVector.fromArray(FLOATS, tile, from + j))
            .max(ZERO)
            .intoArray(gates, to + j, mask);
      }
    }
  }

  /** The gate of a simple cell is its state; h is the output too. */
  static void rnn(GateOperands o) {
    for (int n = 0; n < o.rows; n++) {
      int from = o.gates + n * o.gateRow;
      System.arraycopy(o.store, from, o.store, o.nextH + n * o.hidden, o.columns);
      System.arraycopy(o.store, from, o.output, o.out + n * o.outRow, o.columns);
    }
  }

  /** {@code c = f c' + i g}. */
  static void lstmState(GateOperands o) {
    float[] store = o.store;
    int columns = o.columns;
    int slot = o.hidden;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int previous = o.previousC + n * slot;
      int next = o.nextC + n * slot;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector i = FloatVector.fromArray(FLOATS, store, at + j, mask);
        FloatVector f = FloatVector.fromArray(FLOATS, store, at + slot + j, mask);
        FloatVector g = FloatVector.fromArray(FLOATS, store, at + 2 * slot + j, mask);
        FloatVector.fromArray(FLOATS, store, previous + j, mask)
            .fma(f, i.mul(g))
            .intoArray(store, next + j, mask);
      }
    }
  }

  /** {@code h = tanh(c)}, before {@link #lstmOutput}. */
  static void lstmTanh(GateOperands o) {
    tanhRows(o, o.nextC, o.hidden, o.nextH);
  }

  /** {@code h = o h}, the output too. */
  static void lstmOutput(GateOperands o) {
    float[] store = o.store;
    float[] output = o.output;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow + 3 * o.hidden;
      int next = o.nextH + n * o.hidden;
      int out = o.out + n * o.outRow;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector t = FloatVector.fromArray(FLOATS, store, next + j, mask);
        FloatVector h = FloatVector.fromArray(FLOATS, store, at + j, mask).mul(t);
        h.intoArray(store, next + j, mask);
        h.intoArray(output, out + j, mask);
      }
    }
  }

  /** {@code n = n + r q}, before {@link #gruTanh}. */
  static void gruSum(GateOperands o) {
    float[] store = o.store;
    int columns = o.columns;
    int slot = o.hidden;
    for (int row = 0; row < o.rows; row++) {
      int at = o.gates + row * o.gateRow;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector r = FloatVector.fromArray(FLOATS, store, at + slot + j, mask);
        FloatVector q = FloatVector.fromArray(FLOATS, store, at + 3 * slot + j, mask);
        r.fma(q, FloatVector.fromArray(FLOATS, store, at + j, mask)).intoArray(store, at + j, mask);
      }
    }
  }

  /** {@code n = tanh(n)}. */
  static void gruTanh(GateOperands o) {
    tanhRows(o, o.gates, o.gateRow, o.gates);
  }

  private static void tanhRows(GateOperands o, int from, int row, int to) {
    float[] store = o.store;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        int at = n * row + j;
        VectorMath.tanh(FloatVector.fromArray(FLOATS, store, from + at, mask))
            .intoArray(store, to + at, mask);
      }
    }
  }

  /** {@code h = n + z (h' - n)}, the output too. */
  static void gruState(GateOperands o) {
    float[] store = o.store;
    float[] output = o.output;
    int columns = o.columns;
    for (int row = 0; row < o.rows; row++) {
      int at = o.gates + row * o.gateRow;
      int previous = o.previousH + row * o.hidden;
      int next = o.nextH + row * o.hidden;
      int out = o.out + row * o.outRow;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector n = FloatVector.fromArray(FLOATS, store, at + j, mask);
        FloatVector z = FloatVector.fromArray(FLOATS, store, at + 2 * o.hidden + j, mask);
        FloatVector before = FloatVector.fromArray(FLOATS, store, previous + j, mask);
        FloatVector h = before.sub(n).fma(z, n);
        h.intoArray(store, next + j, mask);
        h.intoArray(output, out + j, mask);
      }
    }
  }

  /** {@code dh += dy}. */
  static void outer(GateOperands o) {
    float[] carried = o.workspace;
    float[] output = o.output;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int dh = o.dh + n * o.hidden;
      int out = o.out + n * o.outRow;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector.fromArray(FLOATS, carried, dh + j, mask)
            .add(FloatVector.fromArray(FLOATS, output, out + j, mask))
            .intoArray(carried, dh + j, mask);
      }
    }
  }

  /** {@code tanh(c)} in the place of c after the step, which no earlier step wants. */
  static void tanhOfState(GateOperands o) {
    tanhRows(o, o.nextC, o.hidden, o.nextC);
  }

  /**
   * What goes through {@code h = o t} with {@code t = tanh(c)} of an LSTM: the gradient of o in its
   * place, and that of c added to dc.
   */
  static void lstmOutputBackward(GateOperands o) {
    float[] store = o.store;
    float[] carried = o.workspace;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow + 3 * o.hidden;
      int c = o.nextC + n * o.hidden;
      int dh = o.dh + n * o.hidden;
      int dc = o.dc + n * o.hidden;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector t = FloatVector.fromArray(FLOATS, store, c + j, mask);
        FloatVector shown = FloatVector.fromArray(FLOATS, store, at + j, mask);
        FloatVector through = FloatVector.fromArray(FLOATS, carried, dh + j, mask).mul(shown);
        // do = dh t o (1 - o)
        through.mul(t).mul(ONE.sub(shown)).intoArray(store, at + j, mask);
        // dc += dh o (1 - t^2)
        through
            .fma(ONE.sub(t.mul(t)), FloatVector.fromArray(FLOATS, carried, dc + j, mask))
            .intoArray(carried, dc + j, mask);
      }
    }
  }

  /**
   * What goes through {@code c = f c' + i g} of an LSTM: the gradients of i, f and g in their
   * place, and {@code dc = dc f}.
   */
  static void lstmCellBackward(GateOperands o) {
    float[] store = o.store;
    float[] carried = o.workspace;
    int columns = o.columns;
    int slot = o.hidden;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int previous = o.previousC + n * slot;
      int dc = o.dc + n * slot;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector i = FloatVector.fromArray(FLOATS, store, at + j, mask);
        FloatVector f = FloatVector.fromArray(FLOATS, store, at + slot + j, mask);
        FloatVector g = FloatVector.fromArray(FLOATS, store, at + 2 * slot + j, mask);
        FloatVector outer = FloatVector.fromArray(FLOATS, carried, dc + j, mask);
        // di = dc g i (1 - i)
        FloatVector input = outer.mul(i);
        input.mul(g).mul(ONE.sub(i)).intoArray(store, at + j, mask);
        // dg = dc i (1 - g^2)
        input.mul(ONE.sub(g.mul(g))).intoArray(store, at + 2 * slot + j, mask);
        // df = dc c' f (1 - f)
        FloatVector kept = outer.mul(f);
        kept.intoArray(carried, dc + j, mask);
        kept.mul(FloatVector.fromArray(FLOATS, store, previous + j, mask))
            .mul(ONE.sub(f))
            .intoArray(store, at + slot + j, mask);
      }
    }
  }

  /**
   * The gradients of a GRU's gates, in their place; {@code dh = dh z}, what goes past the gates.
   */
  static void gruBackward(GateOperands o) {
    float[] store = o.store;
    float[] carried = o.workspace;
    int columns = o.columns;
    int slot = o.hidden;
    for (int row = 0; row < o.rows; row++) {
      int at = o.gates + row * o.gateRow;
      int previous = o.previousH + row * slot;
      int dh = o.dh + row * slot;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector n = FloatVector.fromArray(FLOATS, store, at + j, mask);
        FloatVector z = FloatVector.fromArray(FLOATS, store, at + 2 * slot + j, mask);
        FloatVector outer = FloatVector.fromArray(FLOATS, carried, dh + j, mask);
        FloatVector past = outer.mul(z);
        past.intoArray(carried, dh + j, mask);
        FloatVector stays = ONE.sub(z);
        // dz = dh (h' - n) z (1 - z)
        FloatVector before = FloatVector.fromArray(FLOATS, store, previous + j, mask);
        past.mul(before.sub(n)).mul(stays).intoArray(store, at + 2 * slot + j, mask);
        // dn = dh (1 - z) (1 - n^2), dq = dn r, dr = dn q r (1 - r)
        FloatVector dn = outer.mul(stays).mul(ONE.sub(n.mul(n)));
        dn.intoArray(store, at + j, mask);
        FloatVector r = FloatVector.fromArray(FLOATS, store, at + slot + j, mask);
        FloatVector q = FloatVector.fromArray(FLOATS, store, at + 3 * slot + j, mask);
        FloatVector dq = dn.mul(r);
        dq.intoArray(store, at + 3 * slot + j, mask);
        dq.mul(q).mul(ONE.sub(r)).intoArray(store, at + slot + j, mask);
      }
    }
  }

  /** {@code da = dh (1 - h^2)} in the place of h. */
  static void tanhBackward(GateOperands o) {
    float[] store = o.store;
    float[] carried = o.workspace;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int dh = o.dh + n * o.hidden;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector h = FloatVector.fromArray(FLOATS, store, at + j, mask);
        FloatVector.fromArray(FLOATS, carried, dh + j, mask)
            .mul(ONE.sub(h.mul(h)))
            .intoArray(store, at + j, mask);
      }
    }
  }

  /** {@code da = dh} where h is above 0, else 0, in the place of h. */
  static void reluBackward(GateOperands o) {
    float[] store = o.store;
    float[] carried = o.workspace;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int dh = o.dh + n * o.hidden;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        VectorMask<Float> positive =
            FloatVector.fromArray(FLOATS, store, at + j, mask).compare(VectorOperators.GT, ZERO);
        FloatVector outer = FloatVector.fromArray(FLOATS, carried, dh + j, mask);
        ZERO.blend(outer, positive).intoArray(store, at + j, mask);
      }
    }
  }
}

package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * What recurrent cells compute element by element. The equations are those of {@code
 * dev.tandem.engine.cells}; the slots those of {@link RecurrentPlan}. Called by {@link GateKernel}
 * alone.
 *
 * <p>Units behind the hidden size are computed with the others: rows have room for them, and no
 * loop needs a mask. No kernel has two functions: C2 does not inline as much in one method, and
 * vectors become objects.
 */
final class GateKernels {
  private GateKernels() {}

  /** {@code h = tanh(a)}, in the place of a too. */
  static void rnnTanh(GateOperands o) {
    float[] store = o.store;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int next = o.nextH + n * o.stateRow;
      for (int j = 0; j < columns; j += LENGTH) {
        FloatVector h = VectorMath.tanh(FloatVector.fromArray(FLOATS, store, at + j));
        h.intoArray(store, at + j);
        h.intoArray(store, next + j);
      }
    }
  }

  /** {@code h = max(0, a)}, in the place of a too; NaN stays NaN. */
  static void rnnRelu(GateOperands o) {
    float[] store = o.store;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int next = o.nextH + n * o.stateRow;
      for (int j = 0; j < columns; j += LENGTH) {
        FloatVector h = FloatVector.fromArray(FLOATS, store, at + j).max(0f);
        h.intoArray(store, at + j);
        h.intoArray(store, next + j);
      }
    }
  }

  /** The sigmoid of i, f and o (slots 0, 1 and 3), in their place. */
  static void lstmSigmoid(GateOperands o) {
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      for (int slot = 0; slot < 4; slot += 1 + slot) {
        sigmoid(o.store, at + slot * o.slot, o.columns);
      }
    }
  }

  /** The sigmoid of r and z, in their place. */
  static void gruSigmoid(GateOperands o) {
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      for (int slot = 1; slot < 3; slot++) {
        sigmoid(o.store, at + slot * o.slot, o.columns);
      }
    }
  }

  private static void sigmoid(float[] store, int at, int columns) {
    for (int j = 0; j < columns; j += LENGTH) {
      VectorMath.sigmoid(FloatVector.fromArray(FLOATS, store, at + j)).intoArray(store, at + j);
    }
  }

  /** {@code g = tanh(g)}. */
  static void lstmTanh(GateOperands o) {
    float[] store = o.store;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow + 2 * o.slot;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMath.tanh(FloatVector.fromArray(FLOATS, store, at + j)).intoArray(store, at + j);
      }
    }
  }

  /** {@code c = f c' + i g} and {@code h = o tanh(c)}, when the gates are known. */
  static void lstmState(GateOperands o) {
    float[] store = o.store;
    int columns = o.columns;
    int slot = o.slot;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int previous = o.previousC + n * slot;
      int nextC = o.nextC + n * slot;
      int nextH = o.nextH + n * o.stateRow;
      for (int j = 0; j < columns; j += LENGTH) {
        FloatVector i = FloatVector.fromArray(FLOATS, store, at + j);
        FloatVector f = FloatVector.fromArray(FLOATS, store, at + slot + j);
        FloatVector g = FloatVector.fromArray(FLOATS, store, at + 2 * slot + j);
        FloatVector c = FloatVector.fromArray(FLOATS, store, previous + j).fma(f, i.mul(g));
        c.intoArray(store, nextC + j);
        VectorMath.tanh(c)
            .mul(FloatVector.fromArray(FLOATS, store, at + 3 * slot + j))
            .intoArray(store, nextH + j);
      }
    }
  }

  /** {@code n = tanh(n + r q)} and {@code h = n + z (h' - n)}, when r and z are known. */
  static void gruState(GateOperands o) {
    float[] store = o.store;
    int columns = o.columns;
    int slot = o.slot;
    for (int row = 0; row < o.rows; row++) {
      int at = o.gates + row * o.gateRow;
      int previous = o.previousH + row * o.stateRow;
      int next = o.nextH + row * o.stateRow;
      for (int j = 0; j < columns; j += LENGTH) {
        FloatVector r = FloatVector.fromArray(FLOATS, store, at + slot + j);
        FloatVector q = FloatVector.fromArray(FLOATS, store, at + 3 * slot + j);
        FloatVector n = VectorMath.tanh(r.fma(q, FloatVector.fromArray(FLOATS, store, at + j)));
        n.intoArray(store, at + j);
        FloatVector before = FloatVector.fromArray(FLOATS, store, previous + j);
        FloatVector z = FloatVector.fromArray(FLOATS, store, at + 2 * slot + j);
        before.sub(n).fma(z, n).intoArray(store, next + j);
      }
    }
  }

  /** {@code dh += dy}; dy is the caller's and has no room behind its rows. */
  static void outer(GateOperands o) {
    float[] carried = o.workspace;
    float[] output = o.output;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int dh = o.dh + n * o.slot;
      int out = o.out + n * o.outRow;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector.fromArray(FLOATS, carried, dh + j)
            .add(FloatVector.fromArray(FLOATS, output, out + j, mask))
            .intoArray(carried, dh + j);
      }
    }
  }

  /** The gradients of an LSTM's gates in their place, {@code dc = dc f} and {@code dh = 0}. */
  static void lstmBackward(GateOperands o) {
    float[] store = o.store;
    float[] carried = o.workspace;
    int columns = o.columns;
    int slot = o.slot;
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int previous = o.previousC + n * slot;
      int next = o.nextC + n * slot;
      int dh = o.dh + n * slot;
      int dc = o.dc + n * slot;
      for (int j = 0; j < columns; j += LENGTH) {
        FloatVector t = VectorMath.tanh(FloatVector.fromArray(FLOATS, store, next + j));
        FloatVector shown = FloatVector.fromArray(FLOATS, store, at + 3 * slot + j);
        FloatVector through = FloatVector.fromArray(FLOATS, carried, dh + j).mul(shown);
        FloatVector.zero(FLOATS).intoArray(carried, dh + j);
        // do = dh t o (1 - o)
        through.mul(t).mul(one.sub(shown)).intoArray(store, at + 3 * slot + j);
        // dc += dh o (1 - t^2)
        FloatVector outer =
            through.fma(one.sub(t.mul(t)), FloatVector.fromArray(FLOATS, carried, dc + j));
        FloatVector i = FloatVector.fromArray(FLOATS, store, at + j);
        FloatVector f = FloatVector.fromArray(FLOATS, store, at + slot + j);
        FloatVector g = FloatVector.fromArray(FLOATS, store, at + 2 * slot + j);
        // di = dc g i (1 - i)
        FloatVector input = outer.mul(i);
        input.mul(g).mul(one.sub(i)).intoArray(store, at + j);
        // dg = dc i (1 - g^2)
        input.mul(one.sub(g.mul(g))).intoArray(store, at + 2 * slot + j);
        // df = dc c' f (1 - f)
        FloatVector kept = outer.mul(f);
        kept.intoArray(carried, dc + j);
        kept.mul(FloatVector.fromArray(FLOATS, store, previous + j))
            .mul(one.sub(f))
            .intoArray(store, at + slot + j);
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
    int slot = o.slot;
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int row = 0; row < o.rows; row++) {
      int at = o.gates + row * o.gateRow;
      int previous = o.previousH + row * o.stateRow;
      int dh = o.dh + row * slot;
      for (int j = 0; j < columns; j += LENGTH) {
        FloatVector n = FloatVector.fromArray(FLOATS, store, at + j);
        FloatVector z = FloatVector.fromArray(FLOATS, store, at + 2 * slot + j);
        FloatVector outer = FloatVector.fromArray(FLOATS, carried, dh + j);
        FloatVector past = outer.mul(z);
        past.intoArray(carried, dh + j);
        FloatVector stays = one.sub(z);
        // dz = dh (h' - n) z (1 - z)
        FloatVector before = FloatVector.fromArray(FLOATS, store, previous + j);
        past.mul(before.sub(n)).mul(stays).intoArray(store, at + 2 * slot + j);
        // dn = dh (1 - z) (1 - n^2), dq = dn r, dr = dn q r (1 - r)
        FloatVector dn = outer.mul(stays).mul(one.sub(n.mul(n)));
        dn.intoArray(store, at + j);
        FloatVector r = FloatVector.fromArray(FLOATS, store, at + slot + j);
        FloatVector q = FloatVector.fromArray(FLOATS, store, at + 3 * slot + j);
        FloatVector dq = dn.mul(r);
        dq.intoArray(store, at + 3 * slot + j);
        dq.mul(q).mul(one.sub(r)).intoArray(store, at + slot + j);
      }
    }
  }

  /** {@code da = dh (1 - h^2)} in the place of h, and {@code dh = 0}. */
  static void tanhBackward(GateOperands o) {
    float[] store = o.store;
    float[] carried = o.workspace;
    int columns = o.columns;
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int dh = o.dh + n * o.slot;
      for (int j = 0; j < columns; j += LENGTH) {
        FloatVector h = FloatVector.fromArray(FLOATS, store, at + j);
        FloatVector.fromArray(FLOATS, carried, dh + j)
            .mul(one.sub(h.mul(h)))
            .intoArray(store, at + j);
        FloatVector.zero(FLOATS).intoArray(carried, dh + j);
      }
    }
  }

  /** {@code da = dh} where h is above 0, else 0, in the place of h, and {@code dh = 0}. */
  static void reluBackward(GateOperands o) {
    float[] store = o.store;
    float[] carried = o.workspace;
    int columns = o.columns;
    for (int n = 0; n < o.rows; n++) {
      int at = o.gates + n * o.gateRow;
      int dh = o.dh + n * o.slot;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> positive =
            FloatVector.fromArray(FLOATS, store, at + j).compare(VectorOperators.GT, 0f);
        FloatVector outer = FloatVector.fromArray(FLOATS, carried, dh + j);
        FloatVector.zero(FLOATS).blend(outer, positive).intoArray(store, at + j);
        FloatVector.zero(FLOATS).intoArray(carried, dh + j);
      }
    }
  }
}

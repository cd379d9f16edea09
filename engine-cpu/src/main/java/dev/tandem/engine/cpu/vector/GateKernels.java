package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * What recurrent cells compute element by element. The equations are those of {@code
 * dev.tandem.engine.cells}; the slots those of {@link RecurrentPlan}. An activation is a loop of
 * its own: several in one are more than C2 inlines.
 */
final class GateKernels {
  private static final FloatVector ONE = FloatVector.broadcast(FLOATS, 1f);
  private static final FloatVector ZERO = FloatVector.zero(FLOATS);

  private GateKernels() {}

  /** {@code gates = tile + bias}. */
  static void begin(
      int rows,
      int columns,
      float[] tile,
      int width,
      float[] bias,
      int atBias,
      float[] gates,
      int at,
      int row) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector.fromArray(FLOATS, tile, i * width + j)
            .add(FloatVector.fromArray(FLOATS, bias, atBias + j, mask))
            .intoArray(gates, at + i * row + j, mask);
      }
    }
  }

  /** {@code gates = sigmoid(gates + tile)}. */
  static void sigmoid(
      int rows, int columns, float[] tile, int width, float[] gates, int at, int row) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        int to = at + i * row + j;
        FloatVector sum =
            FloatVector.fromArray(FLOATS, gates, to, mask)
                .add(FloatVector.fromArray(FLOATS, tile, i * width + j));
        VectorMath.sigmoid(sum).intoArray(gates, to, mask);
      }
    }
  }

  /** {@code gates = tanh(gates + tile)}. */
  static void tanh(int rows, int columns, float[] tile, int width, float[] gates, int at, int row) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        int to = at + i * row + j;
        FloatVector sum =
            FloatVector.fromArray(FLOATS, gates, to, mask)
                .add(FloatVector.fromArray(FLOATS, tile, i * width + j));
        VectorMath.tanh(sum).intoArray(gates, to, mask);
      }
    }
  }

  /** {@code gates = max(0, gates + tile)}; NaN stays NaN. */
  static void relu(int rows, int columns, float[] tile, int width, float[] gates, int at, int row) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        int to = at + i * row + j;
        FloatVector.fromArray(FLOATS, gates, to, mask)
            .add(FloatVector.fromArray(FLOATS, tile, i * width + j))
            .max(ZERO)
            .intoArray(gates, to, mask);
      }
    }
  }

  /**
   * {@code c = f c' + i g, h = o tanh(c)} for some units of some sequences; h is the output too.
   *
   * @param slot the hidden size: the distance between slots, and that between states
   */
  static void lstm(
      int rows,
      int columns,
      float[] gates,
      int at,
      int slot,
      int previous,
      int next,
      int toH,
      float[] out,
      int toOut,
      int rowOut) {
    for (int n = 0; n < rows; n++) {
      int gate = at + n * 4 * slot;
      int state = n * slot;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector i = FloatVector.fromArray(FLOATS, gates, gate + j, mask);
        FloatVector f = FloatVector.fromArray(FLOATS, gates, gate + slot + j, mask);
        FloatVector g = FloatVector.fromArray(FLOATS, gates, gate + 2 * slot + j, mask);
        FloatVector o = FloatVector.fromArray(FLOATS, gates, gate + 3 * slot + j, mask);
        FloatVector c = FloatVector.fromArray(FLOATS, gates, previous + state + j, mask);
        c = c.fma(f, i.mul(g));
        c.intoArray(gates, next + state + j, mask);
        FloatVector h = o.mul(VectorMath.tanh(c));
        h.intoArray(gates, toH + state + j, mask);
        h.intoArray(out, toOut + n * rowOut + j, mask);
      }
    }
  }

  /**
   * {@code n = tanh(n + r q), h = n + z (h' - n)} for some units of some sequences; h is the output
   * too.
   *
   * @param slot the hidden size: the distance between slots, and that between states
   */
  static void gru(
      int rows,
      int columns,
      float[] gates,
      int at,
      int slot,
      int previous,
      int next,
      float[] out,
      int toOut,
      int rowOut) {
    for (int i = 0; i < rows; i++) {
      int gate = at + i * 4 * slot;
      int state = i * slot;
      for (int j = 0; j < columns; j += LENGTH) {
        VectorMask<Float> mask = FLOATS.indexInRange(j, columns);
        FloatVector r = FloatVector.fromArray(FLOATS, gates, gate + slot + j, mask);
        FloatVector z = FloatVector.fromArray(FLOATS, gates, gate + 2 * slot + j, mask);
        FloatVector q = FloatVector.fromArray(FLOATS, gates, gate + 3 * slot + j, mask);
        FloatVector sum = r.fma(q, FloatVector.fromArray(FLOATS, gates, gate + j, mask));
        FloatVector n = VectorMath.tanh(sum);
        n.intoArray(gates, gate + j, mask);
        FloatVector before = FloatVector.fromArray(FLOATS, gates, previous + state + j, mask);
        FloatVector h = before.sub(n).fma(z, n);
        h.intoArray(gates, next + state + j, mask);
        h.intoArray(out, toOut + i * rowOut + j, mask);
      }
    }
  }

  /**
   * What of an LSTM's row goes through {@code h = o tanh(c)}: the gradient of o in its place, and
   * that of c added to dc.
   */
  static void lstmOutputBackward(
      int hidden, float[] gates, int at, int c, float[] carried, int dh, int dc) {
    for (int j = 0; j < hidden; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, hidden);
      FloatVector t = VectorMath.tanh(FloatVector.fromArray(FLOATS, gates, c + j, mask));
      FloatVector o = FloatVector.fromArray(FLOATS, gates, at + 3 * hidden + j, mask);
      FloatVector through = FloatVector.fromArray(FLOATS, carried, dh + j, mask).mul(o);
      // do = dh t o (1 - o)
      through.mul(t).mul(ONE.sub(o)).intoArray(gates, at + 3 * hidden + j, mask);
      // dc += dh o (1 - t^2)
      through
          .fma(ONE.sub(t.mul(t)), FloatVector.fromArray(FLOATS, carried, dc + j, mask))
          .intoArray(carried, dc + j, mask);
    }
  }

  /**
   * What of an LSTM's row goes through {@code c = f c' + i g}: the gradients of i, f and g in their
   * place, and {@code dc = dc f}.
   */
  static void lstmCellBackward(
      int hidden, float[] gates, int at, int previous, float[] carried, int dc) {
    for (int j = 0; j < hidden; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, hidden);
      FloatVector i = FloatVector.fromArray(FLOATS, gates, at + j, mask);
      FloatVector f = FloatVector.fromArray(FLOATS, gates, at + hidden + j, mask);
      FloatVector g = FloatVector.fromArray(FLOATS, gates, at + 2 * hidden + j, mask);
      FloatVector outer = FloatVector.fromArray(FLOATS, carried, dc + j, mask);
      // di = dc g i (1 - i)
      FloatVector input = outer.mul(i);
      input.mul(g).mul(ONE.sub(i)).intoArray(gates, at + j, mask);
      // dg = dc i (1 - g^2)
      input.mul(ONE.sub(g.mul(g))).intoArray(gates, at + 2 * hidden + j, mask);
      // df = dc c' f (1 - f)
      FloatVector kept = outer.mul(f);
      kept.intoArray(carried, dc + j, mask);
      kept.mul(FloatVector.fromArray(FLOATS, gates, previous + j, mask))
          .mul(ONE.sub(f))
          .intoArray(gates, at + hidden + j, mask);
    }
  }

  /**
   * The gradients of the gates of a GRU's row, in their place; {@code dh = dh z}, what goes past
   * the gates.
   */
  static void gruBackward(
      int hidden, float[] gates, int at, float[] h, int previous, float[] dh, int atDh) {
    for (int j = 0; j < hidden; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, hidden);
      FloatVector n = FloatVector.fromArray(FLOATS, gates, at + j, mask);
      FloatVector r = FloatVector.fromArray(FLOATS, gates, at + hidden + j, mask);
      FloatVector z = FloatVector.fromArray(FLOATS, gates, at + 2 * hidden + j, mask);
      FloatVector q = FloatVector.fromArray(FLOATS, gates, at + 3 * hidden + j, mask);
      FloatVector outer = FloatVector.fromArray(FLOATS, dh, atDh + j, mask);
      FloatVector past = outer.mul(z);
      past.intoArray(dh, atDh + j, mask);
      FloatVector stays = ONE.sub(z);
      // dz = dh (h' - n) z (1 - z)
      FloatVector before = FloatVector.fromArray(FLOATS, h, previous + j, mask);
      past.mul(before.sub(n)).mul(stays).intoArray(gates, at + 2 * hidden + j, mask);
      // dn = dh (1 - z) (1 - n^2), dq = dn r, dr = dn q r (1 - r)
      FloatVector dn = outer.mul(stays).mul(ONE.sub(n.mul(n)));
      dn.intoArray(gates, at + j, mask);
      FloatVector dq = dn.mul(r);
      dq.intoArray(gates, at + 3 * hidden + j, mask);
      dq.mul(q).mul(ONE.sub(r)).intoArray(gates, at + hidden + j, mask);
    }
  }

  /** {@code da = dh (1 - h^2)} in the place of h, for a row. */
  static void tanhBackward(int hidden, float[] gates, int at, float[] dh, int atDh) {
    for (int j = 0; j < hidden; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, hidden);
      FloatVector h = FloatVector.fromArray(FLOATS, gates, at + j, mask);
      FloatVector.fromArray(FLOATS, dh, atDh + j, mask)
          .mul(ONE.sub(h.mul(h)))
          .intoArray(gates, at + j, mask);
    }
  }

  /** {@code da = dh} where h is above 0, else 0, in the place of h, for a row. */
  static void reluBackward(int hidden, float[] gates, int at, float[] dh, int atDh) {
    for (int j = 0; j < hidden; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, hidden);
      VectorMask<Float> positive =
          FloatVector.fromArray(FLOATS, gates, at + j, mask).compare(VectorOperators.GT, ZERO);
      FloatVector outer = FloatVector.fromArray(FLOATS, dh, atDh + j, mask);
      ZERO.blend(outer, positive).intoArray(gates, at + j, mask);
    }
  }
}

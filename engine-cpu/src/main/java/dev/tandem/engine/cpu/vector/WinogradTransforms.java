package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;
import static dev.tandem.engine.cpu.vector.WinogradTiling.KERNEL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The transforms of Winograd's F(4x4,3x3) (Lavin and Gray 2016, section 4.3), each along one axis
 * of a tile, with channels in the lanes. A transform of a tile is one of columns and then one of
 * rows; what lies between is a scratch array, since 36 vectors are more than there are registers.
 *
 * <pre>{@code
 *       4  0 -5  0  1  0           1/4   0    0
 *       0 -4 -4  1  1  0          -1/2 -1/2 -1/2           3  1  1  1  1  0
 * B^T = 0  4 -4 -1  1  0     G' = -1/2  1/2 -1/2     A'^T= 0  1 -1  2 -2  0
 *       0 -2 -1  2  1  0           1/8  1/4  1/2           0  1  1  4  4  0
 *       0  2 -1 -2  1  0           1/8 -1/4  1/2           0  1 -1  8 -8  3
 *       0  4  0 -5  0  1            0    0    1
 * }</pre>
 *
 * <p>The paper's G has a third of rows 1 to 4. Thirds are not exact in binary, so G' is without
 * them, A' has three times the other columns, and every result is divided by 9 in the end. All
 * other factors are powers of two and small integers: on whole numbers that are not too large,
 * nothing is rounded.
 */
final class WinogradTransforms {
  private static final float NINTH = 1 / 9f;

  private WinogradTransforms() {}

  /** A ninth, rounded once: the product with the rounded 1/9, corrected by what it leaves. */
  private static FloatVector ninth(FloatVector value) {
    FloatVector ninth = FloatVector.broadcast(FLOATS, NINTH);
    FloatVector quotient = value.mul(ninth);
    FloatVector rest = quotient.fma(FloatVector.broadcast(FLOATS, -9), value);
    return rest.fma(ninth, quotient);
  }

  /**
   * {@code out[i] = sum of B^T[i,j] x[j]} for a number of vectors side by side.
   *
   * @param at the first of 6 elements, which are {@code step} apart
   * @param next from one vector's first element to that of the next vector
   * @param to where the first of 6 results goes
   * @param toStep from one result to the next
   * @param toNext from one vector's first result to that of the next vector
   */
  static void patch(
      float[] x,
      int at,
      int step,
      int next,
      int count,
      float[] out,
      int to,
      int toStep,
      int toNext) {
    for (int i = 0; i < count; i++) {
      int from = at + i * next;
      FloatVector x0 = FloatVector.fromArray(FLOATS, x, from);
      FloatVector x1 = FloatVector.fromArray(FLOATS, x, from + step);
      FloatVector x2 = FloatVector.fromArray(FLOATS, x, from + 2 * step);
      FloatVector x3 = FloatVector.fromArray(FLOATS, x, from + 3 * step);
      FloatVector x4 = FloatVector.fromArray(FLOATS, x, from + 4 * step);
      FloatVector x5 = FloatVector.fromArray(FLOATS, x, from + 5 * step);
      FloatVector four = FloatVector.broadcast(FLOATS, 4);
      FloatVector minusFour = FloatVector.broadcast(FLOATS, -4);
      FloatVector minusFive = FloatVector.broadcast(FLOATS, -5);
      int place = to + i * toNext;
      x0.fma(four, x2.fma(minusFive, x4)).intoArray(out, place);
      FloatVector even = x2.fma(minusFour, x4);
      FloatVector odd = x1.fma(minusFour, x3);
      even.add(odd).intoArray(out, place + toStep);
      even.sub(odd).intoArray(out, place + 2 * toStep);
      even = x4.sub(x2);
      odd = x3.sub(x1);
      odd = odd.add(odd);
      even.add(odd).intoArray(out, place + 3 * toStep);
      even.sub(odd).intoArray(out, place + 4 * toStep);
      x1.fma(four, x3.fma(minusFive, x5)).intoArray(out, place + 5 * toStep);
    }
  }

  /** {@code out[i] = sum of A'^T[i,j] x[j]}, 4 of 6, for vectors side by side. */
  static void product(
      float[] x,
      int at,
      int step,
      int next,
      int count,
      float[] out,
      int to,
      int toStep,
      int toNext) {
    for (int i = 0; i < count; i++) {
      int from = at + i * next;
      FloatVector x1 = FloatVector.fromArray(FLOATS, x, from + step);
      FloatVector x2 = FloatVector.fromArray(FLOATS, x, from + 2 * step);
      FloatVector x3 = FloatVector.fromArray(FLOATS, x, from + 3 * step);
      FloatVector x4 = FloatVector.fromArray(FLOATS, x, from + 4 * step);
      FloatVector three = FloatVector.broadcast(FLOATS, 3);
      FloatVector sum = x1.add(x2);
      FloatVector difference = x1.sub(x2);
      FloatVector sumOfOthers = x3.add(x4);
      FloatVector others = x3.sub(x4);
      others = others.add(others);
      int place = to + i * toNext;
      FloatVector.fromArray(FLOATS, x, from).fma(three, sum.add(sumOfOthers)).intoArray(out, place);
      difference.add(others).intoArray(out, place + toStep);
      FloatVector four = FloatVector.broadcast(FLOATS, 4);
      sumOfOthers.fma(four, sum).intoArray(out, place + 2 * toStep);
      FloatVector.fromArray(FLOATS, x, from + 5 * step)
          .fma(three, others.fma(four, difference))
          .intoArray(out, place + 3 * toStep);
    }
  }

  /**
   * A ninth of results, with a bias. A loop of its own, since transforms that did this too passed
   * the number of nodes at which C2 stops inlining: 5 MB of vectors as objects in a step.
   *
   * @param bias where the vector lies that is added to each
   * @param least what smaller results are raised to: 0 for relu, negative infinity for none
   */
  static void finish(float[] x, int at, int count, int bias, float least) {
    FloatVector addend = FloatVector.fromArray(FLOATS, x, bias);
    FloatVector floor = FloatVector.broadcast(FLOATS, least);
    for (int i = at; i < at + count * LENGTH; i += LENGTH) {
      FloatVector value = ninth(FloatVector.fromArray(FLOATS, x, i)).add(addend);
      // A comparison and a choice are fewer instructions than max, which orders zeros and NaN.
      value.blend(floor, value.compare(VectorOperators.LE, floor)).intoArray(x, i);
    }
  }

  /** {@code out[i] = sum of A'[i,j] x[j]}, 6 of 4, for vectors side by side. */
  static void gradient(
      float[] x,
      int at,
      int step,
      int next,
      int count,
      float[] out,
      int to,
      int toStep,
      int toNext) {
    for (int i = 0; i < count; i++) {
      int from = at + i * next;
      FloatVector x0 = FloatVector.fromArray(FLOATS, x, from);
      FloatVector x1 = FloatVector.fromArray(FLOATS, x, from + step);
      FloatVector x2 = FloatVector.fromArray(FLOATS, x, from + 2 * step);
      FloatVector x3 = FloatVector.fromArray(FLOATS, x, from + 3 * step);
      FloatVector four = FloatVector.broadcast(FLOATS, 4);
      int place = to + i * toNext;
      x0.mul(3).intoArray(out, place);
      FloatVector even = x0.add(x2);
      FloatVector odd = x1.add(x3);
      even.add(odd).intoArray(out, place + toStep);
      even.sub(odd).intoArray(out, place + 2 * toStep);
      even = x2.fma(four, x0);
      odd = x3.fma(four, x1);
      odd = odd.add(odd);
      even.add(odd).intoArray(out, place + 3 * toStep);
      even.sub(odd).intoArray(out, place + 4 * toStep);
      x3.mul(3).intoArray(out, place + 5 * toStep);
    }
  }

  /** {@code out[i] = sum of G'[i,j] x[j]}, 6 of 3, for vectors side by side. */
  static void filter(
      float[] x,
      int at,
      int step,
      int next,
      int count,
      float[] out,
      int to,
      int toStep,
      int toNext) {
    for (int i = 0; i < count; i++) {
      int from = at + i * next;
      FloatVector x0 = FloatVector.fromArray(FLOATS, x, from);
      FloatVector x1 = FloatVector.fromArray(FLOATS, x, from + step);
      FloatVector x2 = FloatVector.fromArray(FLOATS, x, from + 2 * step);
      int place = to + i * toNext;
      x0.mul(0.25f).intoArray(out, place);
      FloatVector outer = x0.add(x2).mul(-0.5f);
      FloatVector half = x1.mul(0.5f);
      outer.sub(half).intoArray(out, place + toStep);
      outer.add(half).intoArray(out, place + 2 * toStep);
      outer = x2.fma(FloatVector.broadcast(FLOATS, 4), x0).mul(0.125f);
      half = x1.mul(0.25f);
      outer.add(half).intoArray(out, place + 3 * toStep);
      outer.sub(half).intoArray(out, place + 4 * toStep);
      x2.intoArray(out, place + 5 * toStep);
    }
  }

  /** {@code out[i] = sum of G'^T[i,j] x[j]}, 3 of 6, for vectors side by side. */
  static void filterGradient(
      float[] x,
      int at,
      int step,
      int next,
      int count,
      float[] out,
      int to,
      int toStep,
      int toNext) {
    for (int i = 0; i < count; i++) {
      int from = at + i * next;
      FloatVector x1 = FloatVector.fromArray(FLOATS, x, from + step);
      FloatVector x2 = FloatVector.fromArray(FLOATS, x, from + 2 * step);
      FloatVector x3 = FloatVector.fromArray(FLOATS, x, from + 3 * step);
      FloatVector x4 = FloatVector.fromArray(FLOATS, x, from + 4 * step);
      FloatVector inner = x1.add(x2).mul(0.5f);
      FloatVector outer = x3.add(x4);
      int place = to + i * toNext;
      FloatVector.fromArray(FLOATS, x, from)
          .mul(0.25f)
          .sub(inner)
          .add(outer.mul(0.125f))
          .intoArray(out, place);
      x2.sub(x1).mul(0.5f).add(x3.sub(x4).mul(0.25f)).intoArray(out, place + toStep);
      FloatVector.fromArray(FLOATS, x, from + 5 * step)
          .sub(inner)
          .add(outer.mul(0.5f))
          .intoArray(out, place + 2 * toStep);
    }
  }

  /** A ninth of the 9 vectors of a filter's gradient. */
  static void ninths(float[] x, int at, float[] out, int to, int toNext) {
    for (int i = 0; i < KERNEL * KERNEL; i++) {
      ninth(FloatVector.fromArray(FLOATS, x, at + i * LENGTH)).intoArray(out, to + i * toNext);
    }
  }
}

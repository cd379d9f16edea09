package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Reductions of ranges that several families share. Which lane an element goes to depends on its
 * index alone.
 */
final class Sums {
  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));

  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);

  private Sums() {}

  private static VectorShuffle<Float> swap(int lanes) {
    return VectorShuffle.fromOp(FLOATS, lane -> (lane ^ lanes) % LENGTH);
  }

  /**
   * The sum of the lanes, halves added to halves. {@link FloatVector#reduceLanes} may add in any
   * order, and does: interpreted code and compiled code give different bits.
   */
  static float lanes(FloatVector vector) {
    FloatVector sum = vector;
    if (LENGTH > 8) {
      sum = sum.add(sum.rearrange(SWAP_8));
    }
    if (LENGTH > 4) {
      sum = sum.add(sum.rearrange(SWAP_4));
    }
    sum = sum.add(sum.rearrange(SWAP_2));
    return sum.add(sum.rearrange(SWAP_1)).lane(0);
  }

  /** {@code sum x}; four sums at a time, since one waits for each of its additions. */
  static float sum(float[] x, int at, int n) {
    FloatVector first = FloatVector.zero(FLOATS);
    FloatVector second = FloatVector.zero(FLOATS);
    FloatVector third = FloatVector.zero(FLOATS);
    FloatVector fourth = FloatVector.zero(FLOATS);
    int whole = n / (4 * LENGTH) * (4 * LENGTH);
    for (int i = 0; i < whole; i += 4 * LENGTH) {
      first = first.add(FloatVector.fromArray(FLOATS, x, at + i));
      second = second.add(FloatVector.fromArray(FLOATS, x, at + i + LENGTH));
      third = third.add(FloatVector.fromArray(FLOATS, x, at + i + 2 * LENGTH));
      fourth = fourth.add(FloatVector.fromArray(FLOATS, x, at + i + 3 * LENGTH));
    }
    for (int i = whole; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      first = first.add(FloatVector.fromArray(FLOATS, x, at + i, mask));
    }
    return lanes(first.add(second).add(third.add(fourth)));
  }

  /** {@code sum x y}. */
  static float dot(float[] x, int atX, float[] y, int atY, int n) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector left = FloatVector.fromArray(FLOATS, x, atX + i, mask);
      sum = left.fma(FloatVector.fromArray(FLOATS, y, atY + i, mask), sum);
    }
    return lanes(sum);
  }

  /** {@code sum x^2}, in double: the squares of floats that are large but finite do not fit one. */
  static double sumOfSquares(float[] x, int at, int n) {
    DoubleVector low = DoubleVector.zero(DOUBLES);
    DoubleVector high = low;
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector v = FloatVector.fromArray(FLOATS, x, at + i, mask);
      DoubleVector first = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector second = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1);
      low = first.fma(first, low);
      high = second.fma(second, high);
    }
    DoubleVector sums = low.add(high);
    double sum = 0;
    for (int lane = 0; lane < DOUBLES.length(); lane++) {
      sum += sums.lane(lane);
    }
    return sum;
  }

  /** {@code sum (x - center)^2}. */
  static float squaredDifferences(float[] x, int at, int n, float center) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector difference = FloatVector.fromArray(FLOATS, x, at + i, mask).sub(center, mask);
      sum = difference.fma(difference, sum);
    }
    return lanes(sum);
  }

  /** {@code sum y (x - center)}. */
  static float dotDifferences(float[] y, int atY, float[] x, int atX, int n, float center) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector difference = FloatVector.fromArray(FLOATS, x, atX + i, mask).sub(center, mask);
      sum = difference.fma(FloatVector.fromArray(FLOATS, y, atY + i, mask), sum);
    }
    return lanes(sum);
  }

  /** The largest element, NaN if there is one, negative infinity if there is none. */
  static float max(float[] x, int at, int n) {
    FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector value = FloatVector.fromArray(FLOATS, x, at + i, mask);
      largest = largest.lanewise(VectorOperators.MAX, value, mask);
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }
}

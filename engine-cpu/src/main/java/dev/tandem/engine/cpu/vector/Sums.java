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
 * index alone. There are several sums side by side: one alone waits for each addition to end.
 */
final class Sums {
  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));

  private static final int UNROLLED = 4;

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
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - UNROLLED * LENGTH; i += UNROLLED * LENGTH) {
      s0 = s0.add(FloatVector.fromArray(FLOATS, x, at + i));
      s1 = s1.add(FloatVector.fromArray(FLOATS, x, at + i + LENGTH));
      s2 = s2.add(FloatVector.fromArray(FLOATS, x, at + i + 2 * LENGTH));
      s3 = s3.add(FloatVector.fromArray(FLOATS, x, at + i + 3 * LENGTH));
    }
    for (; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      s0 = s0.add(FloatVector.fromArray(FLOATS, x, at + i, mask));
    }
    return lanes(s0.add(s1).add(s2.add(s3)));
  }

  /** {@code sum x y}. */
  static float dot(float[] x, int atX, float[] y, int atY, int n) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - UNROLLED * LENGTH; i += UNROLLED * LENGTH) {
      s0 = product(x, atX + i, y, atY + i, s0);
      s1 = product(x, atX + i + LENGTH, y, atY + i + LENGTH, s1);
      s2 = product(x, atX + i + 2 * LENGTH, y, atY + i + 2 * LENGTH, s2);
      s3 = product(x, atX + i + 3 * LENGTH, y, atY + i + 3 * LENGTH, s3);
    }
    for (; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector left = FloatVector.fromArray(FLOATS, x, atX + i, mask);
      s0 = left.fma(FloatVector.fromArray(FLOATS, y, atY + i, mask), s0);
    }
    return lanes(s0.add(s1).add(s2.add(s3)));
  }

  private static FloatVector product(float[] x, int atX, float[] y, int atY, FloatVector sum) {
    return FloatVector.fromArray(FLOATS, x, atX).fma(FloatVector.fromArray(FLOATS, y, atY), sum);
  }

  /**
   * {@code sum x^2}, in double: the squares of floats that are large but finite do not fit one. No
   * vector goes to a method of ours: it would be an object in some programs.
   */
  static double sumOfSquares(float[] x, int at, int n) {
    DoubleVector s0 = DoubleVector.zero(DOUBLES);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    int i = 0;
    for (; i <= n - 2 * LENGTH; i += 2 * LENGTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, at + i);
      FloatVector w = FloatVector.fromArray(FLOATS, x, at + i + LENGTH);
      DoubleVector d0 = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector d1 = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1);
      DoubleVector d2 = (DoubleVector) w.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector d3 = (DoubleVector) w.convertShape(VectorOperators.F2D, DOUBLES, 1);
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
      s2 = d2.fma(d2, s2);
      s3 = d3.fma(d3, s3);
    }
    DoubleVector sums = s0.add(s1).add(s2.add(s3));
    double sum = 0;
    for (int lane = 0; lane < DOUBLES.length(); lane++) {
      sum += sums.lane(lane);
    }
    for (; i < n; i++) {
      sum += (double) x[at + i] * x[at + i];
    }
    return sum;
  }

  /** {@code sum (x - center)^2}. */
  static float squaredDifferences(float[] x, int at, int n, float center) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - UNROLLED * LENGTH; i += UNROLLED * LENGTH) {
      s0 = square(FloatVector.fromArray(FLOATS, x, at + i).sub(center), s0);
      s1 = square(FloatVector.fromArray(FLOATS, x, at + i + LENGTH).sub(center), s1);
      s2 = square(FloatVector.fromArray(FLOATS, x, at + i + 2 * LENGTH).sub(center), s2);
      s3 = square(FloatVector.fromArray(FLOATS, x, at + i + 3 * LENGTH).sub(center), s3);
    }
    for (; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      s0 = square(FloatVector.fromArray(FLOATS, x, at + i, mask).sub(center, mask), s0);
    }
    return lanes(s0.add(s1).add(s2.add(s3)));
  }

  private static FloatVector square(FloatVector value, FloatVector sum) {
    return value.fma(value, sum);
  }

  /** {@code sum y (x - center)}. */
  static float dotDifferences(float[] y, int atY, float[] x, int atX, int n, float center) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * LENGTH; i += 2 * LENGTH) {
      FloatVector first = FloatVector.fromArray(FLOATS, x, atX + i).sub(center);
      FloatVector second = FloatVector.fromArray(FLOATS, x, atX + i + LENGTH).sub(center);
      s0 = first.fma(FloatVector.fromArray(FLOATS, y, atY + i), s0);
      s1 = second.fma(FloatVector.fromArray(FLOATS, y, atY + i + LENGTH), s1);
    }
    for (; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector difference = FloatVector.fromArray(FLOATS, x, atX + i, mask).sub(center, mask);
      s0 = difference.fma(FloatVector.fromArray(FLOATS, y, atY + i, mask), s0);
    }
    return lanes(s0.add(s1));
  }

  /** The largest element, NaN if there is one, negative infinity if there is none. */
  static float max(float[] x, int at, int n) {
    FloatVector m0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int i = 0;
    for (; i <= n - UNROLLED * LENGTH; i += UNROLLED * LENGTH) {
      m0 = m0.max(FloatVector.fromArray(FLOATS, x, at + i));
      m1 = m1.max(FloatVector.fromArray(FLOATS, x, at + i + LENGTH));
      m2 = m2.max(FloatVector.fromArray(FLOATS, x, at + i + 2 * LENGTH));
      m3 = m3.max(FloatVector.fromArray(FLOATS, x, at + i + 3 * LENGTH));
    }
    for (; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector value = FloatVector.fromArray(FLOATS, x, at + i, mask);
      m0 = m0.lanewise(VectorOperators.MAX, value, mask);
    }
    return m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
  }
}

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
 * Reductions of ranges that several families share. Four accumulators hide the latency of an
 * addition; which element goes into which of them depends on its index alone.
 */
final class Sums {
  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));
  private static final int UNROLLED = 4 * LENGTH;

  private static final int HALF = LENGTH / 2;
  private static final int QUARTER = LENGTH / 4;
  private static final VectorShuffle<Float> SWAP_HALVES = swap(HALF);
  private static final VectorShuffle<Float> SWAP_QUARTERS = swap(QUARTER);
  private static final VectorShuffle<Float> SWAP_PAIRS = swap(2);
  private static final VectorShuffle<Float> SWAP_NEIGHBOURS = swap(1);
  private static final VectorMask<Float> SECOND_HALF = odd(HALF);
  private static final VectorMask<Float> ODD_QUARTERS = odd(QUARTER);

  private Sums() {}

  private static VectorShuffle<Float> swap(int lanes) {
    return VectorShuffle.fromOp(FLOATS, lane -> lane ^ lanes);
  }

  /** Of groups of lanes, every second. */
  private static VectorMask<Float> odd(int lanes) {
    boolean[] bits = new boolean[LENGTH];
    for (int lane = 0; lane < LENGTH; lane++) {
      bits[lane] = (lane & lanes) != 0;
    }
    return VectorMask.fromArray(FLOATS, bits, 0);
  }

  /**
   * The sum of the lanes, halves added to halves. {@link FloatVector#reduceLanes} may add in any
   * order, and does: interpreted code and compiled code give different bits.
   */
  static float lanes(FloatVector vector) {
    FloatVector halves = vector.add(vector.rearrange(SWAP_HALVES));
    return withinQuarters(halves.add(halves.rearrange(SWAP_QUARTERS))).lane(0);
  }

  /**
   * The sums of the lanes of four vectors, that of vector j in the first lane of quarter j: half as
   * many operations as four single sums.
   */
  static FloatVector lanes(FloatVector v0, FloatVector v1, FloatVector v2, FloatVector v3) {
    FloatVector even = merge(v0, v2, SECOND_HALF, SWAP_HALVES);
    FloatVector odd = merge(v1, v3, SECOND_HALF, SWAP_HALVES);
    return withinQuarters(merge(even, odd, ODD_QUARTERS, SWAP_QUARTERS));
  }

  /** Adds the groups of lanes of x in pairs, and those of y into the odd groups. */
  private static FloatVector merge(
      FloatVector x, FloatVector y, VectorMask<Float> odd, VectorShuffle<Float> swap) {
    return x.blend(y, odd).add(y.blend(x, odd).rearrange(swap));
  }

  private static FloatVector withinQuarters(FloatVector vector) {
    FloatVector sum = vector;
    if (QUARTER > 2) {
      sum = sum.add(sum.rearrange(SWAP_PAIRS));
    }
    if (QUARTER > 1) {
      sum = sum.add(sum.rearrange(SWAP_NEIGHBOURS));
    }
    return sum;
  }

  /** {@code sum x}. */
  static float sum(float[] x, int at, int n) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - UNROLLED; i += UNROLLED) {
      s0 = s0.add(FloatVector.fromArray(FLOATS, x, at + i));
      s1 = s1.add(FloatVector.fromArray(FLOATS, x, at + i + LENGTH));
      s2 = s2.add(FloatVector.fromArray(FLOATS, x, at + i + 2 * LENGTH));
      s3 = s3.add(FloatVector.fromArray(FLOATS, x, at + i + 3 * LENGTH));
    }
    for (; i < Lanes.whole(n); i += LENGTH) {
      s0 = s0.add(FloatVector.fromArray(FLOATS, x, at + i));
    }
    float sum = lanes(s0.add(s1).add(s2.add(s3)));
    for (; i < n; i++) {
      sum += x[at + i];
    }
    return sum;
  }

  /** {@code sum x y}. */
  static float dot(float[] x, int atX, float[] y, int atY, int n) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - UNROLLED; i += UNROLLED) {
      s0 = product(x, atX + i, y, atY + i, s0);
      s1 = product(x, atX + i + LENGTH, y, atY + i + LENGTH, s1);
      s2 = product(x, atX + i + 2 * LENGTH, y, atY + i + 2 * LENGTH, s2);
      s3 = product(x, atX + i + 3 * LENGTH, y, atY + i + 3 * LENGTH, s3);
    }
    for (; i < Lanes.whole(n); i += LENGTH) {
      s0 = product(x, atX + i, y, atY + i, s0);
    }
    float sum = lanes(s0.add(s1).add(s2.add(s3)));
    for (; i < n; i++) {
      sum = Math.fma(x[atX + i], y[atY + i], sum);
    }
    return sum;
  }

  private static FloatVector product(float[] x, int atX, float[] y, int atY, FloatVector sum) {
    return FloatVector.fromArray(FLOATS, x, atX).fma(FloatVector.fromArray(FLOATS, y, atY), sum);
  }

  /** {@code sum x^2}, in double: the squares of floats that are large but finite do not fit one. */
  static double sumOfSquares(float[] x, int at, int n) {
    DoubleVector s0 = DoubleVector.zero(DOUBLES);
    DoubleVector s1 = s0;
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, at + i);
      DoubleVector low = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector high = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1);
      s0 = low.fma(low, s0);
      s1 = high.fma(high, s1);
    }
    DoubleVector sums = s0.add(s1);
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
    int i = 0;
    for (; i <= n - 2 * LENGTH; i += 2 * LENGTH) {
      FloatVector d0 = FloatVector.fromArray(FLOATS, x, at + i).sub(center);
      FloatVector d1 = FloatVector.fromArray(FLOATS, x, at + i + LENGTH).sub(center);
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
    }
    float sum = lanes(s0.add(s1));
    for (; i < n; i++) {
      float d = x[at + i] - center;
      sum = Math.fma(d, d, sum);
    }
    return sum;
  }

  /** {@code sum y (x - center)}. */
  static float dotDifferences(float[] y, int atY, float[] x, int atX, int n, float center) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * LENGTH; i += 2 * LENGTH) {
      FloatVector d0 = FloatVector.fromArray(FLOATS, x, atX + i).sub(center);
      FloatVector d1 = FloatVector.fromArray(FLOATS, x, atX + i + LENGTH).sub(center);
      s0 = d0.fma(FloatVector.fromArray(FLOATS, y, atY + i), s0);
      s1 = d1.fma(FloatVector.fromArray(FLOATS, y, atY + i + LENGTH), s1);
    }
    float sum = lanes(s0.add(s1));
    for (; i < n; i++) {
      sum = Math.fma(y[atY + i], x[atX + i] - center, sum);
    }
    return sum;
  }

  /** The largest element, NaN if there is one, negative infinity if there is none. */
  static float max(float[] x, int at, int n) {
    FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i < Lanes.whole(n); i += LENGTH) {
      largest = largest.max(FloatVector.fromArray(FLOATS, x, at + i));
    }
    float result = largest.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      result = Math.max(result, x[at + i]);
    }
    return result;
  }
}

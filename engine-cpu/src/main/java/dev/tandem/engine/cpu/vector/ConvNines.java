package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The innermost loops of convolutions whose filters have 9 elements for each of few channels, such
 * as those of 3 x 3 that see a grey picture: too few for a matrix product. Two filters at a time
 * keep what belongs to their elements in registers, while the loop runs over the pixels of a
 * picture that a {@link ConvLowering} laid out, so that a row of pixels is read once for both and
 * what is written lies side by side.
 */
final class ConvNines {
  /** The elements of a filter. */
  static final int ELEMENTS = 9;

  private ConvNines() {}

  /**
   * Computes one row of pixels of the result for each of two filters, which may be the same.
   *
   * @param first where the first filter's elements lie in w
   * @param least what smaller results are raised to: 0 for relu, negative infinity for none
   * @param offsets where the first pixel lies that each element sees
   * @param pixels at least {@link Lanes#LENGTH}; the last vector may overlap the one before
   */
  static void results(
      float[] w,
      int first,
      int second,
      float firstBias,
      float secondBias,
      float least,
      float[] picture,
      int[] offsets,
      float[] y,
      int toFirst,
      int toSecond,
      int pixels) {
    FloatVector a0 = FloatVector.broadcast(FLOATS, w[first]);
    FloatVector a1 = FloatVector.broadcast(FLOATS, w[first + 1]);
    FloatVector a2 = FloatVector.broadcast(FLOATS, w[first + 2]);
    FloatVector a3 = FloatVector.broadcast(FLOATS, w[first + 3]);
    FloatVector a4 = FloatVector.broadcast(FLOATS, w[first + 4]);
    FloatVector a5 = FloatVector.broadcast(FLOATS, w[first + 5]);
    FloatVector a6 = FloatVector.broadcast(FLOATS, w[first + 6]);
    FloatVector a7 = FloatVector.broadcast(FLOATS, w[first + 7]);
    FloatVector a8 = FloatVector.broadcast(FLOATS, w[first + 8]);
    FloatVector b0 = FloatVector.broadcast(FLOATS, w[second]);
    FloatVector b1 = FloatVector.broadcast(FLOATS, w[second + 1]);
    FloatVector b2 = FloatVector.broadcast(FLOATS, w[second + 2]);
    FloatVector b3 = FloatVector.broadcast(FLOATS, w[second + 3]);
    FloatVector b4 = FloatVector.broadcast(FLOATS, w[second + 4]);
    FloatVector b5 = FloatVector.broadcast(FLOATS, w[second + 5]);
    FloatVector b6 = FloatVector.broadcast(FLOATS, w[second + 6]);
    FloatVector b7 = FloatVector.broadcast(FLOATS, w[second + 7]);
    FloatVector b8 = FloatVector.broadcast(FLOATS, w[second + 8]);
    FloatVector floor = FloatVector.broadcast(FLOATS, least);
    for (int pixel = 0; pixel < pixels; pixel += LENGTH) {
      int j = Math.min(pixel, pixels - LENGTH);
      FloatVector x = FloatVector.fromArray(FLOATS, picture, j + offsets[0]);
      FloatVector a = a0.mul(x);
      FloatVector b = b0.mul(x);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[1]);
      a = a1.fma(x, a);
      b = b1.fma(x, b);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[2]);
      a = a2.fma(x, a);
      b = b2.fma(x, b);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[3]);
      a = a3.fma(x, a);
      b = b3.fma(x, b);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[4]);
      a = a4.fma(x, a);
      b = b4.fma(x, b);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[5]);
      a = a5.fma(x, a);
      b = b5.fma(x, b);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[6]);
      a = a6.fma(x, a);
      b = b6.fma(x, b);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[7]);
      a = a7.fma(x, a);
      b = b7.fma(x, b);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[8]);
      a = a8.fma(x, a).add(firstBias);
      b = b8.fma(x, b).add(secondBias);
      // A comparison and a choice are fewer instructions than max, which orders zeros and NaN.
      a.blend(floor, a.compare(VectorOperators.LE, floor)).intoArray(y, toFirst + j);
      b.blend(floor, b.compare(VectorOperators.LE, floor)).intoArray(y, toSecond + j);
    }
  }

  /**
   * Adds products of a row of pixels of dY with 9 rows of a picture to the lanes of 9 sums, for
   * each of two filters.
   *
   * @param first where the first filter's pixels lie in dY
   * @param from the first of the 9 elements in offsets
   * @param sums {@code [2][9][lane]}, updated
   */
  static void gradients(
      float[] dy,
      int first,
      int second,
      float[] picture,
      int[] offsets,
      int from,
      int pixels,
      float[] sums,
      int at) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, sums, at);
    FloatVector a1 = FloatVector.fromArray(FLOATS, sums, at + LENGTH);
    FloatVector a2 = FloatVector.fromArray(FLOATS, sums, at + 2 * LENGTH);
    FloatVector a3 = FloatVector.fromArray(FLOATS, sums, at + 3 * LENGTH);
    FloatVector a4 = FloatVector.fromArray(FLOATS, sums, at + 4 * LENGTH);
    FloatVector a5 = FloatVector.fromArray(FLOATS, sums, at + 5 * LENGTH);
    FloatVector a6 = FloatVector.fromArray(FLOATS, sums, at + 6 * LENGTH);
    FloatVector a7 = FloatVector.fromArray(FLOATS, sums, at + 7 * LENGTH);
    FloatVector a8 = FloatVector.fromArray(FLOATS, sums, at + 8 * LENGTH);
    FloatVector b0 = FloatVector.fromArray(FLOATS, sums, at + 9 * LENGTH);
    FloatVector b1 = FloatVector.fromArray(FLOATS, sums, at + 10 * LENGTH);
    FloatVector b2 = FloatVector.fromArray(FLOATS, sums, at + 11 * LENGTH);
    FloatVector b3 = FloatVector.fromArray(FLOATS, sums, at + 12 * LENGTH);
    FloatVector b4 = FloatVector.fromArray(FLOATS, sums, at + 13 * LENGTH);
    FloatVector b5 = FloatVector.fromArray(FLOATS, sums, at + 14 * LENGTH);
    FloatVector b6 = FloatVector.fromArray(FLOATS, sums, at + 15 * LENGTH);
    FloatVector b7 = FloatVector.fromArray(FLOATS, sums, at + 16 * LENGTH);
    FloatVector b8 = FloatVector.fromArray(FLOATS, sums, at + 17 * LENGTH);
    int whole = Lanes.whole(pixels);
    for (int j = 0; j < whole; j += LENGTH) {
      FloatVector a = FloatVector.fromArray(FLOATS, dy, first + j);
      FloatVector b = FloatVector.fromArray(FLOATS, dy, second + j);
      FloatVector x = FloatVector.fromArray(FLOATS, picture, j + offsets[from]);
      a0 = a.fma(x, a0);
      b0 = b.fma(x, b0);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[from + 1]);
      a1 = a.fma(x, a1);
      b1 = b.fma(x, b1);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[from + 2]);
      a2 = a.fma(x, a2);
      b2 = b.fma(x, b2);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[from + 3]);
      a3 = a.fma(x, a3);
      b3 = b.fma(x, b3);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[from + 4]);
      a4 = a.fma(x, a4);
      b4 = b.fma(x, b4);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[from + 5]);
      a5 = a.fma(x, a5);
      b5 = b.fma(x, b5);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[from + 6]);
      a6 = a.fma(x, a6);
      b6 = b.fma(x, b6);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[from + 7]);
      a7 = a.fma(x, a7);
      b7 = b.fma(x, b7);
      x = FloatVector.fromArray(FLOATS, picture, j + offsets[from + 8]);
      a8 = a.fma(x, a8);
      b8 = b.fma(x, b8);
    }
    a0.intoArray(sums, at);
    a1.intoArray(sums, at + LENGTH);
    a2.intoArray(sums, at + 2 * LENGTH);
    a3.intoArray(sums, at + 3 * LENGTH);
    a4.intoArray(sums, at + 4 * LENGTH);
    a5.intoArray(sums, at + 5 * LENGTH);
    a6.intoArray(sums, at + 6 * LENGTH);
    a7.intoArray(sums, at + 7 * LENGTH);
    a8.intoArray(sums, at + 8 * LENGTH);
    b0.intoArray(sums, at + 9 * LENGTH);
    b1.intoArray(sums, at + 10 * LENGTH);
    b2.intoArray(sums, at + 11 * LENGTH);
    b3.intoArray(sums, at + 12 * LENGTH);
    b4.intoArray(sums, at + 13 * LENGTH);
    b5.intoArray(sums, at + 14 * LENGTH);
    b6.intoArray(sums, at + 15 * LENGTH);
    b7.intoArray(sums, at + 16 * LENGTH);
    b8.intoArray(sums, at + 17 * LENGTH);
  }

  /**
   * The same for the pixels behind the last whole vector, and one filter. In plain Java: a load
   * with a mask makes objects where the vector would end behind the array.
   */
  static void lastGradients(
      float[] dy,
      int filter,
      float[] picture,
      int[] offsets,
      int from,
      int pixels,
      float[] sums,
      int at) {
    int whole = Lanes.whole(pixels);
    for (int e = 0; e < ELEMENTS; e++) {
      int place = at + e * LENGTH - whole;
      int shift = offsets[from + e];
      for (int p = whole; p < pixels; p++) {
        sums[place + p] = Math.fma(dy[filter + p], picture[shift + p], sums[place + p]);
      }
    }
  }
}

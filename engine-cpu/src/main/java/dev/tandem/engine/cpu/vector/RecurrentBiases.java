package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The gradients of the biases: sums of the gradients of the gates over all steps. */
final class RecurrentBiases implements Workers.Task {
  /** A chunk has so many columns: two cache lines, which the processor fetches together. */
  private static final int COLUMNS = 32;

  private float[] gates;
  private int at;
  private int rows;
  private int rowLength;
  private float[] sums;
  private int atSums;

  /** Says what to sum; returns the number of chunks. */
  int set(float[] from, int atFrom, int theRows, int theRowLength, float[] to, int atTo) {
    gates = from;
    at = atFrom;
    rows = theRows;
    rowLength = theRowLength;
    sums = to;
    atSums = atTo;
    return (rowLength + COLUMNS - 1) / COLUMNS;
  }

  @Override
  public void run(int chunk, int worker) {
    int end = Math.min(rowLength, (chunk + 1) * COLUMNS);
    for (int j = chunk * COLUMNS; j < end; j += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(j, end);
      FloatVector sum = FloatVector.zero(FLOATS);
      int from = at + j;
      for (int i = 0; i < rows; i++) {
        sum = sum.add(FloatVector.fromArray(FLOATS, gates, from, mask));
        from += rowLength;
      }
      sum.intoArray(sums, atSums + j, mask);
    }
  }
}

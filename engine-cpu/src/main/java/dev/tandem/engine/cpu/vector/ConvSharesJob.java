package dev.tandem.engine.cpu.vector;

import static dev.tandem.engine.cpu.vector.Lanes.FLOATS;
import static dev.tandem.engine.cpu.vector.Lanes.LENGTH;

import dev.tandem.engine.Conv2dSpec;
import jdk.incubator.vector.FloatVector;

/**
 * Adds the sums of all shares of a batch to the gradient of filters, in order. The sums are {@code
 * [share][group][element][filter]}, with the filters of a group filled up to a width; a chunk is an
 * element of a group's filters.
 */
final class ConvSharesJob implements Workers.Task {
  private Conv2dSpec spec;
  private int shares;
  private int width;
  private float[] sums;
  private int atSums;
  private float[] dw;
  private int atDw;

  void set(
      Conv2dSpec theSpec,
      int theShares,
      int theWidth,
      float[] theSums,
      int theAtSums,
      float[] theDw,
      int theAtDw) {
    spec = theSpec;
    shares = theShares;
    width = theWidth;
    sums = theSums;
    atSums = theAtSums;
    dw = theDw;
    atDw = theAtDw;
  }

  int chunks() {
    return spec.groups() * elements();
  }

  /** Returns the elements of a filter. */
  private int elements() {
    return spec.inChannels() / spec.groups() * spec.kernelHeight() * spec.kernelWidth();
  }

  @Override
  public void run(int chunk, int worker) {
    int elements = elements();
    int filters = spec.outChannels() / spec.groups();
    int group = chunk / elements;
    int element = chunk % elements;
    int from = atSums + chunk * width;
    int next = spec.groups() * elements * width;
    for (int k = 0; k < filters; k += LENGTH) {
      FloatVector sum = FloatVector.fromArray(FLOATS, sums, from + k);
      for (int share = 1; share < shares; share++) {
        sum = sum.add(FloatVector.fromArray(FLOATS, sums, from + share * next + k));
      }
      sum.intoArray(sums, from + k);
    }
    for (int k = 0; k < filters; k++) {
      dw[atDw + (group * filters + k) * elements + element] += sums[from + k];
    }
  }
}

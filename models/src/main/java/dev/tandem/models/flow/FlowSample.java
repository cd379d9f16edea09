package dev.tandem.models.flow;

import dev.tandem.datasets.HostArray;
import dev.tandem.models.training.Targets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Some sequences of the training part with their targets, as plain arrays. */
final class FlowSample {
  /**
   * A sequence.
   *
   * @param ids token ids {@code [T]}, null if it is of numbers
   * @param numbers {@code [T][I]}, null if it is of ids
   * @param labels class ids, one or one for each step, -1 for none; null if targets are numbers
   * @param targets numbers; null if targets are class ids
   */
  record Sequence(int[] ids, double[][] numbers, int[] labels, double[] targets) {
    int steps() {
      return ids != null ? ids.length : numbers.length;
    }

    /** The steps that have a label, at least 1. */
    int labelledSteps() {
      return Math.max(1, (int) Arrays.stream(labels).filter(label -> label >= 0).count());
    }
  }

  private FlowSample() {}

  /** Takes the first examples. */
  static List<Sequence> of(HostArray inputs, Targets targets, int count) {
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] row = {i};
      HostArray example = inputs.select(row);
      HostArray target = targets.values().select(row);
      sequences.add(
          new Sequence(
              example.isFloat() ? null : example.ints(),
              example.isFloat() ? steps(example) : null,
              target.isFloat() ? null : target.ints(),
              target.isFloat() ? doubles(target.floats()) : null));
    }
    return sequences;
  }

  private static double[][] steps(HostArray example) {
    double[] all = doubles(example.floats());
    double[][] steps = new double[example.shape()[1]][];
    int width = all.length / steps.length;
    for (int t = 0; t < steps.length; t++) {
      steps[t] = Arrays.copyOfRange(all, t * width, (t + 1) * width);
    }
    return steps;
  }

  private static double[] doubles(float[] floats) {
    double[] doubles = new double[floats.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }
}

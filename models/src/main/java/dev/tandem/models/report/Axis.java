package dev.tandem.models.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Maps values to [0, 1] and says where the ticks stand.
 *
 * @param low value at 0
 * @param high value at 1, above {@code low}
 * @param logarithmic equal ratios get equal distances
 * @param ticks values to mark, within the range
 */
record Axis(double low, double high, boolean logarithmic, List<Double> ticks) {
  /** Beyond two decades the small values of a linear axis lie on one line. */
  private static final double LARGEST_LINEAR_RATIO = 100;

  private static final int INTERVALS = 5;

  /** Whole numbers, as steps and epochs are. */
  static Axis ofCounts(double smallest, double largest) {
    double low = smallest;
    double high = largest > smallest ? largest : smallest + 1;
    return new Axis(low, high, false, ticksWithin(low, high, Math.max(1, niceStep(high - low))));
  }

  /**
   * Linear, or logarithmic if all values are positive and span more than two decades. The values
   * are within the range of float32, so that no arithmetic on them overflows.
   */
  static Axis ofValues(double smallest, double largest) {
    if (smallest >= Float.MIN_VALUE && largest / smallest > LARGEST_LINEAR_RATIO) {
      return logarithmic(smallest, largest);
    }
    double margin = largest > smallest ? 0 : Math.max(Math.abs(smallest) * 0.1, 1e-9);
    double step = niceStep(largest - smallest + 2 * margin);
    double low = Math.floor((smallest - margin) / step) * step;
    double high = Math.ceil((largest + margin) / step) * step;
    return new Axis(low, high, false, ticksWithin(low, high, step));
  }

  double position(double value) {
    return logarithmic
        ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))
        : (value - low) / (high - low);
  }

  private static Axis logarithmic(double smallest, double largest) {
    int first = (int) Math.floor(Math.log10(smallest));
    int last = (int) Math.ceil(Math.log10(largest));
    int every = Math.max(1, (last - first + INTERVALS) / (INTERVALS + 1));
    List<Double> ticks = new ArrayList<>();
    for (int exponent = first; exponent <= last; exponent += every) {
      ticks.add(Double.parseDouble("1e" + exponent));
    }
    double low = Double.parseDouble("1e" + first);
    return new Axis(low, Math.max(Double.parseDouble("1e" + last), largest), true, ticks);
  }

  /** 1, 2 or 5 times a power of ten, so that about {@link #INTERVALS} fit into the range. */
  private static double niceStep(double range) {
    double power = Math.pow(10, Math.floor(Math.log10(range / INTERVALS)));
    double factor = range / INTERVALS / power;
    return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
  }

  private static List<Double> ticksWithin(double low, double high, double step) {
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.ceil(low / step - 1e-9);
    long last = (long) Math.floor(high / step + 1e-9);
    for (long index = first; index <= last; index++) {
      ticks.add(index * step);
    }
    return ticks;
  }
}

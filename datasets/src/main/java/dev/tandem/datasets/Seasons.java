package dev.tandem.datasets;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Finds the length of a season by the autocorrelation of a series.
 *
 * <p>First of the series without its straight trend: a season is a lag where the autocorrelation
 * has a peak of at least 0.3 that rises as much above the lowest point before it. Where the series
 * wanders too slowly for that, of its differences, with a peak of at least 0.1 and five standard
 * errors ({@code 5 / sqrt(n)}). Of peaks nearly as high as the highest the shortest lag counts, for
 * a season repeats at its multiples. A season fits into the series three times or more, and is at
 * most 400 steps long.
 */
final class Seasons {
  private static final int LONGEST = 400;
  private static final int REPETITIONS = 3;
  private static final double CLEAR = 0.3;
  private static final double CLEAR_DIFFERENCES = 0.1;
  private static final double STANDARD_ERRORS = 5;
  private static final double NEARLY = 0.9;

  private Seasons() {}

  /** The length of the season in steps, at least 2; empty if there is none to be seen. */
  static OptionalInt detect(double[] values) {
    if (values.length < 2 * REPETITIONS) {
      return OptionalInt.empty();
    }
    OptionalInt found = peak(withoutTrend(values), CLEAR, CLEAR);
    if (found.isPresent()) {
      return found;
    }
    double[] differences = new double[values.length - 1];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = values[i + 1] - values[i];
    }
    double error = STANDARD_ERRORS / Math.sqrt(differences.length);
    return peak(differences, Math.max(CLEAR_DIFFERENCES, error), 0);
  }

  private static double[] withoutTrend(double[] values) {
    double middle = (values.length - 1) / 2.0;
    double mean = 0;
    double slope = 0;
    double spread = 0;
    for (int i = 0; i < values.length; i++) {
      mean += values[i] / values.length;
      slope += (i - middle) * values[i];
      spread += (i - middle) * (i - middle);
    }
    double[] rest = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      rest[i] = values[i] - mean - slope / spread * (i - middle);
    }
    return rest;
  }

  private static OptionalInt peak(double[] values, double height, double rise) {
    int longest = Math.min(LONGEST, values.length / REPETITIONS);
    double[] correlation = autocorrelation(values, longest + 1);
    List<Integer> peaks = new ArrayList<>();
    double highest = 0;
    double lowest = correlation[1];
    for (int lag = 2; lag <= longest; lag++) {
      double here = correlation[lag];
      lowest = Math.min(lowest, here);
      boolean top = here > correlation[lag - 1] && here >= correlation[lag + 1];
      if (top && here >= height && here - lowest >= rise) {
        peaks.add(lag);
        highest = Math.max(highest, here);
      }
    }
    double enough = NEARLY * highest;
    return peaks.stream()
        .filter(lag -> correlation[lag] >= enough)
        .mapToInt(Integer::intValue)
        .findFirst();
  }

  private static double[] autocorrelation(double[] values, int longest) {
    double mean = Moments.of(values).mean();
    double[] correlation = new double[longest + 1];
    for (int lag = 0; lag <= longest; lag++) {
      for (int i = lag; i < values.length; i++) {
        correlation[lag] += (values[i] - mean) * (values[i - lag] - mean);
      }
    }
    double variance = correlation[0];
    for (int lag = 0; lag <= longest && variance > 0; lag++) {
      correlation[lag] /= variance;
    }
    return correlation;
  }
}

package dev.tandem.models.pictures;

import java.util.Locale;

/**
 * The least and greatest of numbers, those that are not finite left out; both 0 if there is none.
 */
record Span(double low, double high) {
  static Span of(float[] values) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (float value : values) {
      if (Float.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    return low > high ? new Span(0, 0) : new Span(low, high);
  }

  /** With 0 in the middle. */
  Span symmetric() {
    double most = Math.max(Math.abs(low), Math.abs(high));
    return new Span(-most, most);
  }

  /** A number in three digits. */
  static String text(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.3g", value);
  }
}

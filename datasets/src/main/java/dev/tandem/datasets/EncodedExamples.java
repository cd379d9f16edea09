package dev.tandem.datasets;

import java.util.List;

/**
 * New inputs with their targets, ready for the network.
 *
 * @param notes what the user should know, such as how many tokens training did not know
 * @param naive of a series: the simple forecasts for the same windows; otherwise null
 */
public record EncodedExamples(Examples examples, List<String> notes, NaiveForecasts naive) {
  /** Examples of anything but a series. */
  public EncodedExamples(Examples examples, List<String> notes) {
    this(examples, notes, null);
  }
}

package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a series becomes windows, and outputs become forecasts. The columns and their scales stand in
 * {@link Preprocessing#columns}, the scales of the targets in {@link Preprocessing#target}.
 *
 * @param column the column that is forecast; it is one of the inputs too
 * @param time the column with dates; null if rows are in order
 * @param group the column that names the series of each row; null if there is one series
 * @param window the number of steps that the network sees
 * @param horizon the number of steps that it forecasts
 * @param mode what inputs and targets are before they are scaled
 * @param season the length of a season in steps; 0 if there is none
 * @param seasonDetected whether the season was found in the training part, not given
 */
public record SeriesEncoding(
    String column,
    String time,
    String group,
    int window,
    int horizon,
    Mode mode,
    int season,
    boolean seasonDetected) {

  /** What inputs and targets are before they are scaled. */
  public enum Mode {
    /** The values of the series. */
    VALUE,
    /**
     * Differences to the last value of each column in the window. The network does not see the
     * level of the series, and so it can follow a trend to levels that training never had.
     */
    DIFFERENCE
  }

  /** Checks that nothing is missing. */
  public SeriesEncoding {
    Objects.requireNonNull(column, "column of the series is missing");
    Objects.requireNonNull(mode, "mode of the series is missing");
    if (window < 1 || horizon < 1) {
      throw new IllegalArgumentException("window and horizon of the series are at least 1");
    }
  }

  /**
   * Windows of a series with what belongs to them.
   *
   * @param inputs float32 {@code [N,window,F]}
   * @param targets float32 {@code [N,horizon]} in the network's units; null where the future is not
   *     known
   * @param origins float32 {@code [N,horizon]} what the targets count from; null if that is 0
   * @param naive the simple forecasts for the same windows
   * @param labels when the first forecast step of each window is
   * @param notes what was done to the series
   */
  public record Windows(
      HostArray inputs,
      HostArray targets,
      HostArray origins,
      NaiveForecasts naive,
      List<String> labels,
      List<String> notes) {}

  /**
   * A network's outputs as forecasts in the units of the data.
   *
   * @param target the target that the outputs belong to
   * @param outputs float32 {@code [N,horizon]}
   * @param last {@link NaiveForecasts#last} of the same windows
   * @return float32 {@code [N,horizon]}
   */
  public HostArray forecasts(Target target, HostArray outputs, HostArray last) {
    HostArray unscaled = target.unscale(outputs);
    if (mode == Mode.VALUE) {
      return unscaled;
    }
    float[] forecasts = unscaled.floats().clone();
    float[] base = last.floats();
    for (int i = 0; i < forecasts.length; i++) {
      forecasts[i] += base[i];
    }
    return HostArray.of(forecasts, unscaled.shape());
  }

  /**
   * The windows of a new table.
   *
   * @param preprocessing that this belongs to
   * @param withTargets true to measure: only windows whose future is in the table; false to
   *     forecast: all, up to the one at its end
   * @throws DataException as in training, or if a column is missing or no window fits
   */
  Windows encode(Preprocessing preprocessing, Table table, boolean withTargets) {
    List<String> columns = preprocessing.inputNames();
    List<String> notes = new ArrayList<>();
    Stream.concat(columns.stream(), Stream.of(time, group).filter(Objects::nonNull))
        .forEach(name -> TableEncoding.column(table, name));
    List<TimeSeries> series =
        TimeSeries.read(table, new TimeSeries.Columns(columns, time, group), notes);
    SeriesWindows windows =
        new SeriesWindows(series, columns.indexOf(column), window, horizon, withTargets);
    if (windows.size() == 0) {
      throw tooShort(table.name(), series, window, withTargets ? horizon : 0, "");
    }
    int[] rows = IntStream.range(0, windows.size()).toArray();
    NaiveForecasts naive = naive(windows, rows, withTargets);
    return new Windows(
        windows.inputs(rows, preprocessing.columns(), mode),
        withTargets ? targets(windows, rows, preprocessing.target()) : null,
        mode == Mode.DIFFERENCE ? naive.last() : null,
        naive,
        Arrays.stream(rows).mapToObj(windows::label).toList(),
        notes);
  }

  /**
   * The error that no window fits.
   *
   * @param horizon 0 if the future need not be known
   * @param remedy what else to do than to give a longer series, or one without gaps
   */
  static DataException tooShort(
      String name, List<TimeSeries> series, int window, int horizon, String remedy) {
    int longest = series.stream().mapToInt(TimeSeries::steps).max().orElse(0);
    String wanted = "a window of " + window + (horizon == 0 ? "" : " and a horizon of " + horizon);
    return longest < window + horizon
        ? DataException.of(
            "%s has %d steps, too few for %s (give a longer series%s)",
            name, longest, wanted, remedy)
        : DataException.of(
            "%s has %d steps, but no place for %s is free of gaps at its end (fill the gaps%s)",
            name, longest, wanted, remedy);
  }

  /** Targets float32 {@code [N,horizon]} in the network's units. */
  HostArray targets(SeriesWindows windows, int[] rows, Target target) {
    float[] targets = new float[rows.length * horizon];
    for (int i = 0; i < rows.length; i++) {
      for (int k = 0; k < horizon; k++) {
        targets[i * horizon + k] = target.scale(k, target(windows, rows[i], k));
      }
    }
    return HostArray.of(targets, rows.length, horizon);
  }

  /** A target before it is scaled. */
  double target(SeriesWindows windows, int row, int k) {
    return windows.target(row, k) - (mode == Mode.DIFFERENCE ? windows.last(row) : 0);
  }

  NaiveForecasts naive(SeriesWindows windows, int[] rows, boolean withTargets) {
    float[] actual = withTargets ? new float[rows.length * horizon] : null;
    float[] last = new float[rows.length * horizon];
    float[] seasonal = season == 0 ? null : new float[last.length];
    for (int i = 0; i < rows.length; i++) {
      for (int k = 0; k < horizon; k++) {
        int at = i * horizon + k;
        last[at] = (float) windows.last(rows[i]);
        if (withTargets) {
          actual[at] = (float) windows.target(rows[i], k);
        }
        if (seasonal != null) {
          seasonal[at] = (float) windows.seasonBefore(rows[i], k, season);
          seasonal = Float.isNaN(seasonal[at]) ? null : seasonal;
        }
      }
    }
    int[] shape = {rows.length, horizon};
    return new NaiveForecasts(
        withTargets ? HostArray.of(actual, shape) : null,
        HostArray.of(last, shape),
        seasonal == null ? null : HostArray.of(seasonal, shape),
        seasonal == null ? 0 : season,
        seasonDetected);
  }
}

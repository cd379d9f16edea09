package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Column;
import dev.tandem.datasets.SeriesEncoding.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/**
 * The windows of one or several series, in the order of time: {@code window} steps of all columns,
 * and the {@code horizon} steps of the target column that follow. A window whose last step was
 * filled in is left out, for the straight line through it knows what comes after; so is one with a
 * target that was filled in.
 */
final class SeriesWindows {
  /** A window: the index of its series, and the first step after it with its time. */
  private record Window(int series, int end, long time) {}

  private final List<TimeSeries> series;
  private final List<Window> windows = new ArrayList<>();
  private final int target;
  private final int window;
  private final int horizon;

  /**
   * @param target the index of the target's column
   * @param withTargets whether only windows count of which all targets are known
   */
  SeriesWindows(List<TimeSeries> series, int target, int window, int horizon, boolean withTargets) {
    this.series = series;
    this.target = target;
    this.window = window;
    this.horizon = horizon;
    for (int index = 0; index < series.size(); index++) {
      TimeSeries one = series.get(index);
      int last = one.steps() - (withTargets ? horizon : 0);
      for (int end = window; end <= last; end++) {
        boolean usable = !one.filled()[end - 1];
        for (int step = end; withTargets && step < end + horizon; step++) {
          usable &= !one.filled()[step];
        }
        if (usable) {
          // The window at the end of all has no step after it.
          long time = end < one.steps() ? one.times()[end] : one.times()[end - 1] + 1;
          windows.add(new Window(index, end, time));
        }
      }
    }
    windows.sort(Comparator.comparingLong(Window::time));
  }

  int size() {
    return windows.size();
  }

  /** The time of the first step after each window, as its place among all such times. */
  int[] times() {
    TreeMap<Long, Integer> places = new TreeMap<>();
    windows.forEach(one -> places.put(one.time(), 0));
    int place = 0;
    for (TreeMap.Entry<Long, Integer> entry : places.entrySet()) {
      entry.setValue(place++);
    }
    return windows.stream().mapToInt(one -> places.get(one.time())).toArray();
  }

  /** When the first step after a window was, with the series' name if there is one. */
  String label(int row) {
    int end = windows.get(row).end();
    TimeSeries one = series(windows.get(row));
    String when = end < one.steps() ? one.labels().get(end) : "after " + one.labels().get(end - 1);
    return one.name().isEmpty() ? when : one.name() + " " + when;
  }

  /** The time of the first step after a window. */
  long begin(int row) {
    return windows.get(row).time();
  }

  /** The time of the last target of a window. */
  long end(int row) {
    Window one = windows.get(row);
    return series(one).times()[one.end() + horizon - 1];
  }

  /** The last value of the target's column in a window. */
  double last(int row) {
    Window one = windows.get(row);
    return series(one).values()[target][one.end() - 1];
  }

  /** The target {@code k} steps after the first. */
  double target(int row, int k) {
    Window one = windows.get(row);
    return series(one).values()[target][one.end() + k];
  }

  /** What was a season, or several, before a target; NaN if that is before the beginning. */
  double seasonBefore(int row, int k, int season) {
    Window one = windows.get(row);
    int step = one.end() + k - season * (k / season + 1);
    return step < 0 ? Double.NaN : series(one).values()[target][step];
  }

  /** Hands over a column of the given windows as the network sees it before it is scaled. */
  void forEach(int[] rows, int column, Mode mode, DoubleConsumer action) {
    for (int row : rows) {
      Window one = windows.get(row);
      double[] values = series(one).values()[column];
      double shift = mode == Mode.DIFFERENCE ? values[one.end() - 1] : 0;
      for (int step = one.end() - window; step < one.end(); step++) {
        action.accept(values[step] - shift);
      }
    }
  }

  /** Inputs float32 {@code [N,window,columns]}. */
  HostArray inputs(int[] rows, List<Column> columns, Mode mode) {
    int width = columns.size();
    float[] inputs = new float[Math.multiplyExact(Math.multiplyExact(rows.length, window), width)];
    for (int column = 0; column < width; column++) {
      Column scaling = columns.get(column);
      int[] at = {column};
      forEach(
          rows,
          column,
          mode,
          value -> {
            inputs[at[0]] = scaling.standardize(value);
            at[0] += width;
          });
    }
    return HostArray.of(inputs, rows.length, window, width);
  }

  /**
   * The target's values up to the last target of the given windows, of each series that has one.
   */
  List<double[]> history(int[] rows) {
    int[] ends = new int[series.size()];
    for (int row : rows) {
      Window one = windows.get(row);
      ends[one.series()] = Math.max(ends[one.series()], one.end() + horizon);
    }
    return IntStream.range(0, ends.length)
        .filter(index -> ends[index] > 0)
        .mapToObj(index -> Arrays.copyOf(series.get(index).values()[target], ends[index]))
        .toList();
  }

  private TimeSeries series(Window window) {
    return series.get(window.series());
  }
}

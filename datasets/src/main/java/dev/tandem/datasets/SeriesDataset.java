package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Column;
import dev.tandem.datasets.Preprocessing.Target;
import dev.tandem.datasets.SeriesEncoding.Mode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One or several series whose next values are forecast from a window of the last ones.
 *
 * <p>A row is a window: inputs float32 {@code [window,F]} of all columns, targets float32 {@code
 * [horizon]} of one. Rows are in the order of time, and so the parts are: a window belongs to the
 * part in which its targets lie, and its inputs may reach back over the border, as they will in
 * practice. With a horizon above 1, windows whose targets lie on both sides of a border are left
 * out. Scales are learned from the windows of the training part. Gaps are filled as {@link
 * TimeSeries#read} says; what was made up is never a target, nor the end of a window.
 *
 * <p>Inputs and targets are differences to the last value of the window where those spread less
 * than the values do in the training part, as in every series that wanders or trends. On CO2, whose
 * test part is above all that training saw, an LSTM of 32 units had an RMSE of 0.41 with
 * differences and 1.83 with values (naive 0.51), on sunspots 16.9 and 18.2 (naive 33.0).
 */
public final class SeriesDataset implements RawDataset {
  public static final int DEFAULT_WINDOW = 24;

  /**
   * What is forecast from what.
   *
   * @param window steps that the network sees, at least 1
   * @param horizon steps that it forecasts, at least 1
   * @param season its length in steps, at least 2, for the seasonal naive forecast; 0 to find it in
   *     the training part
   * @param mode null to decide by the training part
   */
  public record Options(int window, int horizon, int season, Mode mode) {
    public static final Options DEFAULT = new Options(DEFAULT_WINDOW, 1, 0, null);

    /** Checks the ranges. */
    public Options {
      if (window < 1) {
        throw new DataException("window " + window + " is out of range (choose 1 or more)");
      }
      if (horizon < 1) {
        throw new DataException("horizon " + horizon + " is out of range (choose 1 or more)");
      }
      if (mode == Mode.DIFFERENCE && window == 1) {
        throw new DataException(
            "a window of 1 has no differences (make --window larger, or forecast values)");
      }
      if (season < 0 || season == 1) {
        throw new DataException("season " + season + " is out of range (choose 2 or more)");
      }
    }
  }

  private final String name;
  private final List<TimeSeries> series;
  private final TimeSeries.Columns columns;
  private final String target;
  private final Options options;
  private final Provenance provenance;
  private final List<String> notes;
  private final SeriesWindows windows;

  SeriesDataset(
      String name,
      List<TimeSeries> series,
      TimeSeries.Columns columns,
      String target,
      Options options,
      Provenance provenance,
      List<String> notes) {
    this.name = name;
    this.series = series;
    this.columns = columns;
    this.target = target;
    this.options = options;
    this.provenance = provenance;
    this.notes = List.copyOf(notes);
    int index = columns.values().indexOf(target);
    requireVariety(series.stream().map(one -> one.values()[index]).toList(), "always");
    windows = new SeriesWindows(series, index, options.window(), options.horizon(), true);
    if (windows.size() == 0) {
      throw SeriesEncoding.tooShort(
          name,
          series,
          options.window(),
          options.horizon(),
          ", or make --window or --horizon smaller");
    }
  }

  /**
   * The series in a table. All columns of numbers are inputs; the first column of dates gives the
   * order.
   *
   * @param target the column to forecast; null if there is only one column of numbers
   * @param group the column that names the series of each row; null if there is one series
   * @throws DataException if there is no such column, the target is not of numbers or constant, a
   *     date is missing or occurs twice, more than a quarter of a series is missing, or it is too
   *     short for one window
   */
  public static SeriesDataset of(
      String name,
      Table table,
      String target,
      String group,
      Options options,
      Provenance provenance) {
    List<String> notes = new ArrayList<>();
    TimeSeries.Columns columns = TimeSeries.Columns.choose(table, group, notes);
    String forecast = columns.target(table, target);
    List<TimeSeries> series = TimeSeries.read(table, columns, notes);
    return new SeriesDataset(name, series, columns, forecast, options, provenance, notes);
  }

  /**
   * The series in a CSV or TSV file.
   *
   * @throws DataException as {@link Table#read} and {@link #of}
   */
  public static SeriesDataset read(Path file, String target, Options options) {
    return of(
        file.getFileName().toString(),
        Table.read(file),
        target,
        null,
        options,
        Provenance.ofFiles(file));
  }

  /** Returns whether a table holds nothing but numbers and their dates. */
  public static boolean isSeries(Table table) {
    List<String> others = new ArrayList<>();
    TimeSeries.Columns columns = TimeSeries.Columns.choose(table, null, others);
    return others.isEmpty() && !columns.values().isEmpty();
  }

  /** The same series with other windows. */
  public SeriesDataset with(Options other) {
    return new SeriesDataset(name, series, columns, target, other, provenance, notes);
  }

  public Options options() {
    return options;
  }

  private void requireVariety(List<double[]> histories, String when) {
    boolean constant =
        histories.stream()
            .allMatch(values -> Arrays.stream(values).allMatch(value -> value == values[0]));
    if (constant) {
      throw DataException.of(
          "%s: column '%s' is %s %s: there is nothing to forecast (choose another --target)",
          name, target, when, histories.get(0)[0]);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return windows.size();
  }

  @Override
  public Task task() {
    return Task.FORECAST;
  }

  @Override
  public Optional<int[]> stratifyBy() {
    return Optional.empty();
  }

  @Override
  public Optional<int[]> officialTest() {
    return Optional.empty();
  }

  @Override
  public Optional<int[]> times() {
    return Optional.of(windows.times());
  }

  @Override
  public Dataset prepare(Split split) {
    List<String> all = new ArrayList<>(notes);
    Parts parts = parts(split);
    if (parts.leftOut() > 0) {
      note(all, "%d windows at the borders of the parts are left out", parts.leftOut());
    }
    Preprocessing preprocessing = fit(parts.train(), all);
    return new Dataset(
        name,
        Task.FORECAST,
        List.of(),
        preprocessing.inputNames(),
        preprocessing.target().names(),
        examples(preprocessing, parts.train()),
        examples(preprocessing, parts.validation()),
        examples(preprocessing, parts.test()),
        provenance,
        preprocessing,
        List.copyOf(all));
  }

  /**
   * What forecasts without a network say of the test part that {@link #prepare} makes of the same
   * split, row by row.
   */
  public NaiveForecasts naive(Split split) {
    Parts parts = parts(split);
    return fit(parts.train(), new ArrayList<>()).series().naive(windows, parts.test(), true);
  }

  /** The rows of the parts, without those whose targets lie in two of them. */
  private record Parts(int[] train, int[] validation, int[] test, int leftOut) {}

  private Parts parts(Split split) {
    int[] validation = before(split.validation(), begin(split.test()));
    int[] train = before(split.train(), Math.min(begin(split.validation()), begin(split.test())));
    int leftOut =
        split.train().length + split.validation().length - train.length - validation.length;
    if (train.length == 0) {
      throw DataException.of(
          "%s: no window with a horizon of %d is left to train on (make --horizon or the other parts"
              + " smaller)",
          name, options.horizon());
    }
    return new Parts(train, validation, split.test(), leftOut);
  }

  private long begin(int[] rows) {
    return Arrays.stream(rows).mapToLong(windows::begin).min().orElse(Long.MAX_VALUE);
  }

  private int[] before(int[] rows, long time) {
    return Arrays.stream(rows).filter(row -> windows.end(row) < time).toArray();
  }

  private Examples examples(Preprocessing preprocessing, int[] rows) {
    SeriesEncoding encoding = preprocessing.series();
    return new Examples(
        windows.inputs(rows, preprocessing.columns(), encoding.mode()),
        encoding.targets(windows, rows, preprocessing.target()),
        encoding.mode() == Mode.DIFFERENCE ? encoding.naive(windows, rows, false).last() : null);
  }

  private Preprocessing fit(int[] training, List<String> notes) {
    requireVariety(windows.history(training), "in the training part always");
    Mode mode = options.mode() != null ? options.mode() : mode(training, notes);
    int season = options.season();
    if (season == 0) {
      season = season(training).orElse(0);
      notes.add(
          season == 0
              ? "no season was found in the training part"
              : "the season is " + season + " steps long by the training part's autocorrelation");
    }
    SeriesEncoding encoding =
        new SeriesEncoding(
            target,
            columns.time(),
            columns.group(),
            options.window(),
            options.horizon(),
            mode,
            season,
            options.season() == 0);
    List<Column> scaled = new ArrayList<>();
    for (int index = 0; index < columns.values().size(); index++) {
      scaled.add(column(index, mode, training, notes));
    }
    return Preprocessing.ofSeries(scaled, fitTarget(encoding, training), encoding);
  }

  private Mode mode(int[] training, List<String> notes) {
    double values = spread(Mode.VALUE, training);
    double differences = spread(Mode.DIFFERENCE, training);
    Mode mode = differences < values && options.window() > 1 ? Mode.DIFFERENCE : Mode.VALUE;
    note(
        notes,
        mode == Mode.DIFFERENCE
            ? "inputs and targets are differences to the last value of the window, which spread by"
                + " %.4g where values do by %.4g"
            : "inputs and targets are values: differences to the last value of the window spread by"
                + " %.4g, values by %.4g",
        differences,
        values);
    return mode;
  }

  private double spread(Mode mode, int[] rows) {
    SeriesEncoding encoding =
        new SeriesEncoding(target, null, null, options.window(), options.horizon(), mode, 0, false);
    return IntStream.range(0, options.horizon())
        .mapToDouble(k -> targetMoments(encoding, rows, k).deviation())
        .average()
        .orElseThrow();
  }

  private Moments targetMoments(SeriesEncoding encoding, int[] rows, int k) {
    return Moments.of(
        Arrays.stream(rows).mapToDouble(row -> encoding.target(windows, row, k)).toArray());
  }

  private OptionalInt season(int[] training) {
    return windows.history(training).stream()
        .max(Comparator.comparingInt(values -> values.length))
        .map(Seasons::detect)
        .orElse(OptionalInt.empty());
  }

  private Column column(int index, Mode mode, int[] training, List<String> notes) {
    double[] count = new double[1];
    double[] sum = new double[1];
    double[] range = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    windows.forEach(
        training,
        index,
        mode,
        value -> {
          count[0]++;
          sum[0] += value;
          range[0] = Math.min(range[0], value);
          range[1] = Math.max(range[1], value);
        });
    double mean = sum[0] / count[0];
    double[] squares = new double[1];
    windows.forEach(training, index, mode, value -> squares[0] += (value - mean) * (value - mean));
    String column = columns.values().get(index);
    boolean constant = range[0] == range[1];
    if (constant) {
      note(notes, "column '%s' is constant in the training part and becomes 0", column);
    }
    double deviation = constant ? 0 : Math.sqrt(squares[0] / count[0]);
    // The last step of a window is 0 in differences, before and after they are scaled.
    return Column.numeric(column, 0, mode == Mode.DIFFERENCE ? 0 : mean, deviation);
  }

  private Target fitTarget(SeriesEncoding encoding, int[] training) {
    int horizon = encoding.horizon();
    List<Moments> moments =
        IntStream.range(0, horizon).mapToObj(k -> targetMoments(encoding, training, k)).toList();
    List<String> names =
        horizon == 1
            ? List.of(target)
            : Stream.iterate(1, k -> k <= horizon, k -> k + 1).map(k -> target + "+" + k).toList();
    return new Target(
        Task.FORECAST,
        names,
        List.of(),
        moments.stream().map(Moments::mean).toList(),
        moments.stream().map(Moments::targetScale).toList());
  }

  private static void note(List<String> notes, String format, Object... arguments) {
    notes.add(String.format(Locale.ROOT, format, arguments));
  }
}

package dev.tandem.datasets;

import dev.tandem.datasets.Catalog.DataFile;
import dev.tandem.datasets.Catalog.Entry;
import dev.tandem.datasets.SeriesDataset.Options;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The series of the catalog, and the generators of sequences. */
final class SeriesEntries {
  private static final String CC_BY = "CC BY 4.0";
  private static final String PUBLIC_DOMAIN = "public domain";
  private static final int CHARTS_OF_A_PATTERN = 100;
  private static final int MACKEY_GLASS_STEPS = 3_000;

  /** Monthly values in a row for each year. */
  private static final int MONTHS = 12;

  static final List<Entry> ALL =
      List.of(
          new Entry(
              "sunspots",
              "Sunspots: the number of the next year, 1700 to 2008",
              Task.FORECAST,
              "https://www.sidc.be/SILSO/datafiles",
              PUBLIC_DOMAIN,
              true,
              List.of(
                  new DataFile(
                      "sunspots-yearly.csv",
                      2944,
                      "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b")),
              (entry, files, provenance) ->
                  table(entry, files, provenance, "SUNACTIVITY", new Options(22, 1, 0, null))),
          new Entry(
              "co2",
              "Carbon dioxide at Mauna Loa: the concentration of the next week, 1958 to 2001",
              Task.FORECAST,
              "https://scrippsco2.ucsd.edu/data/atmospheric_co2/mlo.html",
              PUBLIC_DOMAIN,
              true,
              List.of(
                  new DataFile(
                      "co2-mauna-loa-weekly.csv",
                      33974,
                      "16695fa2786e53414e5a6b54767a3fdf5de99cfbc68617f69d1362d92776a92f")),
              (entry, files, provenance) ->
                  table(entry, files, provenance, "co2", new Options(52, 1, 0, null))),
          new Entry(
              "elnino",
              "El Nino: the sea's temperature in the next month, 1950 to 2010",
              Task.FORECAST,
              "https://www.cpc.ncep.noaa.gov/data/indices/",
              PUBLIC_DOMAIN,
              true,
              List.of(
                  new DataFile(
                      "elnino.csv",
                      5508,
                      "b647be00e0fd264be9764e317e6b963f35030014ecca2b21b204521716e463ad")),
              SeriesEntries::elnino),
          new Entry(
              "adding",
              "The adding problem: the sum of two marked numbers among 100",
              Task.REGRESSION,
              "https://doi.org/10.1162/neco.1997.9.8.1735",
              "made by this program",
              true,
              List.of(),
              (entry, files, provenance) ->
                  Generators.adding(Generators.DEFAULT_EXAMPLES, Generators.DEFAULT_STEPS, 0)),
          new Entry(
              "copy-memory",
              "The copy memory problem: ten symbols, to be said 100 steps later",
              Task.TAGGING,
              "https://arxiv.org/abs/1511.06464",
              "made by this program",
              true,
              List.of(),
              (entry, files, provenance) ->
                  Generators.copyMemory(Generators.DEFAULT_EXAMPLES, Generators.DEFAULT_STEPS, 0)),
          new Entry(
              "mackey-glass",
              "Mackey and Glass' chaotic series: the next value",
              Task.FORECAST,
              "https://doi.org/10.1126/science.267326",
              "made by this program",
              true,
              List.of(),
              (entry, files, provenance) ->
                  Generators.mackeyGlass(MACKEY_GLASS_STEPS, Options.DEFAULT, 0)),
          new Entry(
              "seattle-weather",
              "Seattle's weather: the highest temperature of the next day",
              Task.FORECAST,
              "https://www.ncei.noaa.gov/cdo-web/datasets",
              PUBLIC_DOMAIN,
              false,
              List.of(
                  new DataFile(
                      "seattle-weather-daily.csv",
                      48219,
                      "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be")),
              (entry, files, provenance) ->
                  // Four years are too few to see the season in the training part.
                  table(entry, files, provenance, "temp_max", new Options(14, 1, 365, null))),
          new Entry(
              "ett",
              "ETTh1: the oil temperature of a transformer in the next hour",
              Task.FORECAST,
              "https://github.com/zhouhaoyi/ETDataset",
              "CC BY-ND 4.0",
              false,
              List.of(
                  new DataFile(
                      "ETTh1.csv",
                      2589657,
                      "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066")),
              (entry, files, provenance) ->
                  table(entry, files, provenance, "OT", new Options(24, 1, 0, null))),
          new Entry(
              "dow-jones",
              "Dow Jones: the next week's closing price of 30 stocks in dollars",
              Task.FORECAST,
              "https://archive.ics.uci.edu/dataset/312/dow+jones+index",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "dow_jones_index.csv",
                      89073,
                      "24b8f83168153d9cd0bc6121d3979bd8c70fb7b58a94b920194135cbe003090b")),
              SeriesEntries::dowJones),
          new Entry(
              "istanbul-stock",
              "Istanbul's stock exchange: the next day's return, from eight indices",
              Task.FORECAST,
              "https://archive.ics.uci.edu/dataset/247/istanbul+stock+exchange",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "istanbul-stock-exchange.csv",
                      63593,
                      "2d65a0fce1acce7f1c49c03b524ff326329db9c4aad6f942f38dadbcddec312e")),
              SeriesEntries::istanbulStock),
          new Entry(
              "control-charts",
              "Control charts: six patterns in series of 60 steps",
              Task.CLASSIFICATION,
              "https://archive.ics.uci.edu/dataset/139/synthetic+control+chart+time+series",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "synthetic_control.data",
                      284056,
                      "3295e9e0836a77cbbcb870f4df025ea174aab27358939031df2ff6805380360b")),
              SeriesEntries::controlCharts));

  private SeriesEntries() {}

  private static RawDataset table(
      Entry entry, List<byte[]> files, Provenance provenance, String target, Options options) {
    Table table = Table.parse(entry.files().get(0).name(), files.get(0));
    return SeriesDataset.of(entry.id(), table, target, null, options, provenance);
  }

  /** A row for each year, of twelve months. */
  private static RawDataset elnino(Entry entry, List<byte[]> files, Provenance provenance) {
    Table years = Table.parse(entry.files().get(0).name(), files.get(0));
    List<List<String>> months = new ArrayList<>();
    for (int row = 0; row < years.size(); row++) {
      for (int month = 1; month <= MONTHS; month++) {
        String date = "%s-%02d".formatted(years.cell(row, 0), month);
        months.add(List.of(date, years.cell(row, month)));
      }
    }
    Table table = Table.of(years.name(), List.of("month", "temperature"), months, 2);
    return SeriesDataset.of(
        entry.id(), table, "temperature", null, new Options(24, 1, 0, null), provenance);
  }

  /** The closing prices alone: other columns tell of the week after. */
  private static RawDataset dowJones(Entry entry, List<byte[]> files, Provenance provenance) {
    Table all = Table.parse(entry.files().get(0).name(), files.get(0));
    int stock = all.column("stock");
    int date = all.column("date");
    int close = all.column("close");
    List<List<String>> cells =
        IntStream.range(0, all.size())
            .mapToObj(
                row ->
                    List.of(
                        all.cell(row, stock),
                        all.cell(row, date),
                        all.cell(row, close).replace("$", "")))
            .toList();
    Table table = Table.of(all.name(), List.of("stock", "date", "close"), cells, 2);
    return SeriesDataset.of(
        entry.id(), table, "close", "stock", new Options(8, 1, 0, null), provenance);
  }

  /** Two lines of headers, the second with a name that stands twice. */
  private static RawDataset istanbulStock(Entry entry, List<byte[]> files, Provenance provenance) {
    List<String> columns =
        List.of(
            "date", "ISE (TL)", "ISE (USD)", "SP", "DAX", "FTSE", "NIKKEI", "BOVESPA", "EU", "EM");
    List<List<String>> cells =
        new String(files.get(0), StandardCharsets.UTF_8)
            .lines()
            .skip(2)
            .map(line -> List.of(line.split(",")))
            .toList();
    Table table = Table.of(entry.files().get(0).name(), columns, cells, 3);
    return SeriesDataset.of(
        entry.id(), table, "ISE (TL)", null, new Options(10, 1, 0, null), provenance);
  }

  /**
   * A series on each line, in blocks of 100 of one pattern. One mean and one deviation scale all
   * steps of all series: scaled each by itself, a series of noise would be as wide as a cycle.
   */
  private static RawDataset controlCharts(Entry entry, List<byte[]> files, Provenance provenance) {
    List<String[]> lines =
        new String(files.get(0), StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.strip().split("\\s+"))
            .toList();
    int steps = lines.get(0).length;
    float[] values = new float[lines.size() * steps];
    int[] patterns = new int[lines.size()];
    for (int row = 0; row < patterns.length; row++) {
      for (int step = 0; step < steps; step++) {
        values[row * steps + step] = Float.parseFloat(lines.get(row)[step]);
      }
      patterns[row] = row / CHARTS_OF_A_PATTERN;
    }
    return new ArrayDataset(
        entry.id(),
        HostArray.of(values, patterns.length, steps, 1),
        HostArray.of(patterns, patterns.length),
        entry.task(),
        true,
        provenance,
        List.of("normal", "cyclic", "increasing", "decreasing", "upward shift", "downward shift"));
  }
}

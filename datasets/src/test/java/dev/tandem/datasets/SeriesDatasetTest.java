package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.SeriesDataset.Options;
import dev.tandem.datasets.SeriesEncoding.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeriesDatasetTest {
  @TempDir Path directory;

  private Path file(String... lines) throws IOException {
    return Files.writeString(directory.resolve("s.csv"), String.join("\n", lines) + "\n");
  }

  private Path series(int steps, IntFunction<Object> value) throws IOException {
    return file(
        "x",
        IntStream.range(0, steps)
            .mapToObj(value)
            .map(Object::toString)
            .collect(Collectors.joining("\n")));
  }

  private static Table table(String... lines) {
    return Table.parse("new.csv", String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
  }

  private static Options options(int window, int horizon, Mode mode) {
    return new Options(window, horizon, 0, mode);
  }

  @Test
  void cutsWindowsInTheOrderOfTime() throws IOException {
    SeriesDataset raw =
        SeriesDataset.read(series(23, step -> step * step), null, options(3, 1, Mode.VALUE));
    Split split = Splits.holdout(raw, 0.1, 0.2, 7);
    // 20 windows: 4 for testing, 2 of the other 16 for validation.
    assertThat(split.train()).containsExactly(IntStream.range(0, 14).toArray());
    assertThat(split.validation()).containsExactly(14, 15);
    assertThat(split.test()).containsExactly(16, 17, 18, 19);
    Dataset data = raw.prepare(split);
    assertThat(data.task()).isEqualTo(Task.FORECAST);
    assertThat(data.train().inputs()).hasToString("float32 [14,3,1]");
    assertThat(data.train().targets()).hasToString("float32 [14,1]");
    Preprocessing.Target target = data.preprocessing().target();
    assertThat(target.unscale(data.test().targets()).floats()[0]).isCloseTo(361, within(1e-3f));
    // The scales are those of the training part: its targets have mean 0 and deviation 1.
    double[] squares = IntStream.range(3, 17).mapToDouble(step -> step * step).toArray();
    assertThat(target.means().get(0)).isEqualTo(Moments.of(squares).mean());
    assertThat(target.scales().get(0)).isEqualTo(Moments.of(squares).deviation());
    float sum = 0;
    for (float value : data.train().inputs().floats()) {
      sum += value;
    }
    assertThat(sum).isCloseTo(0, within(1e-4f));
    // The first window of the test part reaches back into the validation part.
    Preprocessing.Column column = data.preprocessing().columns().get(0);
    assertThat(data.test().inputs().floats()[0]).isEqualTo(column.standardize(16 * 16));
  }

  @Test
  void differencesGoBackToTheUnitsOfTheData() throws IOException {
    SeriesDataset raw =
        SeriesDataset.read(series(40, step -> 100 + step + step % 3), "x", options(5, 2, null));
    Split split = Splits.holdout(raw, 0.1, 0.2, 0);
    Dataset data = raw.prepare(split);
    SeriesEncoding encoding = data.preprocessing().series();
    assertThat(encoding.mode()).isEqualTo(Mode.DIFFERENCE);
    assertThat(data.targetNames()).containsExactly("x+1", "x+2");
    assertThat(data.notes())
        .anyMatch(note -> note.startsWith("inputs and targets are differences to the last value"));
    NaiveForecasts naive = raw.naive(split);
    // The targets themselves, as outputs of a network without fault, become what came.
    HostArray forecasts =
        encoding.forecasts(data.preprocessing().target(), data.test().targets(), naive.last());
    assertThat(forecasts.floats()).containsExactly(naive.actual().floats(), within(1e-4f));
    assertThat(naive.actual().size()).isEqualTo(data.test().size());
    assertThat(data.test().origins().floats()).isEqualTo(naive.last().floats());
    // The last step of each window is 0, and the step before it the scaled difference.
    float[] inputs = data.test().inputs().floats();
    for (int row = 0; row < data.test().size(); row++) {
      assertThat(inputs[row * 5 + 4]).isZero();
    }
  }

  @Test
  void leavesOutWindowsWithTargetsInTwoParts() throws IOException {
    SeriesDataset raw =
        SeriesDataset.read(series(52, step -> step % 7), "x", options(4, 3, Mode.VALUE));
    Split split = Splits.holdout(raw, 0.1, 0.2, 0);
    Dataset data = raw.prepare(split);
    assertThat(data.train().size()).isEqualTo(split.train().length - 2);
    assertThat(data.validation().size()).isEqualTo(split.validation().length - 2);
    assertThat(data.test().size()).isEqualTo(split.test().length);
    assertThat(data.notes()).contains("4 windows at the borders of the parts are left out");
  }

  @Test
  void findsTheSeasonAndForecastsWithIt() throws IOException {
    SeriesDataset raw =
        SeriesDataset.read(
            series(120, step -> Math.sin(2 * Math.PI * step / 12)), "x", options(6, 14, null));
    Split split = Splits.holdout(raw, 0, 0.2, 0);
    Dataset data = raw.prepare(split);
    assertThat(data.notes())
        .contains("the season is 12 steps long by the training part's autocorrelation");
    NaiveForecasts naive = raw.naive(split);
    assertThat(naive.season()).isEqualTo(12);
    assertThat(naive.detected()).isTrue();
    assertThat(naive.seasonal().floats()).containsExactly(naive.actual().floats(), within(1e-5f));
    assertThat(naive.last().floats()[0]).isEqualTo(naive.last().floats()[13]);
  }

  @Test
  void aWalkAndAnEvenNoiseHaveNoSeason() {
    double[] noise = Generators.random(1).doubles(1000).toArray();
    double[] walk = noise.clone();
    for (int i = 1; i < walk.length; i++) {
      walk[i] += walk[i - 1] - 0.5;
    }
    assertThat(Seasons.detect(noise)).isEmpty();
    assertThat(Seasons.detect(walk)).isEmpty();
    assertThat(Seasons.detect(new double[] {1, 2, 1, 2})).isEmpty();
  }

  @Test
  void aGivenSeasonThatReachesTooFarBackGivesNoForecast() throws IOException {
    SeriesDataset raw =
        SeriesDataset.read(series(30, step -> step % 5), "x", new Options(4, 1, 28, null));
    NaiveForecasts naive = raw.naive(Splits.holdout(raw, 0, 0.2, 0));
    assertThat(naive.seasonal()).isNull();
    assertThat(naive.season()).isZero();
  }

  @Test
  void fillsGapsAndNeverForecastsThem() throws IOException {
    StringBuilder rows = new StringBuilder("date,x\n");
    for (int day = 1; day <= 28; day++) {
      // The 10th has no row, the 20th no value.
      if (day != 10) {
        rows.append("2024-02-%02d,%s%n".formatted(day, day == 20 ? "" : day * 10));
      }
    }
    SeriesDataset raw =
        SeriesDataset.read(file(rows.toString().split("\\R")), null, options(3, 1, Mode.VALUE));
    // 25 windows, without the two whose target was filled and the two that end in a gap.
    assertThat(raw.size()).isEqualTo(21);
    Dataset data = raw.prepare(new Split(IntStream.range(0, 21).toArray(), new int[0], new int[0]));
    assertThat(data.notes())
        .contains(
            "1 of 28 dates have no row",
            "column 'x': 2 of 28 values are missing and lie on straight lines; none of them is a"
                + " target or ends a window");
    Preprocessing.Column column = data.preprocessing().columns().get(0);
    // Windows end before the 4th to 9th, the 12th to 19th and so on: the seventh is 9, 10, 11.
    float[] inputs = data.train().inputs().floats();
    assertThat(inputs[6 * 3 + 1]).isEqualTo(column.standardize(100));
    assertThat(data.preprocessing().target().unscale(0, data.train().targets().floats()[6]))
        .isCloseTo(120, within(1e-4));
  }

  @Test
  void refusesASeriesThatIsMostlyMissing() throws IOException {
    Path file = series(20, step -> step % 3 == 1 ? "NA" : step);
    assertThatThrownBy(() -> SeriesDataset.read(file, "x", options(2, 1, null)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            file
                + ": 6 of 19 values of column 'x' are missing, more than a quarter (give a series with"
                + " fewer gaps)");
  }

  @Test
  void refusesAConstantSeries() throws IOException {
    Path file = series(50, step -> 3.5);
    assertThatThrownBy(() -> SeriesDataset.read(file, "x", options(5, 1, null)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "s.csv: column 'x' is always 3.5: there is nothing to forecast (choose another --target)");
    SeriesDataset late =
        SeriesDataset.read(series(50, step -> step < 45 ? 1 : step), "x", options(5, 1, null));
    assertThatThrownBy(() -> late.prepare(Splits.holdout(late, 0.1, 0.2, 0)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "s.csv: column 'x' is in the training part always 1.0: there is nothing to forecast"
                + " (choose another --target)");
  }

  @Test
  void refusesASeriesThatIsTooShort() throws IOException {
    Path file = series(5, step -> step);
    assertThatThrownBy(() -> SeriesDataset.read(file, "x", options(5, 1, null)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "s.csv has 5 steps, too few for a window of 5 and a horizon of 1 (give a longer series,"
                + " or make --window or --horizon smaller)");
    Path one = file("x", "1");
    assertThatThrownBy(() -> SeriesDataset.read(one, "x", options(1, 1, null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is always 1.0");
    assertThatThrownBy(() -> SeriesDataset.read(file(""), "x", options(1, 1, null)))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("s.csv is empty (give a header and rows)");
  }

  @Test
  void sortsByTheDateAndRefusesOneThatStandsTwice() throws IOException {
    String[] rows =
        IntStream.rangeClosed(1, 12)
            .map(i -> 13 - i)
            .mapToObj(month -> "%d/1/2020,%d,dry".formatted(month, month))
            .toArray(String[]::new);
    SeriesDataset raw =
        SeriesDataset.read(
            file("date,x,sky\n" + String.join("\n", rows)), "x", options(2, 1, Mode.VALUE));
    Dataset data = raw.prepare(new Split(IntStream.range(0, 10).toArray(), new int[0], new int[0]));
    assertThat(data.notes())
        .contains(
            "the rows were sorted by 'date'", "column 'sky' is left out: it holds no numbers");
    assertThat(data.preprocessing().target().unscale(0, data.train().targets().floats()[0]))
        .isCloseTo(3, within(1e-5));
    Path twice = file("date,x", "2020-01-01,1", "2020-01-02,2", "2020-01-01,3");
    assertThatThrownBy(() -> SeriesDataset.read(twice, "x", options(1, 1, null)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            twice
                + " line 4, column 'date': '2020-01-01' stands in line 2 too (leave one row for each"
                + " date, or give one file for each series)");
  }

  @Test
  void encodesNewSeriesUpToTheirEnd() throws IOException {
    SeriesDataset raw =
        SeriesDataset.read(
            file(
                "a,b",
                IntStream.range(0, 40)
                    .mapToObj(i -> i + "," + i % 4)
                    .collect(Collectors.joining("\n"))),
            "b",
            options(3, 1, Mode.VALUE));
    Preprocessing preprocessing = raw.prepare(Splits.holdout(raw, 0, 0.2, 0)).preprocessing();
    Table table = table("b,a,c", "1,10,x", "2,20,x", "3,30,x", "0,40,x");
    SeriesEncoding.Windows known = preprocessing.encodeSeries(table, true);
    assertThat(known.inputs()).hasToString("float32 [1,3,2]");
    assertThat(known.naive().actual().floats()).containsExactly(0);
    assertThat(known.naive().last().floats()).containsExactly(3);
    assertThat(known.labels()).containsExactly("4");
    SeriesEncoding.Windows future = preprocessing.encodeSeries(table, false);
    assertThat(future.inputs()).hasToString("float32 [2,3,2]");
    assertThat(future.targets()).isNull();
    assertThat(future.labels()).containsExactly("4", "after 4");
    assertThatThrownBy(() -> preprocessing.encodeSeries(table("b,a", "1,10", "2,20"), false))
        .hasMessage("new.csv has 2 steps, too few for a window of 3 (give a longer series)");
    assertThat(future.inputs().floats()[0])
        .isEqualTo(preprocessing.columns().get(0).standardize(10));
    assertThatThrownBy(() -> preprocessing.encodeSeries(table("b,c", "1,2", "3,4"), false))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("new.csv has no column 'a', which training had");
    assertThatThrownBy(() -> preprocessing.encode(table))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(
            "new.csv is a table, but training was on a series (give a .csv file");
  }

  @Test
  void namesWhatCannotBeForecast() throws IOException {
    Path file = file("a,b,sky", "1,2,dry", "2,3,wet", "4,5,dry");
    assertThatThrownBy(() -> SeriesDataset.read(file, null, options(1, 1, null)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "which column of " + file + " is to be forecast? (add --target with one of: a, b)");
    assertThatThrownBy(() -> SeriesDataset.read(file, "sky", options(1, 1, null)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            file
                + " line 2, column 'sky': 'dry' and the cells below are not numbers (choose another"
                + " --target)");
    assertThatThrownBy(() -> options(0, 1, null))
        .isInstanceOf(DataException.class)
        .hasMessage("window 0 is out of range (choose 1 or more)");
    SeriesDataset raw = SeriesDataset.read(series(30, step -> step), "x", options(2, 1, null));
    assertThatThrownBy(() -> Splits.kFold(raw, 3, 0.1, 0))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "s.csv is in the order of time, and folds would train on what comes after their test"
                + " part (leave --k-fold out; --test-split takes the end)");
  }

  @Test
  void rowsOfOneTimeStayInOnePart() {
    StringBuilder rows = new StringBuilder("stock,date,close\n");
    for (String stock : new String[] {"A", "B", "C"}) {
      for (int day = 1; day <= 20; day++) {
        rows.append(String.format(Locale.ROOT, "%s,2024-03-%02d,%d%n", stock, day, day * day));
      }
    }
    Table table = Table.parse("stocks", rows.toString().getBytes(StandardCharsets.UTF_8));
    SeriesDataset raw =
        SeriesDataset.of(
            "stocks",
            table,
            "close",
            "stock",
            options(4, 1, null),
            new Provenance("", "", "", "", ""));
    Split split = Splits.holdout(raw, 0.1, 0.2, 0);
    // 16 days with three windows each; a fifth of 48 rows is 10, and the day of the first is whole.
    assertThat(raw.size()).isEqualTo(48);
    assertThat(split.test()).hasSize(12);
    assertThat(split.validation()).hasSize(6);
    SeriesEncoding.Windows all = raw.prepare(split).preprocessing().encodeSeries(table, true);
    assertThat(all.labels().subList(36, 40))
        .containsExactly("A 2024-03-17", "B 2024-03-17", "C 2024-03-17", "A 2024-03-18");
  }
}

package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeriesEntriesTest {
  private static Path mirror() {
    String given = System.getenv("TANDEM_MIRROR");
    Path mirror = Path.of(given != null ? given : "../../shared/data");
    assumeTrue(Files.isDirectory(mirror), "no mirror: set TANDEM_MIRROR");
    return mirror;
  }

  private static double rmse(HostArray forecasts, HostArray actual) {
    double sum = 0;
    for (int i = 0; i < actual.floats().length; i++) {
      double error = forecasts.floats()[i] - actual.floats()[i];
      sum += error * error;
    }
    return Math.sqrt(sum / actual.floats().length);
  }

  @ParameterizedTest
  @CsvSource({
    "sunspots, 287, 11, 33.0187, DIFFERENCE",
    "co2, 2174, 52, 0.5075, DIFFERENCE",
    "elnino, 708, 12, 1.1671, DIFFERENCE",
    "mackey-glass, 2976, 17, 0.1852, DIFFERENCE"
  })
  void bundlesSeries(String id, int rows, int season, double naive, SeriesEncoding.Mode mode) {
    check(id, null, rows, season, naive, mode);
  }

  @ParameterizedTest
  @CsvSource({
    "ett, 17396, 24, 0.6546, DIFFERENCE",
    "seattle-weather, 1447, 365, 3.0651, DIFFERENCE",
    "dow-jones, 510, 0, 1.2531, DIFFERENCE",
    "istanbul-stock, 526, 0, 0.0179, VALUE"
  })
  void readsTheMirror(String id, int rows, int season, double naive, SeriesEncoding.Mode mode) {
    check(id, mirror(), rows, season, naive, mode);
  }

  private static void check(
      String id, Path mirror, int rows, int season, double naive, SeriesEncoding.Mode mode) {
    SeriesDataset raw = (SeriesDataset) Catalog.load(id, mirror);
    Split split = Splits.holdout(raw, 0.1, 0.2, 0);
    Dataset data = raw.prepare(split);
    NaiveForecasts forecasts = raw.naive(split);
    assertThat(data.preprocessing().series().mode()).isEqualTo(mode);
    assertThat(raw.size()).isEqualTo(rows);
    assertThat(forecasts.season()).isEqualTo(season);
    assertThat(rmse(forecasts.last(), forecasts.actual())).isEqualTo(naive, within(5e-5));
  }

  @Test
  void scalesControlChartsAllAlike() {
    RawDataset raw = Catalog.load("control-charts", mirror());
    Dataset data = raw.prepare(Splits.holdout(raw, 0.1, 0.2, 0));
    assertThat(raw.size()).isEqualTo(600);
    assertThat(data.classNames()).startsWith("normal", "cyclic").hasSize(6);
    assertThat(data.train().inputs().exampleShape()).containsExactly(60, 1);
    assertThat(data.preprocessing().columns()).hasSize(1);
    int[] counts = new int[6];
    for (int pattern : data.test().targets().ints()) {
      counts[pattern]++;
    }
    assertThat(counts).containsOnly(20);
    float[] values = data.train().inputs().floats();
    double[] all = new double[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = values[i];
    }
    assertThat(Moments.of(all).mean()).isEqualTo(0, within(1e-6));
    assertThat(Moments.of(all).deviation()).isEqualTo(1, within(1e-6));
  }

  @Test
  void makesTheAddingProblem() {
    RawDataset raw = Catalog.load("adding", null);
    Dataset data = raw.prepare(Splits.holdout(raw, 0.1, 0.2, 0));
    assertThat(data.train().inputs().exampleShape()).containsExactly(100, 2);
    assertThat(raw.size()).isEqualTo(12_000);
    assertThat(data.provenance().origin()).isEqualTo("generated");
    assertThat(Catalog.location(Catalog.entry("adding"), null)).contains("generated");
  }
}

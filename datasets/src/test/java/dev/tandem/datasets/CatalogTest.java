package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogTest {
  @TempDir Path directory;

  private static Dataset everything(String id, Path mirror) {
    RawDataset raw = Catalog.load(id, mirror);
    return raw.prepare(Splits.holdout(raw, 0, 0, 0));
  }

  private static int[] classCounts(Examples examples, int classes) {
    int[] counts = new int[classes];
    Arrays.stream(examples.targets().ints()).forEach(id -> counts[id]++);
    return counts;
  }

  private static Path mirror() {
    String given = System.getenv("TANDEM_MIRROR");
    // Surefire runs in the module's directory, one below the root of the repository.
    Path mirror = Path.of(given != null ? given : "../../shared/data");
    assumeTrue(Files.isDirectory(mirror), "no mirror: set TANDEM_MIRROR");
    return mirror;
  }

  @Test
  void bundlesIris() {
    Dataset data = everything("iris", null);
    assertThat(data.train().inputs()).hasToString("float32 [150,4]");
    assertThat(data.classNames()).containsExactly("setosa", "versicolor", "virginica");
    assertThat(classCounts(data.train(), 3)).containsExactly(50, 50, 50);
    assertThat(data.inputNames()).startsWith("sepal length (cm)").endsWith("petal width (cm)");
    assertThat(data.targetNames()).containsExactly("species");
    assertThat(data.provenance())
        .isEqualTo(
            new Provenance(
                "https://archive.ics.uci.edu/dataset/53/iris",
                "CC BY 4.0",
                "bundled",
                "bundled/iris/iris.csv.gz",
                "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449"));
    assertThat(data.notes()).isEmpty();
  }

  @Test
  void bundlesWine() {
    Dataset data = everything("wine", null);
    assertThat(data.train().inputs()).hasToString("float32 [178,13]");
    assertThat(data.classNames()).containsExactly("cultivar 1", "cultivar 2", "cultivar 3");
    assertThat(classCounts(data.train(), 3)).containsExactly(59, 71, 48);
    assertThat(data.inputNames()).startsWith("alcohol").endsWith("proline");
  }

  @Test
  void bundlesBreastCancer() {
    Dataset data = everything("breast-cancer", null);
    assertThat(data.train().inputs()).hasToString("float32 [569,30]");
    assertThat(data.classNames()).containsExactly("benign", "malignant");
    assertThat(classCounts(data.train(), 2)).containsExactly(357, 212);
    assertThat(data.inputNames())
        .startsWith("mean radius")
        .contains("radius error", "worst concave points")
        .endsWith("worst fractal dimension");
  }

  @Test
  void bundlesDigits() {
    Dataset data = everything("digits", null);
    assertThat(data.train().inputs()).hasToString("float32 [1797,1,8,8]");
    assertThat(data.classNames()).hasSize(10);
    assertThat(classCounts(data.train(), 10))
        .containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
    float[] pixels = ((PixelDataset) Catalog.load("digits", null)).unscaled().inputs().floats();
    assertThat(Arrays.copyOf(pixels, 8))
        .containsExactly(0, 0, 5 / 16f, 13 / 16f, 9 / 16f, 1 / 16f, 0, 0);
    for (float pixel : pixels) {
      assertThat(pixel).isBetween(0f, 1f);
    }
    assertThat(data.notes())
        .containsExactly(
            "channel 'grey': pixels are divided by 16 and standardised, training mean 0.3053,"
                + " deviation 0.3760");
  }

  @Test
  void newDigitsAreScaledAsThoseOfTraining() {
    Dataset data = everything("digits", null);
    int[] digit = {0, 0, 5, 13, 9, 1, 0, 0};
    HostArray raw = HostArray.of(Arrays.copyOf(digit, 64), 1, 8, 8);
    float[] encoded = data.preprocessing().encode("new.npy", raw).floats();
    assertThat(Arrays.copyOf(encoded, 8))
        .containsExactly(Arrays.copyOf(data.train().inputs().floats(), 8));
    digit[0] = 17;
    assertThatThrownBy(
            () ->
                data.preprocessing()
                    .encode("new.npy", HostArray.of(Arrays.copyOf(digit, 64), 1, 8, 8)))
        .isInstanceOf(DataException.class)
        .hasMessage("new.npy has the pixel 17 in row 0 (save pixels from 0 to 16, not scaled)");
  }

  @Test
  void everyEntryIsDescribed() {
    HashSet<String> ids = new HashSet<>();
    for (Catalog.Entry entry : Catalog.entries()) {
      assertThat(ids.add(entry.id())).isTrue();
      assertThat(entry.title()).isNotBlank();
      assertThat(entry.source()).startsWith("https://");
      assertThat(entry.files()).allMatch(file -> file.sha256().matches("[0-9a-f]{64}"));
    }
    assertThat(ids)
        .contains("iris", "wine", "breast-cancer", "digits", "optdigits", "penguins", "airfoil");
  }

  @ParameterizedTest
  @CsvSource({
    "penguins, CLASSIFICATION, 344, 11",
    "airfoil, REGRESSION, 1503, 5",
    "auto-mpg, REGRESSION, 398, 9",
    "wine-quality-red, REGRESSION, 1599, 11",
    "optdigits, CLASSIFICATION, 5620, 64"
  })
  void readsTheMirror(String id, Task task, int rows, int features) {
    Path mirror = mirror();
    RawDataset raw = Catalog.load(id, mirror);
    Split split = Splits.holdout(raw, 0.1, 0.2, 0);
    Dataset data = raw.prepare(split);
    assertThat(data.task()).isEqualTo(task);
    assertThat(raw.size()).isEqualTo(rows);
    assertThat(data.train().size() + data.validation().size() + data.test().size()).isEqualTo(rows);
    assertThat(data.train().inputs().exampleLength()).isEqualTo(features);
    assertThat(data.provenance().origin()).isEqualTo("mirror");
    assertThat(Catalog.location(Catalog.entry(id), mirror)).contains(mirror.resolve(id).toString());
  }

  @Test
  void keepsTheOfficialPartsOfTheMirror() {
    RawDataset raw = Catalog.load("optdigits", mirror());
    Split split = Splits.holdout(raw, 0, 0.2, 0);
    Dataset data = raw.prepare(split);
    assertThat(data.train().inputs()).hasToString("float32 [3823,1,8,8]");
    assertThat(data.test().inputs()).hasToString("float32 [1797,1,8,8]");
    assertThat(data.notes()).contains("the test part is the publisher's, 1797 rows");
    HostArray all = ((PixelDataset) raw).unscaled().inputs();
    assertThat(all.select(split.test()).floats())
        .containsExactly(
            ((PixelDataset) Catalog.load("digits", null)).unscaled().inputs().floats());
  }

  @Test
  void notesWhatTheMirrorsTablesLack() {
    Path mirror = mirror();
    assertThat(everything("penguins", mirror).notes())
        .contains(
            "column 'bill_length_mm': 2 missing values filled with the training median 44.45",
            "column 'sex': 11 missing values are a category of their own");
    Dataset cars = everything("auto-mpg", mirror);
    assertThat(cars.inputNames()).contains("origin=Europe", "origin=Japan", "origin=USA");
    assertThat(cars.notes())
        .containsExactly(
            "column 'car_name' is left out: 305 different texts are more than 50 categories",
            "column 'horsepower': 6 missing values filled with the training median 93.5");
  }

  @Test
  void namesTheSourceOfASetThatIsNowhere() {
    String remedy =
        " (get it from https://archive.ics.uci.edu/dataset/291/airfoil+self+noise, licence CC BY 4.0, and"
            + " set TANDEM_MIRROR=DIR with it at DIR/airfoil/airfoil_self_noise.tsv)";
    assertThatThrownBy(() -> Catalog.load("airfoil", null))
        .isInstanceOf(DataException.class)
        .hasMessage("data set 'airfoil' is not here, TANDEM_MIRROR is not set" + remedy);
    Path looked = directory.resolve("airfoil").resolve("airfoil_self_noise.tsv");
    assertThatThrownBy(() -> Catalog.load("airfoil", directory))
        .isInstanceOf(DataException.class)
        .hasMessage("data set 'airfoil' is not here, not at " + looked + remedy);
    assertThat(Catalog.location(Catalog.entry("airfoil"), directory)).isEmpty();
    assertThat(Catalog.location(Catalog.entry("iris"), null)).isEqualTo(Optional.of("bundled"));
  }

  @Test
  void namesTheNearestId() {
    assertThatThrownBy(() -> Catalog.load("digts", null))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(
            "unknown data set 'digts' (did you mean 'digits'? there are: iris, wine,")
        .hasMessageEndingWith(")");
  }

  @Test
  void refusesBytesThatAreNotThePublishedOnes() throws IOException {
    Path file = Files.createDirectories(directory.resolve("penguins")).resolve("penguins.csv");
    byte[] zeros = new byte[15241];
    Files.write(file, zeros);
    assertThatThrownBy(() -> Catalog.load("penguins", directory))
        .isInstanceOf(DataException.class)
        .hasMessage(
            file
                + " has SHA-256 "
                + DataFiles.sha256(zeros)
                + ", expected f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93 (fetch the"
                + " file again)");
    Files.writeString(file, "species\n", StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Catalog.load("penguins", directory))
        .isInstanceOf(DataException.class)
        .hasMessage(file + " has 8 bytes, expected 15241 (fetch the file again)");
    Files.delete(file);
    Path compressed = file.resolveSibling("penguins.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      out.write(new byte[1 << 20]);
    }
    assertThatThrownBy(() -> Catalog.load("penguins", directory))
        .isInstanceOf(DataException.class)
        .hasMessage(
            compressed + " has more than 15241 bytes, expected 15241 (fetch the file again)");
    Files.write(compressed, List.of("no gzip"));
    assertThatThrownBy(() -> Catalog.load("penguins", directory))
        .isInstanceOf(DataException.class)
        .hasMessage(compressed + " cannot be read: Not in GZIP format (fetch the file again)");
  }
}

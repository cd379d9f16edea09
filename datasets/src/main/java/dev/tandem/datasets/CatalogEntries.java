package dev.tandem.datasets;

import dev.tandem.datasets.Catalog.DataFile;
import dev.tandem.datasets.Catalog.Entry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the catalog holds, and how the files of each entry are read. */
final class CatalogEntries {
  private static final String CC_BY = "CC BY 4.0";
  private static final int DIGIT_SIDE = 8;
  private static final int DIGIT_PIXELS = DIGIT_SIDE * DIGIT_SIDE;
  private static final int DIGIT_WHITE = 16;
  private static final int DIGIT_CLASSES = 10;

  /** A word, or words in quotes, between spaces. */
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static final List<Entry> TABLES =
      List.of(
          new Entry(
              "iris",
              "Iris flowers: the species from four lengths",
              Task.CLASSIFICATION,
              "https://archive.ics.uci.edu/dataset/53/iris",
              CC_BY,
              true,
              List.of(
                  new DataFile(
                      "iris.csv",
                      2734,
                      "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449")),
              (entry, files, provenance) ->
                  labelled(
                      entry,
                      files.get(0),
                      provenance,
                      "species",
                      List.of("setosa", "versicolor", "virginica"),
                      "sepal length (cm)",
                      "sepal width (cm)",
                      "petal length (cm)",
                      "petal width (cm)")),
          new Entry(
              "wine",
              "Italian wines: the cultivar from thirteen chemical measurements",
              Task.CLASSIFICATION,
              "https://archive.ics.uci.edu/dataset/109/wine",
              CC_BY,
              true,
              List.of(
                  new DataFile(
                      "wine_data.csv",
                      11157,
                      "10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede")),
              (entry, files, provenance) ->
                  labelled(
                      entry,
                      files.get(0),
                      provenance,
                      "cultivar",
                      List.of("cultivar 1", "cultivar 2", "cultivar 3"),
                      "alcohol",
                      "malic acid",
                      "ash",
                      "alcalinity of ash",
                      "magnesium",
                      "total phenols",
                      "flavanoids",
                      "nonflavanoid phenols",
                      "proanthocyanins",
                      "color intensity",
                      "hue",
                      "od280/od315 of diluted wines",
                      "proline")),
          new Entry(
              "breast-cancer",
              "Breast cancer Wisconsin (diagnostic): malignant or benign from cell nuclei",
              Task.CLASSIFICATION,
              "https://archive.ics.uci.edu/dataset/17/breast+cancer+wisconsin+diagnostic",
              CC_BY,
              true,
              List.of(
                  new DataFile(
                      "breast_cancer.csv",
                      119913,
                      "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed")),
              (entry, files, provenance) ->
                  labelled(
                      entry,
                      files.get(0),
                      provenance,
                      "diagnosis",
                      List.of("malignant", "benign"),
                      nucleusColumns())),
          new Entry(
              "digits",
              "Handwritten digits, 8x8 pixels (the test part of optdigits)",
              Task.CLASSIFICATION,
              "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
              CC_BY,
              true,
              List.of(
                  new DataFile(
                      "digits.csv",
                      264712,
                      "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8")),
              CatalogEntries::digits),
          new Entry(
              "optdigits",
              "Handwritten digits, 8x8 pixels, with an official test part of other writers",
              Task.CLASSIFICATION,
              "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "optdigits.tra",
                      563639,
                      "e1b683cc211604fe8fd8c4417e6a69f31380e0c61d4af22e93cc21e9257ffedd"),
                  new DataFile(
                      "optdigits.tes",
                      264712,
                      "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8")),
              CatalogEntries::digits),
          new Entry(
              "penguins",
              "Palmer penguins: the species from measurements, with missing values",
              Task.CLASSIFICATION,
              "https://allisonhorst.github.io/palmerpenguins/",
              "CC0 1.0",
              false,
              List.of(
                  new DataFile(
                      "penguins.csv",
                      15241,
                      "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93")),
              (entry, files, provenance) ->
                  tabular(entry, Table.parse("penguins.csv", files.get(0)), "species", provenance)),
          new Entry(
              "airfoil",
              "Airfoil self-noise: the sound pressure from the flow",
              Task.REGRESSION,
              "https://archive.ics.uci.edu/dataset/291/airfoil+self+noise",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "airfoil_self_noise.tsv",
                      58503,
                      "2d7d83523e01c42969bed6fb21b18f08c1569f5f23352c741f615b05447b3560")),
              CatalogEntries::airfoil),
          new Entry(
              "auto-mpg",
              "Cars: miles per gallon from the technical data",
              Task.REGRESSION,
              "https://archive.ics.uci.edu/dataset/9/auto+mpg",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "auto-mpg.data",
                      30387,
                      "dbf9f290b0490f6ab26e036f4b66c81314507e61ab6e68ab38ae98b919d87da9")),
              CatalogEntries::autoMpg),
          new Entry(
              "wine-quality-red",
              "Red wines: the tasters' grade from eleven measurements",
              Task.REGRESSION,
              "https://archive.ics.uci.edu/dataset/186/wine+quality",
              CC_BY,
              false,
              List.of(
                  new DataFile(
                      "winequality-red.csv",
                      84028,
                      "c9614512e980f1cbd221c796daa97f00c4898c3cd1716863abac60f6cd1a522e")),
              CatalogEntries::wineQuality));

  /** Bundled ones first. */
  static final List<Entry> ALL =
      Stream.of(
              TABLES,
              ImageEntries.ALL,
              DetectionEntries.ALL,
              SeriesEntries.ALL,
              TextEntries.ALL,
              LanguageEntries.ALL)
          .flatMap(List::stream)
          .sorted(Comparator.comparing(Entry::bundled).reversed())
          .toList();

  private CatalogEntries() {}

  private static RawDataset tabular(
      Entry entry, Table table, String target, Provenance provenance) {
    return new TabularDataset(entry.id(), table, target, entry.task(), provenance);
  }

  /**
   * scikit-learn's files: a line that counts, then numbers with a class id at the end, which
   * becomes the class name.
   */
  private static RawDataset labelled(
      Entry entry,
      byte[] file,
      Provenance provenance,
      String target,
      List<String> classNames,
      String... inputNames) {
    List<String> columns = new ArrayList<>(List.of(inputNames));
    columns.add(target);
    List<List<String>> cells = new ArrayList<>();
    for (String line : lines(file).subList(1, lines(file).size())) {
      List<String> row = new ArrayList<>(List.of(line.split(",")));
      row.set(row.size() - 1, classNames.get(Integer.parseInt(row.get(row.size() - 1))));
      cells.add(row);
    }
    return tabular(
        entry, Table.of(entry.files().get(0).name(), columns, cells, 2), target, provenance);
  }

  private static String[] nucleusColumns() {
    List<String> measurements =
        List.of(
            "radius",
            "texture",
            "perimeter",
            "area",
            "smoothness",
            "compactness",
            "concavity",
            "concave points",
            "symmetry",
            "fractal dimension");
    return List.of("mean %s", "%s error", "worst %s").stream()
        .flatMap(statistic -> measurements.stream().map(name -> statistic.replace("%s", name)))
        .toArray(String[]::new);
  }

  /** Lines of 64 pixels from 0 to 16 and the digit; a second file is the official test part. */
  private static RawDataset digits(Entry entry, List<byte[]> files, Provenance provenance) {
    List<String> lines = new ArrayList<>();
    files.forEach(file -> lines.addAll(lines(file)));
    byte[] pixels = new byte[lines.size() * DIGIT_PIXELS];
    int[] labels = new int[lines.size()];
    for (int row = 0; row < labels.length; row++) {
      String[] numbers = lines.get(row).split(",");
      for (int pixel = 0; pixel < DIGIT_PIXELS; pixel++) {
        pixels[row * DIGIT_PIXELS + pixel] = Byte.parseByte(numbers[pixel]);
      }
      labels[row] = Integer.parseInt(numbers[DIGIT_PIXELS]);
    }
    int[] officialTest =
        files.size() == 1
            ? null
            : IntStream.range(lines(files.get(0)).size(), labels.length).toArray();
    return new PixelDataset(
        entry.id(),
        pixels,
        new PictureFormat(1, DIGIT_SIDE, DIGIT_SIDE, DIGIT_WHITE),
        labels,
        IntStream.range(0, DIGIT_CLASSES).mapToObj(Integer::toString).toList(),
        officialTest,
        provenance,
        List.of());
  }

  private static RawDataset airfoil(Entry entry, List<byte[]> files, Provenance provenance) {
    List<String> columns =
        List.of(
            "frequency (Hz)",
            "angle of attack (deg)",
            "chord length (m)",
            "free-stream velocity (m/s)",
            "displacement thickness (m)",
            "sound pressure (dB)");
    List<List<String>> cells =
        lines(files.get(0)).stream().skip(1).map(line -> List.of(line.split("\t"))).toList();
    return tabular(
        entry,
        Table.of(entry.files().get(0).name(), columns, cells, 2),
        columns.get(5),
        provenance);
  }

  private static RawDataset wineQuality(Entry entry, List<byte[]> files, Provenance provenance) {
    List<String> columns =
        List.of(
            "fixed acidity",
            "volatile acidity",
            "citric acid",
            "residual sugar",
            "chlorides",
            "free sulfur dioxide",
            "total sulfur dioxide",
            "density",
            "pH",
            "sulphates",
            "alcohol",
            "quality");
    Table table = Table.parse(entry.files().get(0).name(), files.get(0), columns);
    return tabular(entry, table, "quality", provenance);
  }

  /** Words between spaces. The origin is a code, which would not make sense as a number. */
  private static RawDataset autoMpg(Entry entry, List<byte[]> files, Provenance provenance) {
    List<List<String>> rows = lines(files.get(0)).stream().map(CatalogEntries::words).toList();
    int origin = rows.get(0).indexOf("origin");
    Map<String, String> origins = Map.of("1", "USA", "2", "Europe", "3", "Japan");
    List<List<String>> cells = new ArrayList<>();
    for (List<String> words : rows.subList(1, rows.size())) {
      List<String> row = new ArrayList<>(words);
      row.set(origin, origins.get(words.get(origin)));
      cells.add(row);
    }
    Table table = Table.of(entry.files().get(0).name(), rows.get(0), cells, 2);
    return tabular(entry, table, "mpg", provenance);
  }

  private static List<String> words(String line) {
    return WORD.matcher(line)
        .results()
        .map(word -> word.group(1) != null ? word.group(1) : word.group(2))
        .toList();
  }

  private static List<String> lines(byte[] file) {
    return new String(file, StandardCharsets.UTF_8).lines().toList();
  }
}

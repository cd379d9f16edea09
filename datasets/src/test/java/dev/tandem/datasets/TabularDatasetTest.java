package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.datasets.Preprocessing.Column;
import dev.tandem.datasets.Preprocessing.Encoded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TabularDatasetTest {
  private static final Provenance PROVENANCE = new Provenance("", "", "file", "t.csv", "");

  private static final String ANIMALS =
      """
      legs,colour,sex,weight,kind
      4,brown,m,2,cat
      2,white,f,4,bird
      4,black,m,,dog
      4,brown,f,6,cat
      2,,m,100,bird
      4,black,f,7,
      4,white,m,9,dog
      """;

  private static Table table(String text) {
    return Table.parse("t.csv", text.getBytes(StandardCharsets.UTF_8));
  }

  private static TabularDataset raw(String text, String target, Task task) {
    return new TabularDataset("t", table(text), target, task, PROVENANCE);
  }

  private static Split everythingTrains(RawDataset raw) {
    return new Split(IntStream.range(0, raw.size()).toArray(), new int[0], new int[0]);
  }

  private static Dataset prepare(String text, String target) {
    TabularDataset raw = raw(text, target, null);
    return raw.prepare(everythingTrains(raw));
  }

  private static void assertRefused(String text, String target, Task task, String message) {
    assertThatThrownBy(
            () -> {
              TabularDataset raw = raw(text, target, task);
              raw.prepare(everythingTrains(raw));
            })
        .isInstanceOf(DataException.class)
        .hasMessage(message);
  }

  /** A table of x = 0, 1, ... and the given targets. */
  private static String withTargets(List<?> targets) {
    return IntStream.range(0, targets.size())
        .mapToObj(i -> i + "," + targets.get(i))
        .collect(Collectors.joining("\n", "x,y\n", "\n"));
  }

  @Test
  void encodesNumbersAndCategories() {
    TabularDataset raw = raw(ANIMALS, "kind", null);
    Dataset data = raw.prepare(new Split(new int[] {0, 1, 2, 3}, new int[] {4}, new int[] {5}));

    assertThat(raw.size()).isEqualTo(6);
    assertThat(data.task()).isEqualTo(Task.CLASSIFICATION);
    assertThat(data.classNames()).containsExactly("bird", "cat", "dog");
    assertThat(data.targetNames()).containsExactly("kind");
    assertThat(data.inputNames())
        .containsExactly("legs", "colour=black", "colour=brown", "colour=white", "sex=m", "weight");
    assertThat(data.train().targets().ints()).containsExactly(1, 0, 2, 1);
    assertThat(data.train().inputs()).hasToString("float32 [4,6]");
    // legs 4 2 4 4: mean 3.5, deviation 0.866; weight 2 4 (4) 6: median 4, mean 4, deviation 1.414
    assertThat(data.train().inputs().floats())
        .containsExactly(
            new float[] {
              0.57735f, 0, 1, 0, 1, -1.41421f, -1.73205f, 0, 0, 1, 0, 0, 0.57735f, 1, 0, 0, 1, 0,
              0.57735f, 0, 1, 0, 0, 1.41421f
            },
            within(1e-5f));
    assertThat(data.validation().inputs().floats())
        .containsExactly(new float[] {-1.73205f, 0, 0, 0, 1, 67.88225f}, within(1e-4f));
    assertThat(data.test().targets().ints()).containsExactly(2);
    assertThat(data.notes())
        .containsExactly(
            "1 rows without a value of 'kind' are dropped",
            "'kind' holds texts: classification",
            "column 'weight': 1 missing values filled with the training median 4.0",
            "validation part, column 'colour': 1 rows have a category that training never saw and"
                + " become zeros ('(missing)')");
  }

  @Test
  void makesMissingACategoryWhereTrainingHasIt() {
    TabularDataset raw = raw(ANIMALS, "kind", null);
    Dataset data = raw.prepare(everythingTrains(raw));
    assertThat(data.inputNames())
        .contains("colour=(missing)", "colour=black", "colour=brown", "colour=white");
    assertThat(data.notes())
        .contains("column 'colour': 1 missing values are a category of their own");
  }

  @Test
  void learnsFromTheTrainingRowsAlone() {
    Split split = new Split(new int[] {0, 1, 2, 3}, new int[] {4}, new int[] {5});
    Preprocessing before = raw(ANIMALS, "kind", null).prepare(split).preprocessing();
    String changed = ANIMALS.replace("4,white,m,9,dog", "-1000,green,x,1e6,dog");
    assertThat(changed).isNotEqualTo(ANIMALS);
    assertThat(raw(changed, "kind", null).prepare(split).preprocessing()).isEqualTo(before);
    String trained = ANIMALS.replace("4,brown,m,2,cat", "4,brown,m,3,cat");
    assertThat(raw(trained, "kind", null).prepare(split).preprocessing()).isNotEqualTo(before);
  }

  @Test
  void standardisesTheTargetOfARegressionAndGivesItBack() {
    TabularDataset raw = raw("x,y\n1,10.5\n2,20\n3,30\n4,1000\n", "y", null);
    Dataset data = raw.prepare(new Split(new int[] {0, 1, 2}, new int[0], new int[] {3}));
    assertThat(data.task()).isEqualTo(Task.REGRESSION);
    assertThat(data.classNames()).isEmpty();
    assertThat(data.train().targets()).hasToString("float32 [3,1]");
    double mean = 60.5 / 3;
    double deviation = Math.sqrt((10.5 * 10.5 + 400 + 900) / 3 - mean * mean);
    assertThat(data.train().targets().floats()[0])
        .isEqualTo((float) ((10.5 - mean) / deviation), within(1e-5f));
    Preprocessing.Target target = data.preprocessing().target();
    assertThat(target.unscale(data.test().targets()).floats()[0]).isEqualTo(1000, within(1e-3f));
    assertThat(target.unscale(0, 0)).isEqualTo(mean, within(1e-12));
    assertThat(data.notes())
        .containsExactly(
            "'y' has 4 different numbers: regression (--task classification for classes)");
    assertThat(raw.stratifyBy()).isEmpty();
  }

  @Test
  void decidesTheTaskByTheTarget() {
    assertThat(raw(withTargets(List.of("a", "b", "a")), "y", null).task())
        .isEqualTo(Task.CLASSIFICATION);
    assertThat(raw(withTargets(List.of(0, 1, 1)), "y", null).task()).isEqualTo(Task.CLASSIFICATION);
    assertThat(raw(withTargets(List.of(0, 1.5, 1.5)), "y", null).task()).isEqualTo(Task.REGRESSION);
    List<Integer> threeInThirty = IntStream.range(0, 30).mapToObj(i -> i % 3).toList();
    assertThat(raw(withTargets(threeInThirty), "y", null).task()).isEqualTo(Task.CLASSIFICATION);
    assertThat(raw(withTargets(threeInThirty.subList(0, 29)), "y", null).task())
        .isEqualTo(Task.REGRESSION);
    List<Integer> twentyOne = IntStream.range(0, 420).mapToObj(i -> i % 21).toList();
    assertThat(raw(withTargets(twentyOne), "y", null).task()).isEqualTo(Task.REGRESSION);
    assertThat(raw(withTargets(twentyOne), "y", Task.CLASSIFICATION).task())
        .isEqualTo(Task.CLASSIFICATION);
    assertThat(prepare(withTargets(threeInThirty), "y").notes())
        .containsExactly(
            "'y' has 3 different whole numbers: classification (--task regression for numbers)");
  }

  @Test
  void keepsLabelsAsTextInTheirNaturalOrder() {
    assertThat(
            raw(withTargets(List.of("10", "9", "-1", "9", "10")), "y", Task.CLASSIFICATION)
                .prepare(new Split(new int[] {0, 1, 2, 3, 4}, new int[0], new int[0]))
                .classNames())
        .containsExactly("-1", "9", "10");
    assertThat(prepare(withTargets(List.of("ten", "B", "a", "B")), "y").classNames())
        .containsExactly("B", "a", "ten");
  }

  @Test
  void leavesOutWhatIsNoCategoryAndNotesWhatIsConstant() {
    String rows =
        IntStream.range(0, 60)
            .mapToObj(i -> "n" + i % 51 + ",7,same,," + i + "," + (i % 2 == 0 ? "a" : "b"))
            .collect(Collectors.joining("\n"));
    Dataset data = prepare("name,seven,word,nothing,x,y\n" + rows + "\n", "y");
    assertThat(data.inputNames()).containsExactly("seven", "word=same", "x");
    assertThat(data.train().inputs().select(new int[] {5}).floats()[0]).isZero();
    assertThat(data.train().inputs().select(new int[] {5}).floats()[1]).isZero();
    assertThat(data.notes())
        .containsExactly(
            "'y' holds texts: classification",
            "column 'name' is left out: 51 different texts are more than 50 categories",
            "column 'nothing' is left out: it has no values",
            "column 'seven' is constant in the training rows and becomes 0",
            "column 'word' is constant in the training rows and becomes 0");
    String names =
        IntStream.range(0, 20)
            .mapToObj(i -> "n" + i + "," + i + "," + (i % 2 == 0 ? "a" : "b"))
            .collect(Collectors.joining("\n"));
    assertThat(prepare("name,x,y\n" + names + "\n", "y").notes())
        .contains("column 'name' is left out: 20 different texts in 20 rows look like names");
  }

  @Test
  void refusesATextAmongNumbers() {
    assertRefused(
        "x,y\n1,a\n2,b\nabc,a\n4,b\n",
        "y",
        null,
        "t.csv line 4, column 'x': 'abc' is not a number (correct the cell, or leave it empty if the"
            + " value is missing)");
    assertRefused(
        "x,y\n1,a\n2,b\n-inf,a\n4,b\n",
        "y",
        null,
        "t.csv line 4, column 'x': '-inf' is infinite or beyond float32 (correct the cell, or leave it"
            + " empty if the value is missing)");
    assertRefused(
        "x,y\n1,a\n2,b\n1e39,a\n",
        "y",
        null,
        "t.csv line 4, column 'x': '1e39' is infinite or beyond float32 (correct the cell, or leave it"
            + " empty if the value is missing)");
    assertRefused(
        "x,y\n1,1\n2,2\n3,lots\n",
        "y",
        null,
        "t.csv line 4, column 'y': 'lots' is not a number (correct the cell, or give --task"
            + " classification if the column holds class names)");
    assertRefused(
        withTargets(List.of("a", "b", "a")),
        "y",
        Task.REGRESSION,
        "t.csv line 2, column 'y': 'a' is not a number (correct the cell, or give --task"
            + " classification if the column holds class names)");
  }

  @Test
  void refusesATargetThatCannotBeLearned() {
    assertRefused(
        "x,y\n1,a\n2,b\n",
        "z",
        null,
        "t.csv: unknown column 'z' (did you mean 'x'? there are: x, y)");
    assertRefused(
        withTargets(List.of("a", "a")),
        "y",
        null,
        "t.csv: target column 'y' has only one value, 'a': nothing can be learned (choose another"
            + " --target)");
    assertRefused(
        withTargets(List.of("3.5", "3.5")),
        "y",
        Task.REGRESSION,
        "t.csv: target column 'y' has only one value, '3.5': nothing can be learned (choose another"
            + " --target)");
    assertRefused(
        withTargets(List.of("", "NA")),
        "y",
        null,
        "t.csv: target column 'y' has no value (choose another --target)");
    assertRefused(
        withTargets(List.of("a", "b", "c")),
        "y",
        null,
        "t.csv: target column 'y' has 3 classes in 3 rows, none of them twice (choose another"
            + " --target, or --task regression)");
    assertRefused(
        "y\na\nb\na\n",
        "y",
        null,
        "t.csv has no column to predict 'y' from (add one with numbers or categories)");
  }

  @Test
  void notesAClassOfOneRow() {
    assertThat(prepare(withTargets(List.of("a", "b", "a")), "y").notes())
        .contains("class 'b' has a single row, which stays in the training part");
  }

  @Test
  void encodesNewDataByColumnName() {
    Preprocessing preprocessing =
        prepare("x,colour,y\n1,red,a\n3,blue,b\n2,red,a\n", "y").preprocessing();
    Encoded encoded = preprocessing.encode(table("colour,more,x\nblue,1,2\ngreen,1,\n"));
    assertThat(encoded.inputs()).hasToString("float32 [2,2]");
    // Two categories are one input, 0 for the first, blue; the median of x is its mean.
    assertThat(encoded.inputs().floats()).containsExactly(0, 0, 0, 0);
    assertThat(encoded.notes())
        .containsExactly(
            "column 'colour': 1 rows have a category that training never saw and become zeros"
                + " ('green')");
    assertThat(preprocessing.encode(table("x,colour\n3,red\n")).inputs().floats())
        .containsExactly(new float[] {1.2247449f, 1}, within(1e-6f));
    assertThat(preprocessing.encodeTargets(table("y,x\nb,1\na,1\n")).ints()).containsExactly(1, 0);
  }

  @Test
  void refusesNewDataThatDoesNotFit() {
    Preprocessing preprocessing =
        prepare("x,colour,y\n1,red,a\n3,blue,b\n2,red,a\n", "y").preprocessing();
    assertThatThrownBy(() -> preprocessing.encode(table("x,color\n1,red\n")))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "t.csv has no column 'colour', which training had (add it, or rename 'color'; there are: x, color)");
    assertThatThrownBy(() -> preprocessing.encodeTargets(table("x,y\n1,a\n2,C\n")))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "t.csv line 3, column 'y': 'C' is none of the classes (did you mean 'a'? there are: a, b)");
    assertThatThrownBy(() -> preprocessing.encodeTargets(table("x,y\n1,a\n2,\n")))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "t.csv line 3, column 'y': '' is missing, but it is the target (fill it, or remove the row)");
    assertThatThrownBy(() -> preprocessing.encode("x.npy", HostArray.of(new float[2], 1, 2)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "x.npy is an array, but training was on a table (give a .csv file with its columns)");
  }

  @Test
  void fillsAColumnThatTrainingNeverSaw() {
    TabularDataset raw = raw("x,z,y\n1,,a\n2,,b\n3,5,a\n", "y", null);
    Dataset data = raw.prepare(new Split(new int[] {0, 1}, new int[0], new int[] {2}));
    Column column = data.preprocessing().columns().get(1);
    assertThat(column).isEqualTo(new Column("z", Preprocessing.Kind.NUMERIC, 0, 0, 0, List.of()));
    assertThat(data.test().inputs().floats()[1]).isZero();
    assertThat(data.notes())
        .containsExactly(
            "'y' holds texts: classification",
            "class 'b' has a single row, which stays in the training part",
            "column 'z' has no value in the training rows and becomes 0");
  }

  @Test
  void readsAFileWithItsProvenance(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("animals.csv"), ANIMALS);
    TabularDataset raw = TabularDataset.read(file, "kind", null);
    Provenance provenance = raw.prepare(everythingTrains(raw)).provenance();
    assertThat(raw.name()).isEqualTo("animals.csv");
    assertThat(provenance.origin()).isEqualTo("file");
    assertThat(provenance.path()).isEqualTo(file.toString());
    assertThat(provenance.sha256())
        .isEqualTo(DataFiles.sha256(ANIMALS.getBytes(StandardCharsets.UTF_8)));
  }
}

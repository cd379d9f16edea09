package dev.tandem.models.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
  private final ConfusionMatrix matrix = new ConfusionMatrix(List.of("cat", "dog", "eel", "fox"));

  @Test
  void withoutExamplesMetricsAreAbsent() {
    assertThat(matrix.metrics()).isEmpty();
    assertThat(matrix.notes()).containsExactly("no examples: there are no metrics");
    assertThatThrownBy(matrix::accuracy)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no examples were counted");
    assertThat(ClassificationTables.scores(matrix)).doesNotContain("NaN", "macro");
  }

  @Test
  void zeroDenominatorsAreNoted() {
    matrix.add(0, 0);
    matrix.add(1, 0);
    matrix.add(0, 2);
    assertThat(matrix.notes())
        .containsExactly(
            "never predicted, precision counts as 0: dog",
            "predicted but without examples, recall counts as 0: eel",
            "neither present nor predicted, left out of averages: fox");
  }

  @Test
  void nothingIsNotedWhenEveryScoreIsDefined() {
    IntStream.range(0, 4).forEach(index -> matrix.add(index, 3 - index));
    assertThat(matrix.notes()).isEmpty();
    assertThat(matrix.accuracy()).isZero();
  }

  @Test
  void notesStayShortWithManyClasses() {
    ConfusionMatrix wide = numbered(30);
    wide.add(0, 0);
    assertThat(wide.notes())
        .containsExactly(
            "neither present nor predicted, left out of averages: "
                + "class 1, class 2, class 3, class 4, class 5 and 24 more");
  }

  @Test
  void refusesClassesItDoesNotHave() {
    assertThatThrownBy(() -> matrix.add(0, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("predicted class 4 is not one of 0 to 3");
    assertThatThrownBy(() -> matrix.add(-1, 0)).hasMessage("actual class -1 is not one of 0 to 3");
    assertThatThrownBy(() -> matrix.scores(4)).hasMessage("actual class 4 is not one of 0 to 3");
    assertThatThrownBy(() -> new ConfusionMatrix(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(matrix.total()).isZero();
  }

  @Test
  void tablesReadWell() {
    ConfusionMatrix pets = new ConfusionMatrix(List.of("cat", "dog"));
    IntStream.range(0, 12).forEach(example -> pets.add(0, 0));
    pets.add(0, 1);
    pets.add(1, 1);
    assertThat(ClassificationTables.counts(pets, 80))
        .isEqualTo(
            """
            actual \\ predicted   0  1
            0 cat               12  1
            1 dog                .  1
            """);
    assertThat(ClassificationTables.scores(pets))
        .isEqualTo(
            """
                      precision     recall         f1    support
            cat          1.0000     0.9231     0.9600         13
            dog          0.5000     1.0000     0.6667          1

            macro        0.7500     0.9615     0.8133         14
            micro        0.9286     0.9286     0.9286         14
            weighted     0.9643     0.9286     0.9390         14
            """);
  }

  @Test
  void countsFoldIntoTheWidthOfTheTerminal() {
    ConfusionMatrix wide = numbered(30);
    wide.add(29, 28);
    String table = ClassificationTables.counts(wide, 80);
    assertThat(table.lines()).allMatch(line -> line.length() <= 80);
    assertThat(table.lines().filter(line -> line.contains("class 29"))).hasSize(2);
    assertThat(ClassificationTables.counts(wide, 0).lines()).hasSize(30 * 32 - 1);
  }

  @Test
  void namesAreCutAndCannotSteerTheTerminal() {
    ConfusionMatrix hostile =
        new ConfusionMatrix(List.of("x".repeat(300), "red\u001b[31m\nnext line"));
    String table = ClassificationTables.counts(hostile, 80) + ClassificationTables.scores(hostile);
    assertThat(table.lines()).allMatch(line -> line.length() <= 80);
    assertThat(table).contains("x".repeat(23) + "…").contains("red?[31m?next line");
  }

  private static ConfusionMatrix numbered(int classes) {
    return new ConfusionMatrix(
        IntStream.range(0, classes).mapToObj(index -> "class " + index).toList());
  }
}

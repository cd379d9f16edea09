package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitsTest {
  /** Rows without contents. */
  private record Rows(int size, int[] classes, int[] test) implements RawDataset {
    static Rows plain(int size) {
      return new Rows(size, null, null);
    }

    static Rows classes(int... classes) {
      return new Rows(classes.length, classes, null);
    }

    @Override
    public String name() {
      return "rows";
    }

    @Override
    public Task task() {
      return classes == null ? Task.REGRESSION : Task.CLASSIFICATION;
    }

    @Override
    public Optional<int[]> stratifyBy() {
      return Optional.ofNullable(classes);
    }

    @Override
    public Optional<int[]> officialTest() {
      return Optional.ofNullable(test);
    }

    @Override
    public Dataset prepare(Split split) {
      throw new AssertionError("splitting needs no contents");
    }
  }

  private static int[] repeat(int... counts) {
    return IntStream.range(0, counts.length)
        .flatMap(c -> IntStream.generate(() -> c).limit(counts[c]))
        .toArray();
  }

  private static int[] counts(int[] rows, int[] classes) {
    int[] counts = new int[Arrays.stream(classes).max().orElseThrow() + 1];
    Arrays.stream(rows).forEach(row -> counts[classes[row]]++);
    return counts;
  }

  private static void assertPartition(Split split, int size) {
    for (int[] part : List.of(split.train(), split.validation(), split.test())) {
      assertThat(part).isSorted();
    }
    int[] all =
        IntStream.concat(
                IntStream.concat(Arrays.stream(split.train()), Arrays.stream(split.validation())),
                Arrays.stream(split.test()))
            .sorted()
            .toArray();
    assertThat(all).containsExactly(IntStream.range(0, size).toArray());
    assertThat(split.train()).isNotEmpty();
  }

  @Test
  void takesTheSharesThatWereAsked() {
    Split split = Splits.holdout(Rows.plain(1000), 0.1, 0.2, 1);
    assertPartition(split, 1000);
    assertThat(split.test()).hasSize(200);
    assertThat(split.validation()).hasSize(80);
    assertThat(Splits.holdout(Rows.plain(3), 0.1, 0.1, 1).train()).hasSize(1);
  }

  @Test
  void trainsOnEverythingInOrderWhenNothingIsSetAside() {
    Split split = Splits.holdout(Rows.classes(1, 0, 1, 0), 0, 0, 5);
    assertThat(split.train()).containsExactly(0, 1, 2, 3);
    assertThat(split.validation()).isEmpty();
    assertThat(split.test()).isEmpty();
    assertThat(Splits.holdout(Rows.classes(0), 0, 0, 5).train()).containsExactly(0);
  }

  @Test
  void theSeedAloneDecides() {
    Rows rows = Rows.plain(12);
    assertThat(Splits.holdout(rows, 0.1, 0.25, 7).test())
        .containsExactly(Splits.holdout(rows, 0.1, 0.25, 7).test());
    assertThat(Splits.holdout(Rows.plain(100), 0.1, 0.2, 7).test())
        .isNotEqualTo(Splits.holdout(Rows.plain(100), 0.1, 0.2, 8).test());
    // Written down so that a change of the algorithm, which would change every published result, is
    // seen.
    assertThat(Splits.holdout(rows, 0.1, 0.25, 7).test()).containsExactly(3, 8, 9);
  }

  @Test
  void givesEveryPartItsShareOfEveryClass() {
    Rows rows = Rows.classes(repeat(50, 50, 50));
    Split split = Splits.holdout(rows, 0.1, 0.2, 3);
    assertPartition(split, 150);
    assertThat(counts(split.test(), rows.classes())).containsExactly(10, 10, 10);
    assertThat(counts(split.validation(), rows.classes())).containsExactly(4, 4, 4);
  }

  @Test
  void servesRareClassesWhereItCan() {
    Rows rows = Rows.classes(repeat(90, 3, 2, 1));
    Split split = Splits.holdout(rows, 0.1, 0.2, 3);
    assertPartition(split, 96);
    assertThat(counts(split.test(), rows.classes())).containsExactly(17, 1, 1, 0);
    assertThat(counts(split.validation(), rows.classes())).startsWith(7, 1);
    assertThat(counts(split.train(), rows.classes())).containsExactly(66, 1, 1, 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void holdsForAnyClassesAndFractions(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    for (int trial = 0; trial < 50; trial++) {
      int size = 4 + random.nextInt(200);
      int classCount = 1 + random.nextInt(6);
      int[] classes = random.ints(size, 0, classCount).toArray();
      double validation = random.nextDouble(0.5);
      double test = random.nextDouble(0.5);
      Split split = Splits.holdout(Rows.classes(classes), validation, test, seed);
      assertPartition(split, size);
      int[] all = counts(IntStream.range(0, size).toArray(), classes);
      int[] tested = counts(split.test(), classes);
      int[] trained = counts(split.train(), classes);
      boolean roomForAll = split.test().length >= classCount;
      for (int c = 0; c < tested.length && c < all.length; c++) {
        if (all[c] >= 2 && roomForAll) {
          assertThat(tested[c]).isPositive();
        }
      }
      for (int c = 0; c < all.length; c++) {
        if (all[c] > 0) {
          assertThat(trained).hasSizeGreaterThan(c);
          assertThat(trained[c]).isPositive();
        }
      }
    }
  }

  @Test
  void keepsTheOfficialTestPart() {
    Rows rows = new Rows(10, null, new int[] {9, 0});
    Split split = Splits.holdout(rows, 0.25, 0.2, 3);
    assertPartition(split, 10);
    assertThat(split.test()).containsExactly(0, 9);
    assertThat(split.validation()).hasSize(2);
    for (Split fold : Splits.kFold(rows, 4, 0, 3)) {
      assertThat(fold.test()).hasSize(2).doesNotContain(0, 9);
      assertThat(fold.train()).hasSize(6).doesNotContain(0, 9);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 23})
  void testsEveryRowInOneFold(int k) {
    Rows rows = Rows.classes(repeat(11, 7, 5));
    List<Split> splits = Splits.kFold(rows, k, 0.1, 3);
    assertThat(splits).hasSize(k);
    splits.forEach(split -> assertPartition(split, 23));
    assertThat(splits.stream().flatMapToInt(split -> Arrays.stream(split.test())).sorted())
        .containsExactlyElementsOf(IntStream.range(0, 23).boxed().toList());
    for (Split split : splits) {
      assertThat(split.test().length).isBetween(23 / k, 23 / k + 1);
      int[] tested = Arrays.copyOf(counts(split.test(), rows.classes()), 3);
      assertThat(tested[0]).isBetween(11 / k, 11 / k + 1);
      assertThat(tested[1]).isBetween(7 / k, 7 / k + 1);
      assertThat(tested[2]).isBetween(5 / k, 5 / k + 1);
    }
  }

  @Test
  void refusesWhatLeavesNothingToTrainOn() {
    assertRefused(
        () -> Splits.holdout(Rows.plain(10), -0.1, 0.2, 1),
        "validation fraction -0.1 is out of range (choose 0 to below 1)");
    assertRefused(
        () -> Splits.holdout(Rows.plain(10), 0.1, 1, 1),
        "test fraction 1.0 is out of range (choose 0 to below 1)");
    assertRefused(
        () -> Splits.holdout(Rows.plain(10), 0.1, Double.NaN, 1),
        "test fraction NaN is out of range (choose 0 to below 1)");
    assertRefused(
        () -> Splits.holdout(Rows.plain(10), 0.1, 0.99, 1),
        "rows: a test fraction of 0.99 takes all of 10 rows and leaves none to train on (choose a smaller --test-split, or 0)");
    assertRefused(
        () -> Splits.holdout(Rows.plain(2), 0.1, 0.2, 1),
        "rows: a validation fraction of 0.1 takes all of 1 rows and leaves none to train on (choose a smaller --validation-split, or 0)");
    assertRefused(
        () -> Splits.holdout(new Rows(2, null, new int[] {0, 1}), 0.1, 0.2, 1),
        "no row of rows is left to train on, 2 are for testing (make the test part smaller)");
    assertRefused(
        () -> Splits.kFold(Rows.plain(10), 1, 0.1, 1),
        "1 folds of 10 rows are not possible (choose 2 to 10)");
    assertRefused(
        () -> Splits.kFold(Rows.plain(10), 11, 0.1, 1),
        "11 folds of 10 rows are not possible (choose 2 to 10)");
  }

  private static void assertRefused(Runnable splitting, String message) {
    assertThatThrownBy(splitting::run).isInstanceOf(DataException.class).hasMessage(message);
  }
}

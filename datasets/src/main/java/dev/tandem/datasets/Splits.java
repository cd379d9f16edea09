package dev.tandem.datasets;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * Divides the rows of a data set into training, validation and test parts. Where there are classes,
 * each part gets its share of each of them. The seed alone decides: the generator is
 * L64X128MixRandom (Steele and Vigna, "LXM", 2021), so the same seed gives the same parts on every
 * machine. Where rows have a time, nothing is drawn: the last rows are for testing, those before
 * them for validation.
 */
public final class Splits {
  public static final double DEFAULT_TEST_FRACTION = 0.2;
  public static final double DEFAULT_VALIDATION_FRACTION = 0.1;

  private Splits() {}

  /**
   * One split. A fraction above 0 takes at least one row; the nearest number of rows otherwise.
   * Classes are served by largest remainder, but each class with two rows or more is in every part
   * as long as the rows suffice, training first.
   *
   * @param validationFraction of the rows that are not for testing, 0 to below 1
   * @param testFraction 0 to below 1; an official test part takes its place
   * @throws DataException if a fraction is out of range, or nothing would be left to train on
   */
  public static Split holdout(
      RawDataset raw, double validationFraction, double testFraction, long seed) {
    requireFraction("validation", validationFraction);
    requireFraction("test", testFraction);
    if (raw.times().isPresent()) {
      return inTime(raw, raw.times().get(), validationFraction, testFraction);
    }
    int[] shuffled = shuffled(raw, seed);
    int[] test = raw.officialTest().orElseGet(() -> take(raw, shuffled, testFraction, "test"));
    return withValidation(raw, without(shuffled, test), test, validationFraction);
  }

  /**
   * The splits of k-fold cross-validation: each row is in exactly one test part, and the parts
   * differ by at most one row. An official test part stays out of all of them.
   *
   * @param validationFraction of the rows that are not for testing, 0 to below 1
   * @throws DataException if rows have a time, k is below 2 or above the number of rows, the
   *     fraction is out of range, or nothing would be left to train on
   */
  public static List<Split> kFold(RawDataset raw, int k, double validationFraction, long seed) {
    requireFraction("validation", validationFraction);
    if (raw.times().isPresent()) {
      throw new DataException(
          raw.name()
              + " is in the order of time, and folds would train on what comes after their test part"
              + " (leave --k-fold out; --test-split takes the end)");
    }
    int[] shuffled = without(shuffled(raw, seed), raw.officialTest().orElse(new int[0]));
    if (k < 2 || k > shuffled.length) {
      throw DataException.of(
          "%d folds of %d rows are not possible (choose 2 to %d)",
          k, shuffled.length, shuffled.length);
    }
    // Dealing out the rows class by class gives every fold its share, whatever the number of rows.
    Optional<int[]> classes = raw.stratifyBy();
    int[] dealt =
        classes.isEmpty()
            ? shuffled
            : Arrays.stream(shuffled)
                .boxed()
                .sorted(Comparator.comparingInt(row -> classes.get()[row]))
                .mapToInt(Integer::intValue)
                .toArray();
    List<Split> splits = new ArrayList<>();
    for (int fold = 0; fold < k; fold++) {
      int thisFold = fold;
      int[] test =
          IntStream.range(0, dealt.length)
              .filter(i -> i % k == thisFold)
              .map(i -> dealt[i])
              .toArray();
      splits.add(withValidation(raw, without(shuffled, test), test, validationFraction));
    }
    return splits;
  }

  private static Split withValidation(
      RawDataset raw, int[] pool, int[] test, double validationFraction) {
    int[] validation = take(raw, pool, validationFraction, "validation");
    int[] train = without(pool, validation);
    if (train.length == 0) {
      throw DataException.of(
          "no row of %s is left to train on, %d are for testing (make the test part smaller)",
          raw.name(), test.length);
    }
    return new Split(sorted(train), sorted(validation), sorted(test));
  }

  private static Split inTime(
      RawDataset raw, int[] times, double validationFraction, double testFraction) {
    int[] rows =
        IntStream.range(0, raw.size())
            .boxed()
            .sorted(Comparator.comparingInt(row -> times[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    int testFrom = cut(raw, rows, times, testFraction, "test");
    int[] before = Arrays.copyOf(rows, testFrom);
    int validationFrom = cut(raw, before, times, validationFraction, "validation");
    return new Split(
        sorted(Arrays.copyOf(before, validationFrom)),
        sorted(Arrays.copyOfRange(before, validationFrom, testFrom)),
        sorted(Arrays.copyOfRange(rows, testFrom, rows.length)));
  }

  /** Where the last rows begin that make up a fraction, and the rows of the first one's time. */
  private static int cut(RawDataset raw, int[] rows, int[] times, double fraction, String part) {
    if (fraction == 0) {
      return rows.length;
    }
    int cut = rows.length - count(fraction, rows.length);
    while (cut > 0 && times[rows[cut]] == times[rows[cut - 1]]) {
      cut--;
    }
    if (cut <= 0) {
      throw takesAll(raw, fraction, rows.length, part);
    }
    return cut;
  }

  private static int count(double fraction, int rows) {
    return (int) Math.max(1, Math.round(fraction * rows));
  }

  private static DataException takesAll(RawDataset raw, double fraction, int rows, String part) {
    return DataException.of(
        "%s: a %s fraction of %s takes all of %d rows and leaves none to train on (choose a smaller"
            + " --%s-split, or 0)",
        raw.name(), part, fraction, rows, part);
  }

  private static void requireFraction(String part, double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new DataException(
          part + " fraction " + fraction + " is out of range (choose 0 to below 1)");
    }
  }

  private static int[] shuffled(RawDataset raw, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int[] rows = IntStream.range(0, raw.size()).toArray();
    for (int i = rows.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int row = rows[i];
      rows[i] = rows[j];
      rows[j] = row;
    }
    return rows;
  }

  /** The rows of a part, taken from a shuffled pool. */
  private static int[] take(RawDataset raw, int[] pool, double fraction, String part) {
    if (fraction == 0 || pool.length == 0) {
      return new int[0];
    }
    int count = count(fraction, pool.length);
    if (count >= pool.length) {
      throw takesAll(raw, fraction, pool.length, part);
    }
    Optional<int[]> classes = raw.stratifyBy();
    if (classes.isEmpty()) {
      return Arrays.copyOf(pool, count);
    }
    int[] quotas = quotas(pool, classes.get(), count);
    return Arrays.stream(pool).filter(row -> quotas[classes.get()[row]]-- > 0).toArray();
  }

  /** How many rows of each class to take, by largest remainder. */
  private static int[] quotas(int[] pool, int[] classes, int count) {
    int classCount = Arrays.stream(pool).map(row -> classes[row]).max().orElseThrow() + 1;
    int[] available = new int[classCount];
    for (int row : pool) {
      available[classes[row]]++;
    }
    double[] shares = new double[classCount];
    int[] quotas = new int[classCount];
    for (int c = 0; c < classCount; c++) {
      shares[c] = (double) count * available[c] / pool.length;
      // One row of each class stays for training.
      quotas[c] = Math.max(0, Math.min((int) shares[c], available[c] - 1));
    }
    int missing = count - Arrays.stream(quotas).sum();
    while (missing > 0) {
      int neediest = neediest(shares, quotas, available);
      if (neediest < 0) {
        break;
      }
      quotas[neediest]++;
      missing--;
    }
    representAll(quotas, available);
    return quotas;
  }

  private static int neediest(double[] shares, int[] quotas, int[] available) {
    int neediest = -1;
    for (int c = 0; c < quotas.length; c++) {
      boolean free = quotas[c] < available[c] - 1;
      if (free && (neediest < 0 || shares[c] - quotas[c] > shares[neediest] - quotas[neediest])) {
        neediest = c;
      }
    }
    return neediest;
  }

  /**
   * Gives a class that can spare a row but got no place one of the class that has the most places.
   */
  private static void representAll(int[] quotas, int[] available) {
    for (int c = 0; c < quotas.length; c++) {
      if (quotas[c] > 0 || available[c] < 2) {
        continue;
      }
      int richest = 0;
      for (int other = 1; other < quotas.length; other++) {
        richest = quotas[other] > quotas[richest] ? other : richest;
      }
      if (quotas[richest] > 1) {
        quotas[richest]--;
        quotas[c]++;
      }
    }
  }

  private static int[] without(int[] rows, int[] excluded) {
    int[] sorted = sorted(excluded);
    return Arrays.stream(rows).filter(row -> Arrays.binarySearch(sorted, row) < 0).toArray();
  }

  private static int[] sorted(int[] rows) {
    int[] sorted = rows.clone();
    Arrays.sort(sorted);
    return sorted;
  }
}

package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BucketsTest {
  private static HostArray sequences(int... lengths) {
    int[] starts = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      starts[i + 1] = starts[i] + lengths[i];
    }
    return HostArray.ragged(new int[starts[lengths.length]], starts, 0);
  }

  private static double padding(int[] lengths, int[] buckets) {
    long padded = 0;
    for (int length : lengths) {
      padded += Arrays.stream(buckets).filter(bucket -> bucket >= length).min().orElseThrow();
    }
    return 1 - (double) Arrays.stream(lengths).sum() / padded;
  }

  @Test
  void findsTheBestLengths() {
    // One bucket pads 23 steps of 70; two, at 4 and 10, pad 5 of 52.
    Buckets buckets = Buckets.of(sequences(10, 10, 9, 8, 4, 4, 2));
    assertThat(buckets.steps()).containsExactly(4, 10);
    assertThat(buckets.paddingFraction()).isEqualTo(5.0 / 52, within(1e-12));
    assertThat(Buckets.of(sequences(7, 7)).steps()).containsExactly(7);
    assertThat(Buckets.of(sequences(7, 7)).paddingFraction()).isZero();
    assertThat(Buckets.of(HostArray.of(new float[12], 2, 3, 2)).steps()).containsExactly(3);
    assertThatThrownBy(() -> Buckets.of(sequences()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no sequences to put into buckets");
  }

  @Test
  void noOtherLengthsPadLess() {
    RandomGenerator random = Generators.random(5);
    for (int trial = 0; trial < 20; trial++) {
      int[] lengths = IntStream.range(0, 15).map(i -> 1 + random.nextInt(12)).toArray();
      Buckets buckets = Buckets.of(sequences(lengths));
      assertThat(padding(lengths, buckets.steps()))
          .isEqualTo(buckets.paddingFraction(), within(1e-12));
      assertThat(buckets.paddingFraction()).isLessThan(Buckets.ENOUGH);
      int longest = Arrays.stream(lengths).max().orElseThrow();
      // All choices of as many lengths, as the bits of a number.
      for (int choice = 0; choice < 1 << (longest - 1); choice++) {
        if (Integer.bitCount(choice) == buckets.steps().length - 1) {
          int bits = choice;
          int[] others =
              IntStream.rangeClosed(1, longest)
                  .filter(length -> length == longest || (bits >> (length - 1) & 1) == 1)
                  .toArray();
          assertThat(padding(lengths, others))
              .isGreaterThanOrEqualTo(buckets.paddingFraction() - 1e-12);
        }
      }
    }
  }

  @Test
  void manyLengthsStillFitIntoTwelve() {
    RandomGenerator random = Generators.random(6);
    int[] lengths =
        IntStream.range(0, 20_000)
            .map(i -> 1 + (int) Math.min(4_999, Math.exp(6 + 0.5 * random.nextGaussian())))
            .toArray();
    Buckets buckets = Buckets.of(sequences(lengths));
    assertThat(buckets.steps().length).isLessThanOrEqualTo(Buckets.MOST);
    assertThat(buckets.paddingFraction()).isLessThan(Buckets.ENOUGH);
    assertThat(padding(lengths, buckets.steps()))
        .isEqualTo(buckets.paddingFraction(), within(1e-12));
  }

  @Test
  void batchesUseEveryExampleOnce() {
    RandomGenerator random = Generators.random(7);
    int[] lengths = IntStream.range(0, 500).map(i -> 1 + random.nextInt(60)).toArray();
    HostArray sequences = sequences(lengths);
    Buckets buckets = Buckets.of(sequences);
    int[] order = IntStream.range(0, 500).map(i -> i * 37 % 500).toArray();
    Buckets.Batches batches = buckets.batches(sequences, order, 16);
    int[] used = batches.order().clone();
    Arrays.sort(used);
    assertThat(used).containsExactly(IntStream.range(0, 500).toArray());
    int at = 0;
    Map<Integer, Integer> small = new HashMap<>();
    for (Buckets.Batch batch : batches.batches()) {
      assertThat(batch.from()).isEqualTo(at);
      for (int i = at; i < at + batch.count(); i++) {
        int length = lengths[batches.order()[i]];
        assertThat(length).isLessThanOrEqualTo(batch.steps());
        assertThat(Arrays.stream(buckets.steps()).filter(steps -> steps >= length).min())
            .hasValue(batch.steps());
      }
      if (batch.count() < 16) {
        small.merge(batch.steps(), 1, Integer::sum);
      }
      at += batch.count();
    }
    assertThat(at).isEqualTo(500);
    assertThat(small.values()).allMatch(count -> count == 1);
    assertThat(buckets.batches(sequences, order, 16).order()).containsExactly(batches.order());
    assertThatThrownBy(() -> buckets.batches(sequences(61), new int[] {0}, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a sequence of 61 steps is longer than the longest bucket, 60");
  }

  @Test
  void aSortedOrderStaysInOrderWithinABucket() {
    HostArray sequences = sequences(1, 9, 1, 9, 1);
    Buckets.Batches batches =
        Buckets.of(sequences).batches(sequences, new int[] {0, 1, 2, 3, 4}, 2);
    assertThat(batches.order()).containsExactly(0, 2, 1, 3, 4);
    assertThat(batches.batches())
        .isEqualTo(
            List.of(
                new Buckets.Batch(0, 2, 1),
                new Buckets.Batch(2, 2, 9),
                new Buckets.Batch(4, 1, 1)));
  }
}

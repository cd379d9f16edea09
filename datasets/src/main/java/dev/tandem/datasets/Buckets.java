package dev.tandem.datasets;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * A few lengths to which sequences are padded, so that a network is planned for these alone and
 * still spends little on padding.
 *
 * <p>The lengths are the best there are: for each number of buckets, dynamic programming over the
 * histogram of lengths finds those with the least padding, {@code cost(b, j) = min over i < j of
 * cost(b-1, i) + padding of lengths i+1..j to the length j}. The smallest number is taken that
 * keeps padding under a tenth of all steps, or 12, where lengths differ too much for that. With
 * more than 1,000 different lengths, these are rounded up first.
 */
public final class Buckets {
  public static final int MOST = 12;
  public static final double ENOUGH = 0.1;

  private static final int MOST_LENGTHS = 1_000;

  private final int[] steps;
  private final double paddingFraction;

  /**
   * A batch of examples that are padded to one length.
   *
   * @param from its first place in {@link Batches#order}
   * @param count the number of its examples
   * @param steps the length to which they are padded
   */
  public record Batch(int from, int count, int steps) {}

  /**
   * A division of examples into batches.
   *
   * @param order the examples, those of a batch one after the other
   * @param batches in the order in which they are to be used
   */
  public record Batches(int[] order, List<Batch> batches) {}

  private Buckets(int[] steps, double paddingFraction) {
    this.steps = steps;
    this.paddingFraction = paddingFraction;
  }

  /**
   * Buckets for the sequences of one or several parts.
   *
   * @param parts ragged {@code [N,T]} or {@code [N,T,F]}; arrays that are not ragged are one bucket
   * @throws IllegalArgumentException without a sequence
   */
  public static Buckets of(HostArray... parts) {
    TreeMap<Integer, Integer> histogram = new TreeMap<>();
    for (HostArray part : parts) {
      for (int example = 0; example < part.size(); example++) {
        histogram.merge(part.steps(example), 1, Integer::sum);
      }
    }
    if (histogram.isEmpty()) {
      throw new IllegalArgumentException("no sequences to put into buckets");
    }
    return new Choice(histogram).best();
  }

  /** The padded lengths, ascending; the last holds the longest sequence. */
  public int[] steps() {
    return steps.clone();
  }

  /** Padding as a part of all steps, if each sequence is padded to its bucket. */
  public double paddingFraction() {
    return paddingFraction;
  }

  /**
   * Groups examples into batches of one bucket each. Every example is used once. The batches follow
   * each other as their first examples do in the given order: shuffling that shuffles them too, and
   * the same order gives the same batches.
   *
   * @param sequences what the order counts
   * @param order examples, each at most once
   * @param batchSize of all batches but the last of each bucket, at least 1
   * @throws IllegalArgumentException if a sequence is longer than the longest bucket
   */
  public Batches batches(HostArray sequences, int[] order, int batchSize) {
    List<List<Integer>> places = new ArrayList<>();
    int[] lengths = new int[order.length];
    int[] open = new int[steps.length];
    Arrays.fill(open, -1);
    for (int place = 0; place < order.length; place++) {
      int bucket = bucket(sequences.steps(order[place]));
      if (open[bucket] < 0 || places.get(open[bucket]).size() == batchSize) {
        open[bucket] = places.size();
        places.add(new ArrayList<>());
        lengths[open[bucket]] = steps[bucket];
      }
      places.get(open[bucket]).add(place);
    }
    // Each batch was opened by its first example, so they are in order already.
    int[] grouped = new int[order.length];
    List<Batch> batches = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < places.size(); i++) {
      batches.add(new Batch(at, places.get(i).size(), lengths[i]));
      for (int place : places.get(i)) {
        grouped[at++] = order[place];
      }
    }
    return new Batches(grouped, List.copyOf(batches));
  }

  private int bucket(int length) {
    int found = Arrays.binarySearch(steps, length);
    int bucket = found >= 0 ? found : -found - 1;
    if (bucket == steps.length) {
      throw new IllegalArgumentException(
          "a sequence of %d steps is longer than the longest bucket, %d"
              .formatted(length, steps[steps.length - 1]));
    }
    return bucket;
  }

  /** The dynamic programme. */
  private static final class Choice {
    private final int[] lengths;
    private final long[] examplesUpTo;
    private final long[] stepsUpTo;

    Choice(TreeMap<Integer, Integer> histogram) {
      int unit = (histogram.size() + MOST_LENGTHS - 1) / MOST_LENGTHS;
      int longest = histogram.lastKey();
      int[] candidates =
          histogram.keySet().stream()
              .mapToInt(length -> Math.min(longest, (length + unit - 1) / unit * unit))
              .distinct()
              .toArray();
      lengths = candidates;
      examplesUpTo = new long[candidates.length + 1];
      stepsUpTo = new long[candidates.length + 1];
      int candidate = 0;
      for (var entry : histogram.entrySet()) {
        while (candidates[candidate] < entry.getKey()) {
          candidate++;
        }
        examplesUpTo[candidate + 1] += entry.getValue();
        stepsUpTo[candidate + 1] += (long) entry.getValue() * entry.getKey();
      }
      for (int i = 0; i < candidates.length; i++) {
        examplesUpTo[i + 1] += examplesUpTo[i];
        stepsUpTo[i + 1] += stepsUpTo[i];
      }
    }

    /** The padding if the lengths {@code from..to-1} are padded to the longest of them. */
    private long padding(int from, int to) {
      return (examplesUpTo[to] - examplesUpTo[from]) * lengths[to - 1]
          - (stepsUpTo[to] - stepsUpTo[from]);
    }

    Buckets best() {
      int all = lengths.length;
      int most = Math.min(MOST, all);
      long[] costs = new long[all + 1];
      for (int to = 1; to <= all; to++) {
        costs[to] = padding(0, to);
      }
      int[][] begins = new int[most + 1][all + 1];
      int buckets = 1;
      while (buckets < most && fraction(costs[all]) >= ENOUGH) {
        buckets++;
        long[] next = costs.clone();
        for (int to = buckets; to <= all; to++) {
          for (int from = buckets - 1; from < to; from++) {
            long cost = costs[from] + padding(from, to);
            if (cost < next[to]) {
              next[to] = cost;
              begins[buckets][to] = from;
            }
          }
        }
        costs = next;
      }
      List<Integer> chosen = new ArrayList<>();
      int to = all;
      for (int bucket = buckets; to > 0 && bucket >= 1; bucket--) {
        chosen.add(lengths[to - 1]);
        to = begins[bucket][to];
      }
      chosen.sort(Comparator.naturalOrder());
      return new Buckets(
          chosen.stream().mapToInt(Integer::intValue).toArray(), fraction(costs[all]));
    }

    private double fraction(long padding) {
      return (double) padding / (padding + stepsUpTo[lengths.length]);
    }
  }
}

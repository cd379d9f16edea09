package dev.tandem.datasets;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The tokens that a network knows. The id of a token is its place: 0 fills up short examples, 1
 * stands for every token that is not known, then they come from the most frequent down. A plain
 * record that JSON can hold.
 *
 * @param tokens of all ids, each once
 */
public record Vocabulary(List<String> tokens) {
  public static final int PADDING = 0;
  public static final int UNKNOWN = 1;

  private static final List<String> SPECIAL = List.of("<padding>", "<unknown>");

  /** Checks that it begins as a vocabulary does. */
  public Vocabulary {
    Objects.requireNonNull(tokens, "tokens of the vocabulary are missing");
    if (tokens.size() < 2 || !tokens.subList(0, 2).equals(SPECIAL)) {
      throw new IllegalArgumentException("a vocabulary begins with " + SPECIAL);
    }
  }

  /** Token ids and how many tokens were not known. */
  public record Ids(int[] ids, int unknown) {}

  /**
   * The most frequent tokens, those of equal frequency in alphabetical order.
   *
   * @param counts how often each token occurs
   * @param largest the most tokens to keep, beside the two that are always there
   * @param minimumCount rarer tokens are left out
   */
  static Vocabulary learn(Map<String, Integer> counts, int largest, int minimumCount) {
    Comparator<Map.Entry<String, Integer>> byCount = Map.Entry.comparingByValue();
    Stream<String> kept =
        counts.entrySet().stream()
            .filter(entry -> entry.getValue() >= minimumCount)
            .sorted(byCount.reversed().thenComparing(Map.Entry.comparingByKey()))
            .limit(largest)
            .map(Map.Entry::getKey);
    return new Vocabulary(Stream.concat(SPECIAL.stream(), kept).toList());
  }

  /** The number of ids. */
  public int size() {
    return tokens.size();
  }

  /** The token of an id. */
  public String token(int id) {
    return tokens.get(id);
  }

  /** Each token with its id. */
  Map<String, Integer> index() {
    Map<String, Integer> index = HashMap.newHashMap(tokens.size());
    IntStream.range(0, tokens.size()).forEach(id -> index.put(tokens.get(id), id));
    return index;
  }

  /** The ids of tokens, {@link #UNKNOWN} for those that are not known. */
  public Ids encode(List<String> text) {
    Map<String, Integer> index = index();
    int[] ids = text.stream().mapToInt(token -> index.getOrDefault(token, UNKNOWN)).toArray();
    return new Ids(ids, (int) IntStream.of(ids).filter(id -> id == UNKNOWN).count());
  }

  /** The tokens of ids. */
  public List<String> decode(int... ids) {
    return IntStream.of(ids).mapToObj(tokens::get).toList();
  }
}

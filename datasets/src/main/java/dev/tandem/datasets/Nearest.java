package dev.tandem.datasets;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** The name that a user most likely meant. */
public final class Nearest {
  private static final int LISTED = 30;

  private Nearest() {}

  /**
   * The candidate with the smallest edit distance (insertions, deletions, replacements; case does
   * not count); the first of several equally near.
   *
   * @throws IllegalArgumentException without candidates
   */
  public static String of(String given, Collection<String> candidates) {
    String nearest = null;
    int smallest = Integer.MAX_VALUE;
    for (String candidate : candidates) {
      int distance = distance(given.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (distance < smallest) {
        smallest = distance;
        nearest = candidate;
      }
    }
    if (nearest == null) {
      throw new IllegalArgumentException("no candidates for '" + given + "'");
    }
    return nearest;
  }

  /**
   * The line for a name that is not known: {@code unknown data set 'irs' (did you mean 'iris'?
   * there are: digits, iris)}.
   *
   * @param what the kind of thing that was named
   */
  public static String unknown(String what, String given, Collection<String> candidates) {
    return String.format(
        Locale.ROOT,
        "unknown %s '%s' (did you mean '%s'? there are: %s)",
        what,
        given,
        of(given, candidates),
        list(candidates));
  }

  /** The names separated by commas; of a long list the beginning and how many more there are. */
  static String list(Collection<String> names) {
    String listed = names.stream().limit(LISTED).collect(Collectors.joining(", "));
    return names.size() > LISTED ? listed + " and " + (names.size() - LISTED) + " more" : listed;
  }

  /** Levenshtein's distance, keeping one row of the table. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

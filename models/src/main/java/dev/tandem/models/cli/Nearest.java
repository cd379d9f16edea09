package dev.tandem.models.cli;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what a mistyped name was probably meant to be. */
final class Nearest {
  private Nearest() {}

  /**
   * Returns the valid name with the smallest Levenshtein distance to the given one, ignoring case;
   * empty if even that one differs in more than a third of its characters (at least one may always
   * differ).
   */
  static Optional<String> to(String given, Collection<String> valid) {
    String best = null;
    int smallest = Integer.MAX_VALUE;
    for (String name : valid) {
      int distance = distance(given.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
      if (distance < smallest && distance <= Math.max(1, name.length() / 3)) {
        smallest = distance;
        best = name;
      }
    }
    return Optional.ofNullable(best);
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

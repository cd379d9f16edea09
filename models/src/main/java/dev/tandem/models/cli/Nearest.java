package dev.tandem.models.cli;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds what a mistyped name was probably meant to be. */
final class Nearest {
  private Nearest() {}

  /**
   * Returns the valid name with the smallest distance to the given one, ignoring case; empty if
   * even that one differs in more than a third of its characters (one may always differ). The
   * distance counts inserted, deleted and replaced characters and swapped neighbours.
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
    int[][] table = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          table[i][j] = i + j;
          continue;
        }
        int replaced = table[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        table[i][j] = Math.min(replaced, 1 + Math.min(table[i - 1][j], table[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          table[i][j] = Math.min(table[i][j], table[i - 2][j - 2] + 1);
        }
      }
    }
    return table[a.length()][b.length()];
  }
}

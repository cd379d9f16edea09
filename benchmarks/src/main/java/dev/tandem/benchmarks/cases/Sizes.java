package dev.tandem.benchmarks.cases;

import java.util.Arrays;

/** Sizes as they stand in names of cases. */
final class Sizes {
  private Sizes() {}

  /**
   * Reads sizes that are joined by {@code x}.
   *
   * @param text for example {@code 128x512}
   * @param meaning of each size, joined by {@code x} too, for the message
   * @throws IllegalArgumentException if there are more or fewer, or one is not a positive number
   */
  static int[] parse(String text, String meaning) {
    String[] parts = text.split("x");
    boolean fits =
        parts.length == meaning.split("x").length
            && Arrays.stream(parts).allMatch(part -> part.matches("\\d{1,9}"));
    if (!fits) {
      throw new IllegalArgumentException(
          "sizes are '%s' (give %s, joined by x)".formatted(text, meaning.replace("x", " x ")));
    }
    return Arrays.stream(parts).mapToInt(Integer::parseInt).toArray();
  }
}

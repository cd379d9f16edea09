package dev.tandem.datasets;

import java.util.List;
import java.util.Locale;

/**
 * What the form of a word says about it when the word itself is not known: whether it has digits,
 * is a sign, begins in upper case, and the suffixes of English that most often tell the part of
 * speech. Each form is a token, {@code <unknown-capital-ing>}.
 */
final class WordShapes {
  private static final String PREFIX = "<unknown-";

  /** The form of a word that has none of the others. */
  static final String OTHER = PREFIX + "other>";

  /** The longer ones first. */
  private static final List<String> SUFFIXES =
      List.of(
          "tion", "sion", "ment", "ness", "able", "ible", "less", "ship", "ings", "ing", "ity",
          "ies", "ous", "ful", "ive", "ize", "ise", "ism", "ist", "est", "ant", "ent", "ate", "ers",
          "ed", "er", "or", "ly", "al", "ic", "en", "fy", "es", "s", "y");

  private static final int SHORTEST_STEM = 2;

  private WordShapes() {}

  /** Whether a vocabulary was made of words with forms. */
  static boolean isIn(Vocabulary vocabulary) {
    return vocabulary.tokens().stream().anyMatch(token -> token.startsWith(PREFIX));
  }

  /** The token for the form of a word. */
  static String of(String word) {
    return PREFIX + describe(word) + ">";
  }

  private static String describe(String word) {
    if (word.codePoints().anyMatch(Character::isDigit)) {
      return word.codePoints().anyMatch(Character::isLetter) ? "digits-letters" : "digits";
    }
    if (word.codePoints().noneMatch(Character::isLetter)) {
      return "sign";
    }
    if (word.contains("@") || word.contains("/") || word.contains("www.")) {
      return "address";
    }
    boolean upper = word.length() > 1 && word.equals(word.toUpperCase(Locale.ROOT));
    if (upper) {
      return "upper";
    }
    String lower = word.toLowerCase(Locale.ROOT);
    String suffix =
        SUFFIXES.stream()
            .filter(end -> lower.endsWith(end) && lower.length() >= end.length() + SHORTEST_STEM)
            .findFirst()
            .orElse(lower.contains("-") ? "hyphen" : "other");
    return (Character.isUpperCase(word.codePointAt(0)) ? "capital-" : "") + suffix;
  }
}

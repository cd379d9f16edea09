package dev.tandem.datasets;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts texts into tokens, and puts tokens together again. */
public enum Tokenizer {
  /** Each Unicode character by itself, as it is. */
  CHARACTERS,
  /**
   * Words in lower case: letters and digits, with apostrophes inside; every other character that is
   * no space by itself. HTML's line breaks, as scraped reviews have them, count as spaces.
   */
  WORDS,
  /** Words, and each end of a line as a token of its own. */
  WORDS_AND_LINES;

  private static final String WORD = "[\\p{L}\\p{N}\\p{M}]+(?:['\u2019][\\p{L}\\p{N}\\p{M}]+)*";
  private static final Pattern WORD_TOKENS =
      Pattern.compile("<br\\s*/?>|" + WORD + "|[^\\s\\p{Z}\\p{Cc}]");
  private static final Pattern LINE_TOKENS = Pattern.compile("\n|" + WORD + "|[^\\s\\p{Z}\\p{Cc}]");
  private static final Set<String> CLOSING =
      Set.of(".", ",", ";", ":", "!", "?", ")", "]", "}", "%", "\n");
  private static final Set<String> OPENING = Set.of("(", "[", "{", "$", "#", "\n");

  /** The tokens of a text, in order. */
  public List<String> split(String text) {
    List<String> tokens = new ArrayList<>();
    forEach(text, tokens::add);
    return tokens;
  }

  /** Hands over the tokens of a text, in order. */
  void forEach(String text, Consumer<String> action) {
    if (this == CHARACTERS) {
      text.codePoints().mapToObj(Character::toString).forEach(action);
      return;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    Matcher matcher = (this == WORDS ? WORD_TOKENS : LINE_TOKENS).matcher(lower);
    while (matcher.find()) {
      // Only HTML's line break begins with this and goes on.
      if (lower.charAt(matcher.start()) != '<' || matcher.end() == matcher.start() + 1) {
        action.accept(matcher.group());
      }
    }
  }

  /** What the tokens are, in the plural. */
  String described() {
    return this == CHARACTERS ? "characters" : "words";
  }

  /** The tokens as a text: words with spaces between them, none before a full stop. */
  public String join(List<String> tokens) {
    if (this == CHARACTERS) {
      return String.join("", tokens);
    }
    StringBuilder text = new StringBuilder();
    String before = "\n";
    for (String token : tokens) {
      if (!OPENING.contains(before) && !CLOSING.contains(token)) {
        text.append(' ');
      }
      text.append(token);
      before = token;
    }
    return text.toString();
  }
}

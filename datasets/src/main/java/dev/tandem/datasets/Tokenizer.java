package dev.tandem.datasets;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

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

  private static final int ASCII = 128;
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
    int at = 0;
    while (at < lower.length()) {
      int end = this == WORDS ? htmlBreak(lower, at) : at;
      if (end == at) {
        end = wordEnd(lower, at);
        int character = lower.codePointAt(at);
        boolean space = Character.isWhitespace(character) || Character.isSpaceChar(character);
        boolean line = character == '\n' && this == WORDS_AND_LINES;
        if (end > at) {
          action.accept(lower.substring(at, end));
        } else {
          end = at + Character.charCount(character);
          if (line || !space && !Character.isISOControl(character)) {
            action.accept(lower.substring(at, end));
          }
        }
      }
      at = end;
    }
  }

  /** The end of a break such as {@code <br />} that begins at a place, or the place. */
  private static int htmlBreak(String text, int begin) {
    if (!text.startsWith("<br", begin)) {
      return begin;
    }
    int at = begin + "<br".length();
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '/')) {
      at++;
    }
    return at < text.length() && text.charAt(at) == '>' ? at + 1 : begin;
  }

  /** The end of a word that begins at a place, or the place. */
  private static int wordEnd(String text, int begin) {
    int at = begin;
    while (at < text.length()) {
      int character = text.codePointAt(at);
      boolean apostrophe = character == '\'' || character == '\u2019';
      boolean inside =
          apostrophe
              && at > begin
              && at + 1 < text.length()
              && belongsToWord(text.codePointAt(at + 1));
      if (!inside && !belongsToWord(character)) {
        break;
      }
      at += Character.charCount(character);
    }
    return at;
  }

  private static boolean belongsToWord(int character) {
    if (character < ASCII) {
      return character >= 'a' && character <= 'z' || character >= '0' && character <= '9';
    }
    int type = Character.getType(character);
    return Character.isLetterOrDigit(character)
        || type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK;
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

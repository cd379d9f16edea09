package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Encoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * How texts become ids.
 *
 * @param tokenizer null for sentences, whose words are given one by one
 * @param vocabulary the tokens that training knew
 * @param maximumLength the most tokens of a text that are used; 0 for all
 * @param keep which tokens of a longer text are used
 */
public record TextEncoding(
    Tokenizer tokenizer, Vocabulary vocabulary, int maximumLength, Keep keep) {

  /** Which end of a long text is used. */
  public enum Keep {
    HEAD,
    TAIL
  }

  /** Checks that nothing is missing. */
  public TextEncoding {
    Objects.requireNonNull(vocabulary, "vocabulary of the text is missing");
    Objects.requireNonNull(keep, "keep of the text is missing");
  }

  /** The tokens of a text that are used: those of its beginning or its end if it is too long. */
  List<String> shorten(List<String> tokens) {
    int surplus = maximumLength == 0 ? 0 : tokens.size() - maximumLength;
    if (surplus <= 0) {
      return tokens;
    }
    return keep == Keep.HEAD
        ? tokens.subList(0, maximumLength)
        : tokens.subList(surplus, tokens.size());
  }

  /**
   * Encodes texts as int32 ids {@code [N,T]}, ragged. A text without a token becomes one that is
   * not known.
   *
   * @throws IllegalStateException if training was on sentences, whose words are given one by one
   */
  public Encoded encode(List<String> texts) {
    if (tokenizer == null) {
      throw new IllegalStateException("sentences have no tokenizer: their words are given");
    }
    return encodeTokens(texts.stream().map(tokenizer::split).toList());
  }

  /** Encodes texts that have been cut into tokens; words of sentences. */
  public Encoded encodeTokens(List<List<String>> texts) {
    Writer writer = new Writer(texts.size());
    texts.forEach(writer::add);
    return writer.finish();
  }

  /** The text that begins with some tokens and goes on with those of ids. */
  public String decode(List<String> begin, int... ids) {
    List<String> tokens = new ArrayList<>(begin);
    tokens.addAll(vocabulary.decode(ids));
    return tokenizer == null ? String.join(" ", tokens) : tokenizer.join(tokens);
  }

  /** Collects encoded texts, so that only one text at a time is there as tokens. */
  final class Writer {
    private final Map<String, Integer> index = vocabulary.index();
    private final boolean shapes = WordShapes.isIn(vocabulary);
    private final int[] starts;
    private int[] ids = new int[1024];
    private int texts;
    private long unknown;
    private int shortened;
    private int empty;

    Writer(int count) {
      starts = new int[count + 1];
    }

    void add(List<String> tokens) {
      List<String> used = shorten(tokens);
      shortened += used.size() < tokens.size() ? 1 : 0;
      int at = starts[texts];
      int length = Math.max(1, used.size());
      if (at + length > ids.length) {
        ids = Arrays.copyOf(ids, Math.max(at + length, Math.addExact(at, at / 2)));
      }
      if (used.isEmpty()) {
        empty++;
        ids[at] = Vocabulary.UNKNOWN;
      }
      for (int i = 0; i < used.size(); i++) {
        ids[at + i] = id(used.get(i));
      }
      texts++;
      starts[texts] = at + length;
    }

    private int id(String token) {
      Integer known = index.get(shapes ? token.toLowerCase(Locale.ROOT) : token);
      if (known != null) {
        return known;
      }
      unknown++;
      return shapes
          ? index.getOrDefault(WordShapes.of(token), Vocabulary.UNKNOWN)
          : Vocabulary.UNKNOWN;
    }

    Encoded finish() {
      int all = starts[texts];
      List<String> notes = new ArrayList<>();
      if (unknown > 0) {
        notes.add(
            String.format(
                Locale.ROOT,
                "%d of %d tokens (%.1f %%) are outside the vocabulary",
                unknown,
                all,
                100.0 * unknown / all));
      }
      if (shortened > 0) {
        notes.add(
            String.format(
                Locale.ROOT,
                "%d of %d texts are longer than %d tokens, their %s are used",
                shortened,
                texts,
                maximumLength,
                keep == Keep.HEAD ? "first" : "last"));
      }
      if (empty > 0) {
        notes.add(empty + " texts have no token and become one unknown token");
      }
      return new Encoded(
          HostArray.ragged(Arrays.copyOf(ids, all), starts, Vocabulary.PADDING), notes);
    }
  }
}

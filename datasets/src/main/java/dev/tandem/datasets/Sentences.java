package dev.tandem.datasets;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Sentences of words, each with a tag.
 *
 * @param words of each sentence
 * @param tags of each word; null where a word has none and is not to be predicted
 */
public record Sentences(List<List<String>> words, List<List<String>> tags) {

  /**
   * Reads a file with a word on each line, a tab, its tag, and an empty line between sentences.
   *
   * @param tagged whether each word has a tag; if not, a tag that is there does not count
   * @throws DataException if the file cannot be read, is not UTF-8, is empty, or a line has no tag
   */
  public static Sentences read(Path file, boolean tagged) {
    return parse(file.toString(), DataFiles.readAll(file), tagged);
  }

  static Sentences parse(String name, byte[] bytes, boolean tagged) {
    Sentences sentences = new Sentences(new ArrayList<>(), new ArrayList<>());
    List<String> words = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    String[] lines = Texts.decode(name, bytes).split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i].stripTrailing();
      if (line.isEmpty()) {
        sentences.add(words, tags);
        words = new ArrayList<>();
        tags = new ArrayList<>();
        continue;
      }
      String[] cells = line.split("\t", -1);
      if (cells.length > 2 || tagged && cells.length < 2 || cells[0].isBlank()) {
        throw DataException.of(
            "%s line %d is not a word, a tab and its tag: %s (write one word on each line, and an"
                + " empty line between sentences)",
            name, i + 1, Cells.quote(line));
      }
      words.add(cells[0].strip());
      tags.add(tagged ? cells[1].strip() : null);
    }
    sentences.add(words, tags);
    return sentences;
  }

  /** Adds a sentence unless it is empty. */
  void add(List<String> sentence, List<String> itsTags) {
    if (!sentence.isEmpty()) {
      words.add(sentence);
      tags.add(itsTags);
    }
  }

  /** The number of sentences. */
  public int size() {
    return words.size();
  }

  /** These and others after them. */
  Sentences and(Sentences others) {
    Sentences all = new Sentences(new ArrayList<>(words), new ArrayList<>(tags));
    all.words.addAll(others.words);
    all.tags.addAll(others.tags);
    return all;
  }
}

package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Encoded;
import dev.tandem.datasets.Preprocessing.Form;
import dev.tandem.datasets.Preprocessing.Target;
import dev.tandem.datasets.TextEncoding.Keep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Sentences whose words have a class each. Inputs are ragged int32 {@code [N,T]} ids of words,
 * targets ragged int32 {@code [N,T]} ids of tags, -1 at padding and at words without a tag.
 *
 * <p>Words are compared in lower case. Of words that training saw too rarely to know them, the form
 * still tells much: they become one id for each form (digits, upper case, a capital, a suffix such
 * as -ing), which training learns from its own rare words.
 */
public final class TaggingDataset implements RawDataset {

  /** The class id of what is not to be predicted. */
  public static final int NO_TAG = -1;

  /**
   * What is known of words.
   *
   * @param minimumCount how often a word must occur in the training part to be known, at least 1
   * @param shapes whether words count in lower case, and unknown ones by their form; otherwise
   *     words are taken as they are, and unknown ones are all one
   */
  public record Options(int minimumCount, boolean shapes) {
    public static final Options DEFAULT = new Options(2, true);

    /** Checks the range. */
    public Options {
      if (minimumCount < 1) {
        throw new DataException(
            "a count of " + minimumCount + " is out of range (choose 1 or more)");
      }
    }
  }

  private final String name;
  private final Sentences sentences;
  private final int officialTestFrom;
  private final Options options;
  private final Provenance provenance;
  private final List<String> classNames;

  TaggingDataset(
      String name,
      Sentences sentences,
      int officialTestFrom,
      Options options,
      Provenance provenance) {
    this.name = name;
    this.sentences = sentences;
    this.officialTestFrom = officialTestFrom;
    this.options = options;
    this.provenance = provenance;
    TreeSet<String> tags = new TreeSet<>();
    sentences.tags().forEach(one -> one.stream().filter(Objects::nonNull).forEach(tags::add));
    classNames = List.copyOf(tags);
    if (classNames.size() < 2) {
      throw DataException.of(
          "%s: all words have the tag %s: nothing can be learned (give words with two tags or more)",
          name, Cells.quote(String.join("", classNames)));
    }
  }

  /**
   * The sentences in a file.
   *
   * @throws DataException as {@link Sentences#read}, or if there are no two tags
   */
  public static TaggingDataset read(Path file, Options options) {
    return new TaggingDataset(
        file.getFileName().toString(),
        Sentences.read(file, true),
        -1,
        options,
        Provenance.ofFiles(file));
  }

  /** The same sentences with other options. */
  public TaggingDataset with(Options other) {
    return new TaggingDataset(name, sentences, officialTestFrom, other, provenance);
  }

  /**
   * New sentences, encoded as those of training.
   *
   * @param name the file, for error messages
   * @throws DataException if training was on something else, or a tag is none of the classes
   */
  public static EncodedExamples encode(
      Preprocessing preprocessing, String name, Sentences sentences) {
    preprocessing.requireForm(Form.TAGGING, name);
    Encoded encoded = preprocessing.text().encodeTokens(sentences.words());
    HostArray targets = targets(name, sentences.tags(), preprocessing.target().classNames());
    return new EncodedExamples(new Examples(encoded.inputs(), targets), encoded.notes());
  }

  private static HostArray targets(String name, List<List<String>> tags, List<String> classNames) {
    Map<String, Integer> ids = new HashMap<>();
    classNames.forEach(tag -> ids.put(tag, ids.size()));
    int[] starts = new int[tags.size() + 1];
    for (int i = 0; i < tags.size(); i++) {
      starts[i + 1] = Math.addExact(starts[i], tags.get(i).size());
    }
    int[] targets = new int[starts[tags.size()]];
    int at = 0;
    for (List<String> sentence : tags) {
      for (String tag : sentence) {
        if (tag != null && !ids.containsKey(tag)) {
          throw DataException.of(
              "%s: tag %s is none of the classes (did you mean '%s'? there are: %s)",
              name, Cells.quote(tag), Nearest.of(tag, classNames), Nearest.list(classNames));
        }
        targets[at++] = tag == null ? NO_TAG : ids.get(tag);
      }
    }
    return HostArray.ragged(targets, starts, NO_TAG);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return sentences.size();
  }

  @Override
  public Task task() {
    return Task.TAGGING;
  }

  @Override
  public Optional<int[]> stratifyBy() {
    return Optional.empty();
  }

  @Override
  public Optional<int[]> officialTest() {
    return officialTestFrom < 0
        ? Optional.empty()
        : Optional.of(IntStream.range(officialTestFrom, size()).toArray());
  }

  @Override
  public Dataset prepare(Split split) {
    List<String> notes = new ArrayList<>();
    if (officialTestFrom >= 0) {
      notes.add("the test part is the publisher's, " + (size() - officialTestFrom) + " rows");
    }
    TextEncoding encoding = new TextEncoding(null, learn(split.train(), notes), 0, Keep.HEAD);
    Target target = new Target(Task.TAGGING, List.of("tag"), classNames, List.of(), List.of());
    return new Dataset(
        name,
        Task.TAGGING,
        classNames,
        List.of(),
        target.names(),
        examples(encoding, "training", split.train(), notes),
        examples(encoding, "validation", split.validation(), notes),
        examples(encoding, "test", split.test(), notes),
        provenance,
        Preprocessing.ofTexts(Form.TAGGING, target, encoding),
        List.copyOf(notes));
  }

  private Vocabulary learn(int[] training, List<String> notes) {
    Map<String, Integer> counts = new HashMap<>();
    forEachWord(training, word -> counts.merge(normal(word), 1, Integer::sum));
    int different = counts.size();
    Map<String, Integer> known = new HashMap<>(counts);
    known.values().removeIf(count -> count < options.minimumCount());
    int words = known.size();
    if (options.shapes()) {
      // One form is always there: it says that the vocabulary has forms.
      known.put(WordShapes.OTHER, 1);
      forEachWord(
          training,
          word -> {
            if (counts.get(normal(word)) < options.minimumCount()) {
              known.merge(WordShapes.of(word), 1, Integer::sum);
            }
          });
    }
    notes.add(
        String.format(
            Locale.ROOT,
            "of %d different words of the training part %d are known, the others are %d unknown forms",
            different,
            words,
            options.shapes() ? known.size() - words : 1));
    return Vocabulary.learn(known, Integer.MAX_VALUE, 1);
  }

  private String normal(String word) {
    return options.shapes() ? word.toLowerCase(Locale.ROOT) : word;
  }

  private void forEachWord(int[] rows, Consumer<String> action) {
    Arrays.stream(rows).forEach(row -> sentences.words().get(row).forEach(action));
  }

  private Examples examples(TextEncoding encoding, String part, int[] rows, List<String> notes) {
    Encoded encoded =
        encoding.encodeTokens(Arrays.stream(rows).mapToObj(sentences.words()::get).toList());
    encoded.notes().forEach(note -> notes.add(part + " part, " + note));
    List<List<String>> tags = Arrays.stream(rows).mapToObj(sentences.tags()::get).toList();
    return new Examples(encoded.inputs(), targets(name, tags, classNames));
  }
}

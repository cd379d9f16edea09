package dev.tandem.datasets;

import dev.tandem.datasets.Preprocessing.Encoded;
import dev.tandem.datasets.Preprocessing.Form;
import dev.tandem.datasets.Preprocessing.Target;
import dev.tandem.datasets.TextEncoding.Keep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Texts with a class each. Inputs are ragged int32 {@code [N,T]} ids of words or characters,
 * targets int32 {@code [N]}. The vocabulary is that of the training part; of a text that is too
 * long the beginning is used, or the end.
 */
public final class TextDataset implements RawDataset {
  public static final int DEFAULT_WORD_VOCABULARY = 20_000;
  public static final int DEFAULT_MAXIMUM_LENGTH = 400;

  /**
   * How texts are cut.
   *
   * @param largestVocabulary the most tokens to know; the others are one unknown token
   * @param minimumCount how often a token must occur in the training part to be known
   * @param maximumLength the most tokens of a text that are used
   * @param keep which tokens of a longer text are used
   */
  public record Options(
      Tokenizer tokenizer, int largestVocabulary, int minimumCount, int maximumLength, Keep keep) {

    /** The 20,000 most frequent words that occur twice or more, 400 of each text. */
    public static final Options WORDS =
        new Options(Tokenizer.WORDS, DEFAULT_WORD_VOCABULARY, 2, DEFAULT_MAXIMUM_LENGTH, Keep.HEAD);

    /** All characters of the training part, 400 of each text. */
    public static final Options CHARACTERS =
        new Options(Tokenizer.CHARACTERS, Integer.MAX_VALUE, 1, DEFAULT_MAXIMUM_LENGTH, Keep.HEAD);

    /** Checks the ranges. */
    public Options {
      if (largestVocabulary < 1 || minimumCount < 1 || maximumLength < 1) {
        throw DataException.of(
            "a vocabulary of at most %d tokens that occur %d times, and texts of at most %d tokens"
                + " are out of range (choose 1 or more)",
            largestVocabulary, minimumCount, maximumLength);
      }
    }
  }

  private final String name;
  private final LabelledTexts data;
  private final int officialTestFrom;
  private final Options options;
  private final Provenance provenance;
  private final List<String> classNames;
  private final int[] classIds;

  TextDataset(
      String name,
      LabelledTexts data,
      int officialTestFrom,
      Options options,
      Provenance provenance) {
    this.name = name;
    this.data = data;
    this.officialTestFrom = officialTestFrom;
    this.options = options;
    this.provenance = provenance;
    boolean numbers = data.labels().stream().allMatch(Cells::numeric);
    Comparator<String> byText = Comparator.naturalOrder();
    Set<String> sorted =
        new TreeSet<>(
            numbers ? Comparator.comparingDouble(Cells::number).thenComparing(byText) : byText);
    sorted.addAll(data.labels());
    classNames = List.copyOf(sorted);
    requireClasses();
    Map<String, Integer> ids = new HashMap<>();
    classNames.forEach(label -> ids.put(label, ids.size()));
    classIds = data.labels().stream().mapToInt(ids::get).toArray();
  }

  private void requireClasses() {
    if (classNames.size() == 1) {
      throw DataException.of(
          "%s: every text has the label %s: nothing can be learned (give texts of two classes or"
              + " more)",
          name, Cells.quote(classNames.get(0)));
    }
    if (classNames.size() == data.labels().size()) {
      throw DataException.of(
          "%s has %d labels for as many texts, none of them twice (name the column of the labels with"
              + " --target)",
          name, classNames.size());
    }
  }

  /**
   * The texts in a file: lines of a text and a label with a tab between, in either order, with or
   * without a header; or a .csv file with a header.
   *
   * @param label the name of the column with the labels; null to find it
   * @throws DataException if the file cannot be read, is not UTF-8, a row has another number of
   *     cells than the first, a label is missing, or there are no two classes
   */
  public static TextDataset read(Path file, String label, Options options) {
    return new TextDataset(
        file.getFileName().toString(),
        LabelledTexts.read(file, label),
        -1,
        options,
        Provenance.ofFiles(file));
  }

  /**
   * New texts with their labels, encoded as those of training.
   *
   * @param label as for {@link #read}
   * @throws DataException as {@link #read}, or if training was on something else, or a label is
   *     none of the classes
   */
  public static EncodedExamples encode(Preprocessing preprocessing, Path file, String label) {
    preprocessing.requireForm(Form.TEXT, file.toString());
    LabelledTexts data = LabelledTexts.read(file, label);
    List<String> classNames = preprocessing.target().classNames();
    int[] targets = new int[data.labels().size()];
    for (int i = 0; i < targets.length; i++) {
      String given = data.labels().get(i);
      targets[i] = classNames.indexOf(given);
      if (targets[i] < 0) {
        throw DataException.of(
            "%s: label %s is none of the classes (did you mean '%s'? there are: %s)",
            file, Cells.quote(given), Nearest.of(given, classNames), Nearest.list(classNames));
      }
    }
    Encoded encoded = preprocessing.text().encode(data.texts());
    return new EncodedExamples(
        new Examples(encoded.inputs(), HostArray.of(targets, targets.length)), encoded.notes());
  }

  /**
   * New texts without labels, one on each line of a file, encoded as those of training. An empty
   * line is a text too, so that row i is line i.
   *
   * @throws DataException if training was on something else, or the file cannot be read, is not
   *     UTF-8, or is empty
   */
  public static Encoded encode(Preprocessing preprocessing, Path file) {
    preprocessing.requireForm(Form.TEXT, file.toString());
    String[] lines = Texts.decode(file.toString(), DataFiles.readAll(file)).split("\n", -1);
    // Behind the end of the last line there is no other.
    int count = lines[lines.length - 1].isEmpty() ? lines.length - 1 : lines.length;
    return preprocessing.text().encode(Arrays.stream(lines, 0, count).map(String::strip).toList());
  }

  /** The same texts cut in another way. */
  public TextDataset with(Options other) {
    return new TextDataset(name, data, officialTestFrom, other, provenance);
  }

  public Options options() {
    return options;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return classIds.length;
  }

  @Override
  public Task task() {
    return Task.CLASSIFICATION;
  }

  @Override
  public Optional<int[]> stratifyBy() {
    return Optional.of(classIds);
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
      note(notes, "the test part is the publisher's, %d rows", size() - officialTestFrom);
    }
    TextEncoding encoding = learn(split.train(), notes);
    noteRepeated(split, notes);
    Target target =
        new Target(Task.CLASSIFICATION, List.of("label"), classNames, List.of(), List.of());
    return new Dataset(
        name,
        Task.CLASSIFICATION,
        classNames,
        List.of(),
        target.names(),
        examples(encoding, "training", split.train(), notes),
        examples(encoding, "validation", split.validation(), notes),
        examples(encoding, "test", split.test(), notes),
        provenance,
        Preprocessing.ofTexts(Form.TEXT, target, encoding),
        List.copyOf(notes));
  }

  private TextEncoding learn(int[] training, List<String> notes) {
    Tokenizer tokenizer = options.tokenizer();
    TextEncoding shortening =
        new TextEncoding(
            tokenizer, Vocabulary.learn(Map.of(), 0, 1), options.maximumLength(), options.keep());
    Map<String, Integer> counts = new HashMap<>();
    for (int row : training) {
      shortening
          .shorten(tokenizer.split(data.texts().get(row)))
          .forEach(token -> counts.merge(token, 1, Integer::sum));
    }
    Vocabulary vocabulary =
        Vocabulary.learn(counts, options.largestVocabulary(), options.minimumCount());
    note(
        notes,
        "the vocabulary has %d ids for %d different %s of the training part",
        vocabulary.size(),
        counts.size(),
        tokenizer.described());
    return new TextEncoding(tokenizer, vocabulary, options.maximumLength(), options.keep());
  }

  private void noteRepeated(Split split, List<String> notes) {
    Set<String> known = new HashSet<>();
    Arrays.stream(split.train()).mapToObj(data.texts()::get).forEach(known::add);
    long repeated =
        Arrays.stream(split.test()).mapToObj(data.texts()::get).filter(known::contains).count();
    if (repeated > 0) {
      note(
          notes,
          "%d of %d texts of the test part are in the training part too",
          repeated,
          split.test().length);
    }
  }

  private Examples examples(TextEncoding encoding, String part, int[] rows, List<String> notes) {
    TextEncoding.Writer writer = encoding.new Writer(rows.length);
    for (int row : rows) {
      writer.add(encoding.tokenizer().split(data.texts().get(row)));
    }
    Encoded encoded = writer.finish();
    encoded.notes().forEach(note -> notes.add(part + " part, " + note));
    int[] targets = Arrays.stream(rows).map(row -> classIds[row]).toArray();
    return new Examples(encoded.inputs(), HostArray.of(targets, targets.length));
  }

  private static void note(List<String> notes, String format, Object... arguments) {
    notes.add(String.format(Locale.ROOT, format, arguments));
  }
}

package dev.tandem.datasets;

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
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A text whose next token is predicted at each step.
 *
 * <p>A row is a window of {@code steps} tokens, one after the other and not overlapping: inputs
 * int32 {@code [steps]}, targets int32 {@code [steps]} the same shifted by one token, so that the
 * last target of a row is the first input of the next. The parts are in the order of the text:
 * training, validation, test. The vocabulary is that of the training part. What is left at the end
 * of the text, less than one window, is not used.
 */
public final class LanguageDataset implements RawDataset {
  public static final int DEFAULT_CHARACTERS = 100;
  public static final int DEFAULT_WORDS = 35;
  public static final int DEFAULT_WORD_VOCABULARY = 10_000;

  /**
   * How the text is cut.
   *
   * @param tokenizer characters, or words with the ends of lines
   * @param steps tokens in a window, at least 1
   * @param largestVocabulary the most tokens to know; the others are one unknown token
   * @param minimumCount how often a token must occur in the training part to be known
   */
  public record Options(Tokenizer tokenizer, int steps, int largestVocabulary, int minimumCount) {

    /** Every character of the training part is known. */
    public static final Options CHARACTERS =
        new Options(Tokenizer.CHARACTERS, DEFAULT_CHARACTERS, Integer.MAX_VALUE, 1);

    /** The 10,000 most frequent words that occur twice or more. */
    public static final Options WORDS =
        new Options(Tokenizer.WORDS_AND_LINES, DEFAULT_WORDS, DEFAULT_WORD_VOCABULARY, 2);

    /** Checks the ranges. */
    public Options {
      if (steps < 1) {
        throw new DataException("window " + steps + " is out of range (choose 1 or more)");
      }
      if (largestVocabulary < 1 || minimumCount < 1) {
        throw DataException.of(
            "a vocabulary of at most %d tokens that occur %d times is out of range (choose 1 or"
                + " more)",
            largestVocabulary, minimumCount);
      }
    }

    /** The same with another number of tokens in a window. */
    public Options withSteps(int other) {
      return new Options(tokenizer, other, largestVocabulary, minimumCount);
    }
  }

  private final String name;
  private final String text;
  private final Options options;
  private final Provenance provenance;
  private final List<String> notes;

  /** The different tokens of the text, and the text as their places in this list. */
  private final List<String> tokens = new ArrayList<>();

  private final int[] places;

  /**
   * @param text any text; line ends of Windows become simple ones
   * @throws DataException if the text is too short for one window
   */
  public LanguageDataset(String name, String text, Options options, Provenance provenance) {
    this.name = name;
    this.options = options;
    this.provenance = provenance;
    boolean carriageReturns = text.indexOf('\r') >= 0;
    this.text = carriageReturns ? text.replace("\r\n", "\n").replace('\r', '\n') : text;
    notes = carriageReturns ? List.of("the line ends of Windows become simple ones") : List.of();
    places = places();
    if (size() == 0) {
      throw DataException.of(
          "%s has %d %s, fewer than the %d that one window needs (make --window smaller, or give a"
              + " longer text)",
          name, places.length, options.tokenizer().described(), options.steps() + 1);
    }
  }

  /**
   * The text in a UTF-8 file.
   *
   * @throws DataException if it cannot be read, is not UTF-8, is empty, or too short for one window
   */
  public static LanguageDataset read(Path file, Options options) {
    return new LanguageDataset(
        file.getFileName().toString(),
        Texts.decode(file.toString(), DataFiles.readAll(file)),
        options,
        Provenance.ofFiles(file));
  }

  /**
   * The text in a new file, cut and encoded as that of training.
   *
   * @param steps tokens in a window
   * @throws DataException as {@link #read}, or if training was on something else
   */
  public static EncodedExamples encode(Preprocessing preprocessing, Path file, int steps) {
    preprocessing.requireForm(Form.LANGUAGE, file.toString());
    TextEncoding encoding = preprocessing.text();
    LanguageDataset text =
        read(file, new Options(encoding.tokenizer(), steps, Integer.MAX_VALUE, 1));
    List<String> notes = new ArrayList<>(text.notes);
    int[] ids = encoding.vocabulary().encode(text.tokens).ids();
    int[] rows = IntStream.range(0, text.size()).toArray();
    return new EncodedExamples(text.examples("new", rows, ids, notes), notes);
  }

  /** The same text cut in another way. */
  public LanguageDataset with(Options other) {
    return new LanguageDataset(name, text, other, provenance);
  }

  public Options options() {
    return options;
  }

  private int[] places() {
    Map<String, Integer> index = new HashMap<>();
    int[] found = new int[text.length()];
    int[] count = new int[1];
    options
        .tokenizer()
        .forEach(
            text,
            token -> {
              Integer place = index.putIfAbsent(token, tokens.size());
              if (place == null) {
                place = tokens.size();
                tokens.add(token);
              }
              found[count[0]++] = place;
            });
    return Arrays.copyOf(found, count[0]);
  }

  /**
   * The order in which batches continue each other: the rows of a part are divided into {@code
   * batch} runs of equal length, and each batch takes the next row of each run, so that example
   * {@code b} of a batch goes on where example {@code b} of the batch before ended. Rows that do
   * not fill a run, fewer than {@code batch}, are left out.
   *
   * @param rows the number of rows of the part
   * @param batch rows of a batch
   * @throws DataException if there are fewer rows than a batch has
   */
  public static int[] continuousOrder(int rows, int batch) {
    if (batch < 1 || batch > rows) {
      throw DataException.of(
          "%d windows do not fill a batch of %d (choose a smaller --batch-size or --window)",
          rows, batch);
    }
    int run = rows / batch;
    return IntStream.range(0, run * batch).map(i -> i % batch * run + i / batch).toArray();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return Math.max(0, (places.length - 1) / options.steps());
  }

  @Override
  public Task task() {
    return Task.LANGUAGE;
  }

  @Override
  public Optional<int[]> stratifyBy() {
    return Optional.empty();
  }

  @Override
  public Optional<int[]> officialTest() {
    return Optional.empty();
  }

  @Override
  public Optional<int[]> times() {
    return Optional.of(IntStream.range(0, size()).toArray());
  }

  @Override
  public Dataset prepare(Split split) {
    Vocabulary vocabulary = learn(split.train());
    List<String> all = new ArrayList<>(notes);
    all.add(
        String.format(
            Locale.ROOT,
            "the vocabulary has %d ids for %d different %s",
            vocabulary.size(),
            tokens.size(),
            options.tokenizer().described()));
    Preprocessing preprocessing =
        Preprocessing.ofTexts(
            Form.LANGUAGE,
            new Target(Task.LANGUAGE, List.of("next token"), List.of(), List.of(), List.of()),
            new TextEncoding(options.tokenizer(), vocabulary, 0, Keep.HEAD));
    int[] ids = vocabulary.encode(tokens).ids();
    return new Dataset(
        name,
        Task.LANGUAGE,
        List.of(),
        List.of(),
        preprocessing.target().names(),
        examples("training", split.train(), ids, all),
        examples("validation", split.validation(), ids, all),
        examples("test", split.test(), ids, all),
        provenance,
        preprocessing,
        List.copyOf(all));
  }

  private Vocabulary learn(int[] training) {
    int[] counts = new int[tokens.size()];
    for (int row : training) {
      int first = row * options.steps();
      for (int i = first; i < first + options.steps(); i++) {
        counts[places[i]]++;
      }
    }
    Map<String, Integer> occurring = new HashMap<>();
    for (int place = 0; place < counts.length; place++) {
      if (counts[place] > 0) {
        occurring.put(tokens.get(place), counts[place]);
      }
    }
    return Vocabulary.learn(occurring, options.largestVocabulary(), options.minimumCount());
  }

  private Examples examples(String part, int[] rows, int[] ids, List<String> notes) {
    int steps = options.steps();
    int[] inputs = new int[Math.multiplyExact(rows.length, steps)];
    int[] targets = new int[inputs.length];
    int unknown = 0;
    for (int i = 0; i < inputs.length; i++) {
      int at = rows[i / steps] * steps + i % steps;
      inputs[i] = ids[places[at]];
      targets[i] = ids[places[at + 1]];
      unknown += inputs[i] == Vocabulary.UNKNOWN ? 1 : 0;
    }
    if (unknown > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%s part, %d of %d tokens (%.1f %%) are outside the vocabulary",
              part,
              unknown,
              inputs.length,
              100.0 * unknown / inputs.length));
    }
    return new Examples(
        HostArray.of(inputs, rows.length, steps), HostArray.of(targets, rows.length, steps));
  }
}

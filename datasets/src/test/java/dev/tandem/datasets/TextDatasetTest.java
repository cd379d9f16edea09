package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.datasets.TextDataset.Options;
import dev.tandem.datasets.TextEncoding.Keep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextDatasetTest {
  private static final Options FEW = new Options(Tokenizer.WORDS, 3, 1, 4, Keep.HEAD);

  @TempDir Path directory;

  private Path file(String name, String... lines) throws IOException {
    return Files.writeString(directory.resolve(name), String.join("\n", lines) + "\n");
  }

  private static Split split(int[] train, int... test) {
    return new Split(train, new int[0], test);
  }

  @Test
  void learnsTheVocabularyFromTheTrainingPartAlone() throws IOException {
    TextDataset raw =
        TextDataset.read(
            file("t.tsv", "good good film\tpos", "bad film\tneg", "The worst bad film ever?\tneg"),
            null,
            FEW);
    Dataset data = raw.prepare(split(new int[] {0, 1}, 2));
    assertThat(data.classNames()).containsExactly("neg", "pos");
    assertThat(data.preprocessing().text().vocabulary().tokens())
        .containsExactly("<padding>", "<unknown>", "film", "good", "bad");
    assertThat(data.train().inputs().ints()).containsExactly(3, 3, 2, 4, 2);
    assertThat(data.train().inputs().steps(0)).isEqualTo(3);
    assertThat(data.train().targets().ints()).containsExactly(1, 0);
    assertThat(data.test().inputs().ints()).containsExactly(1, 1, 4, 2);
    assertThat(data.notes())
        .containsExactly(
            "the vocabulary has 5 ids for 3 different words of the training part",
            "test part, 2 of 4 tokens (50.0 %) are outside the vocabulary",
            "test part, 1 of 1 texts are longer than 4 tokens, their first are used");
    assertThat(data.preprocessing().text().decode(List.of(), 3, 2, 1))
        .isEqualTo("good film <unknown>");
  }

  @Test
  void keepsTheEndIfItShall() throws IOException {
    TextDataset raw =
        TextDataset.read(file("t.tsv", "a b c\tx", "c b a\ty", "a\ty"), null, FEW)
            .with(new Options(Tokenizer.WORDS, 9, 1, 2, Keep.TAIL));
    Dataset data = raw.prepare(split(new int[] {0, 1, 2}));
    TextEncoding text = data.preprocessing().text();
    assertThat(text.decode(List.of(), data.train().inputs().ints())).isEqualTo("b c b a a");
    Preprocessing.Encoded encoded = text.encode(List.of("a b c a", "", "B!"));
    assertThat(encoded.inputs().ints()).containsExactly(4, 2, 1, 3, 1);
    assertThat(encoded.notes())
        .containsExactly(
            "1 of 5 tokens (20.0 %) are outside the vocabulary",
            "1 of 3 texts are longer than 2 tokens, their last are used",
            "1 texts have no token and become one unknown token");
  }

  @Test
  void encodesNewTextsAsThoseOfTraining() throws IOException {
    TextDataset raw =
        TextDataset.read(file("t.tsv", "good film\tpos", "bad film\tneg", "bad\tneg"), null, FEW);
    Preprocessing preprocessing = raw.prepare(split(new int[] {0, 1, 2})).preprocessing();
    EncodedExamples encoded =
        TextDataset.encode(preprocessing, file("n.tsv", "pos\tGood!", "neg\tbad film"), null);
    assertThat(preprocessing.text().decode(List.of(), encoded.examples().inputs().ints()))
        .isEqualTo("good <unknown> bad film");
    assertThat(encoded.examples().targets().ints()).containsExactly(1, 0);
    assertThat(encoded.notes())
        .containsExactly("1 of 4 tokens (25.0 %) are outside the vocabulary");
    Preprocessing.Encoded lines =
        TextDataset.encode(preprocessing, file("n.txt", "", "film", " \r", "bad"));
    assertThat(lines.inputs().ints())
        .containsExactly(
            preprocessing.text().vocabulary().encode(List.of("", "film", "", "bad")).ids());
    assertThat(lines.notes()).contains("2 texts have no token and become one unknown token");
    Path other = file("o.tsv", "good film\tgreat", "bad film\tneg");
    assertThatThrownBy(() -> TextDataset.encode(preprocessing, other, null))
        .isInstanceOf(DataException.class)
        .hasMessage(
            other
                + ": label 'great' is none of the classes (did you mean 'neg'? there are: neg, pos)");
    assertThatThrownBy(() -> LanguageDataset.encode(preprocessing, other, 5))
        .isInstanceOf(DataException.class)
        .hasMessage(other + " is a text, but training was on texts (give a text on each line)");
  }

  @Test
  void cutsWordsAndCharacters() {
    assertThat(
            Tokenizer.WORDS.split(
                "Don't stop,\u00a0\u00c9t\u00e9 2024!<br />It's <b> 'so' \u2014 \ud83d\ude00"))
        .containsExactly(
            "don't",
            "stop",
            ",",
            "\u00e9t\u00e9",
            "2024",
            "!",
            "it's",
            "<",
            "b",
            ">",
            "'",
            "so",
            "'",
            "\u2014",
            "\ud83d\ude00");
    assertThat(Tokenizer.CHARACTERS.split("A b\ud83d\ude00"))
        .containsExactly("A", " ", "b", "\ud83d\ude00");
  }

  @Test
  void findsTextAndLabelInEitherOrder() throws IOException {
    String[] one = {"spam\tbuy now", "ham\tsee you", "ham\thow are you"};
    String[] two = {"message\tkind", "buy now\tspam", "see you\tham", "how are you\tham"};
    String[] three = {
      "id\tlabel\tnote\ttext", "1\tspam\tlong long long\tbuy now", "2\tham\tx\ts\u0085s"
    };
    for (TextDataset raw :
        List.of(
            TextDataset.read(file("1.tsv", one), null, FEW),
            TextDataset.read(file("2.tsv", two), "kind", FEW))) {
      assertThat(raw.size()).isEqualTo(3);
      Dataset data = raw.prepare(split(new int[] {0, 1, 2}));
      assertThat(data.classNames()).containsExactly("ham", "spam");
      assertThat(data.train().targets().ints()).containsExactly(1, 0, 0);
    }
    LabelledTexts named = LabelledTexts.read(file("3.tsv", three), null);
    assertThat(named.texts()).containsExactly("buy now", "s\u0085s");
    assertThat(named.labels()).containsExactly("spam", "ham");
    Path csv = file("4.csv", "text,label", "\"a, b\",x", "c,y");
    assertThat(LabelledTexts.read(csv, "label").texts()).containsExactly("a, b", "c");
  }

  @Test
  void refusesWhatItCannotRead() throws IOException {
    Path ragged = file("r.tsv", "a\tx", "b\ty", "", "c\tx\tz");
    assertThatThrownBy(() -> TextDataset.read(ragged, null, FEW))
        .isInstanceOf(DataException.class)
        .hasMessage(
            ragged
                + " line 4 has 3 cells, the first row has 2 (put one tab between text and label, and"
                + " none into the text)");
    Path unlabelled = file("u.tsv", "a\tx", "b\t", "c\tx");
    assertThatThrownBy(() -> TextDataset.read(unlabelled, null, FEW))
        .isInstanceOf(DataException.class)
        .hasMessage(unlabelled + " line 2 has no label (give one, or remove the line)");
    assertThatThrownBy(() -> TextDataset.read(file("1.tsv", "only a text"), null, FEW))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith(
            "has one column (give a text and its label on each line, with a tab between)");
    assertThatThrownBy(() -> TextDataset.read(file("s.tsv", "a\tx", "b\tx"), null, FEW))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "s.tsv: every text has the label 'x': nothing can be learned (give texts of two classes"
                + " or more)");
    assertThatThrownBy(() -> TextDataset.read(file("l.tsv", "a\tx"), null, FEW))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("l.tsv: every text has the label");
    assertThatThrownBy(() -> TextDataset.read(file("e.tsv"), null, FEW))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("e.tsv is empty (give a file with text)");
    Path header = file("h.tsv", "text\tlabel");
    assertThatThrownBy(() -> TextDataset.read(header, null, FEW))
        .isInstanceOf(DataException.class)
        .hasMessage(header + " has a header and no rows (add rows under it)");
    assertThatThrownBy(() -> TextDataset.read(header, "lable", FEW))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("unknown column 'lable' (did you mean 'label'?");
    Path broken = directory.resolve("b.tsv");
    Files.write(broken, new byte[] {'a', '\t', (byte) 0xFF, '\n'});
    assertThatThrownBy(() -> TextDataset.read(broken, null, FEW))
        .isInstanceOf(DataException.class)
        .hasMessage(broken + " is not UTF-8 text: byte 2 is 0xFF (save the file as UTF-8)");
  }

  private static Path mirror() {
    String given = System.getenv("TANDEM_MIRROR");
    Path mirror = Path.of(given != null ? given : "../../shared/data");
    assumeTrue(Files.isDirectory(mirror), "no mirror: set TANDEM_MIRROR");
    return mirror;
  }

  @ParameterizedTest
  @CsvSource({
    "sms-spam, 5574, 2, ham",
    "sentiment-sentences, 3000, 2, negative",
    "rt-polarity, 10662, 2, negative",
    "names, 20050, 18, Arabic"
  })
  void readsTheMirror(String id, int rows, int classes, String first) {
    RawDataset raw = Catalog.load(id, mirror());
    Dataset data = raw.prepare(Splits.holdout(raw, 0.1, 0.2, 0));
    assertThat(raw.size()).isEqualTo(rows);
    assertThat(data.classNames()).hasSize(classes).startsWith(first);
    Buckets buckets = Buckets.of(data.train().inputs());
    assertThat(buckets.paddingFraction()).isLessThan(Buckets.ENOUGH);
    assertThat(buckets.steps().length).isLessThanOrEqualTo(Buckets.MOST);
  }

  @Test
  void readsTheReviewsOfTheMirror() {
    RawDataset raw = Catalog.load("imdb", mirror());
    Dataset data = raw.prepare(Splits.holdout(raw, 0.1, 0.2, 0));
    assertThat(data.classNames()).containsExactly("negative", "positive");
    assertThat(data.train().size()).isEqualTo(22_500);
    assertThat(data.test().size()).isEqualTo(25_000);
    assertThat(data.train().inputs().shape()[1]).isEqualTo(400);
    assertThat(Arrays.stream(data.test().targets().ints()).sum()).isEqualTo(12_500);
    assertThat(data.preprocessing().text().vocabulary().size()).isEqualTo(20_002);
    Buckets buckets = Buckets.of(data.train().inputs(), data.test().inputs());
    assertThat(buckets.paddingFraction()).isLessThan(Buckets.ENOUGH);
    int[] rows = IntStream.range(0, 22_500).toArray();
    assertThat(buckets.batches(data.train().inputs(), rows, 64).batches().size())
        .isLessThan(22_500 / 64 + Buckets.MOST + 1);
  }
}

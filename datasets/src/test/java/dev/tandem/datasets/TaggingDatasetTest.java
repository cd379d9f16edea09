package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.datasets.TaggingDataset.Options;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaggingDatasetTest {
  @TempDir Path directory;

  private Path file(String... lines) throws IOException {
    return Files.writeString(directory.resolve("t.tsv"), String.join("\n", lines) + "\n");
  }

  @Test
  void unknownWordsKeepTheirForm() throws IOException {
    Path file =
        file(
            "The\tDET",
            "dog\tNOUN",
            "runs\tVERB",
            "",
            "",
            "the\tDET",
            "dog\tNOUN",
            "jumping\tVERB",
            "",
            "The\tDET",
            "Bank\tPROPN",
            "walks\tVERB",
            "singing\tVERB",
            "7\tNUM");
    TaggingDataset raw = TaggingDataset.read(file, Options.DEFAULT);
    assertThat(raw.size()).isEqualTo(3);
    Dataset data = raw.prepare(new Split(new int[] {0, 1}, new int[0], new int[] {2}));
    assertThat(data.classNames()).containsExactly("DET", "NOUN", "NUM", "PROPN", "VERB");
    assertThat(data.preprocessing().text().vocabulary().tokens())
        .containsExactly(
            "<padding>",
            "<unknown>",
            "dog",
            "the",
            "<unknown-ing>",
            "<unknown-other>",
            "<unknown-s>");
    assertThat(data.train().inputs().ints()).containsExactly(3, 2, 6, 3, 2, 4);
    // The form of Bank, a capital, and that of a digit occur in no rare word of the training part.
    assertThat(data.test().inputs().ints()).containsExactly(3, 1, 6, 4, 1);
    assertThat(data.test().targets().ints()).containsExactly(0, 3, 4, 4, 2);
    assertThat(data.notes())
        .containsExactly(
            "of 4 different words of the training part 2 are known, the others are 3 unknown forms",
            "training part, 2 of 6 tokens (33.3 %) are outside the vocabulary",
            "test part, 4 of 5 tokens (80.0 %) are outside the vocabulary");
    IntBuffer padded = IntBuffer.allocate(7);
    data.test().targets().gather(new int[] {0}, 0, 1, 7, padded);
    assertThat(padded.array()).containsExactly(0, 3, 4, 4, 2, -1, -1);
  }

  @Test
  void encodesNewSentences() throws IOException {
    Path file = file("a\tX", "b\tY", "a\tX", "b\tY");
    Preprocessing preprocessing =
        TaggingDataset.read(file, Options.DEFAULT)
            .prepare(new Split(new int[] {0}, new int[0], new int[0]))
            .preprocessing();
    EncodedExamples encoded =
        TaggingDataset.encode(
            preprocessing, "new.tsv", Sentences.read(file("B\tY", "", "A\tX", "zz\tX"), true));
    assertThat(encoded.notes())
        .containsExactly("1 of 3 tokens (33.3 %) are outside the vocabulary");
    Examples examples = encoded.examples();
    assertThat(examples.inputs().ints()).containsExactly(3, 2, 4);
    assertThat(examples.targets().ints()).containsExactly(1, 0, 0);
    assertThatThrownBy(
            () ->
                TaggingDataset.encode(preprocessing, "new.tsv", Sentences.read(file("a\tx"), true)))
        .isInstanceOf(DataException.class)
        .hasMessage("new.tsv: tag 'x' is none of the classes (did you mean 'X'? there are: X, Y)");
    assertThat(Sentences.read(file("a", "b", "", "c"), false).words())
        .containsExactly(List.of("a", "b"), List.of("c"));
  }

  @Test
  void refusesLinesWithoutATag() throws IOException {
    Path file = file("a\tX", "", "b");
    assertThatThrownBy(() -> TaggingDataset.read(file, Options.DEFAULT))
        .isInstanceOf(DataException.class)
        .hasMessage(
            file
                + " line 3 is not a word, a tab and its tag: 'b' (write one word on each line, and an"
                + " empty line between sentences)");
    assertThatThrownBy(() -> TaggingDataset.read(file("a\tX\tY"), Options.DEFAULT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 1 is not a word");
    assertThatThrownBy(() -> TaggingDataset.read(file("a\tX", "b\tX"), Options.DEFAULT))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "t.tsv: all words have the tag 'X': nothing can be learned (give words with two tags or"
                + " more)");
    assertThatThrownBy(() -> TaggingDataset.read(file(""), Options.DEFAULT))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("t.tsv is empty (give a file with text)");
  }

  @Test
  void seesTheFormOfAWord() {
    assertThat(
            List.of("1999", "3rd", "--", "NATO", "Walking", "nation", "x", "a@b.org", "so-so", "I"))
        .extracting(WordShapes::of)
        .containsExactly(
            "<unknown-digits>",
            "<unknown-digits-letters>",
            "<unknown-sign>",
            "<unknown-upper>",
            "<unknown-capital-ing>",
            "<unknown-tion>",
            "<unknown-other>",
            "<unknown-address>",
            "<unknown-hyphen>",
            "<unknown-capital-other>");
  }

  @Test
  void copyMemoryAsksForTheSymbolsAtTheEnd() {
    TaggingDataset raw = Generators.copyMemory(20, 5, 1);
    Dataset data = raw.prepare(Splits.holdout(raw, 0, 0, 0));
    assertThat(data.classNames()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h");
    Vocabulary vocabulary = data.preprocessing().text().vocabulary();
    assertThat(vocabulary.size()).isEqualTo(12);
    for (int example = 0; example < 20; example++) {
      List<String> words =
          vocabulary.decode(
              Arrays.copyOfRange(data.train().inputs().ints(), example * 25, example * 25 + 25));
      assertThat(words.subList(10, 25))
          .containsExactly(
              "blank", "blank", "blank", "blank", "go", "blank", "blank", "blank", "blank", "blank",
              "blank", "blank", "blank", "blank", "blank");
      int[] tags =
          Arrays.copyOfRange(data.train().targets().ints(), example * 25, example * 25 + 25);
      assertThat(Arrays.copyOf(tags, 15)).containsOnly(-1);
      for (int i = 0; i < 10; i++) {
        assertThat(data.classNames().get(tags[15 + i])).isEqualTo(words.get(i));
      }
    }
    assertThat(Catalog.load("copy-memory", null).size()).isEqualTo(12_000);
  }

  @Test
  void readsTheTreebankOfTheMirror() {
    String given = System.getenv("TANDEM_MIRROR");
    Path mirror = Path.of(given != null ? given : "../../shared/data");
    assumeTrue(Files.isDirectory(mirror), "no mirror: set TANDEM_MIRROR");
    RawDataset raw = Catalog.load("ud-ewt", mirror);
    Dataset data = raw.prepare(Splits.holdout(raw, 0.1, 0.2, 0));
    assertThat(data.train().size() + data.validation().size()).isEqualTo(2_001);
    assertThat(data.test().size()).isEqualTo(2_077);
    assertThat(data.classNames()).hasSize(17).contains("NOUN", "VERB", "PUNCT");
    Buckets buckets = Buckets.of(data.train().inputs());
    assertThat(buckets.paddingFraction()).isLessThan(Buckets.ENOUGH);
  }
}

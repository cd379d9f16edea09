package dev.tandem.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.datasets.LanguageDataset.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanguageDatasetTest {
  @TempDir Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("t.txt"), text);
  }

  private static Dataset prepare(RawDataset raw) {
    return raw.prepare(Splits.holdout(raw, 0.25, 0.2, 0));
  }

  @Test
  void targetsAreInputsShiftedByOne() throws IOException {
    LanguageDataset raw =
        LanguageDataset.read(file("aabaacaabaabaacaaba?\u00e9"), Options.CHARACTERS.withSteps(4));
    Dataset data = prepare(raw);
    assertThat(raw.size()).isEqualTo(5);
    assertThat(data.task()).isEqualTo(Task.LANGUAGE);
    TextEncoding text = data.preprocessing().text();
    assertThat(text.vocabulary().tokens()).containsExactly("<padding>", "<unknown>", "a", "b", "c");
    assertThat(data.train().inputs()).hasToString("int32 [3,4]");
    assertThat(text.decode(List.of(), data.train().inputs().ints())).isEqualTo("aabaacaabaab");
    assertThat(text.decode(List.of(), data.train().targets().ints())).isEqualTo("abaacaabaaba");
    assertThat(text.decode(List.of(), data.validation().inputs().ints())).isEqualTo("aaca");
    assertThat(text.decode(List.of(), data.test().inputs().ints())).isEqualTo("aba<unknown>");
    assertThat(data.notes())
        .containsExactly(
            "the vocabulary has 5 ids for 5 different characters",
            "test part, 1 of 4 tokens (25.0 %) are outside the vocabulary");
    Vocabulary.Ids prompt = text.vocabulary().encode(List.of("a", "b", "z"));
    assertThat(prompt.ids()).containsExactly(2, 3, 1);
    assertThat(prompt.unknown()).isEqualTo(1);
  }

  @Test
  void knowsWordsAndTheEndsOfLines() throws IOException {
    String text = "The cat, the dog.\r\nThe cat isn't a dog.\r\n".repeat(8) + "a mouse\n";
    Dataset data =
        prepare(LanguageDataset.read(file(text), new Options(Tokenizer.WORDS_AND_LINES, 5, 4, 2)));
    assertThat(data.preprocessing().text().vocabulary().tokens())
        .containsExactly("<padding>", "<unknown>", "the", "cat", "\n", ".");
    assertThat(data.notes())
        .contains(
            "the line ends of Windows become simple ones",
            "the vocabulary has 6 ids for 9 different words");
    assertThat(
            Tokenizer.WORDS_AND_LINES.join(
                Tokenizer.WORDS_AND_LINES.split("Oh, (it's) a cat.\nYes!")))
        .isEqualTo("oh, (it's) a cat.\nyes!");
  }

  @Test
  void encodesANewTextWithTheVocabularyOfTraining() throws IOException {
    LanguageDataset raw = LanguageDataset.read(file("abcabcabc"), Options.CHARACTERS.withSteps(2));
    Preprocessing preprocessing = raw.prepare(Splits.holdout(raw, 0, 0, 0)).preprocessing();
    EncodedExamples encoded = LanguageDataset.encode(preprocessing, file("cxba"), 3);
    TextEncoding text = preprocessing.text();
    assertThat(text.decode(List.of(), encoded.examples().inputs().ints())).isEqualTo("c<unknown>b");
    assertThat(text.decode(List.of(), encoded.examples().targets().ints()))
        .isEqualTo("<unknown>ba");
    assertThat(encoded.notes())
        .containsExactly("new part, 1 of 3 tokens (33.3 %) are outside the vocabulary");
  }

  @Test
  void batchesContinueEachOther() {
    int[] order = LanguageDataset.continuousOrder(11, 3);
    assertThat(order).containsExactly(0, 3, 6, 1, 4, 7, 2, 5, 8);
    assertThatThrownBy(() -> LanguageDataset.continuousOrder(2, 3))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "2 windows do not fill a batch of 3 (choose a smaller --batch-size or --window)");
  }

  @Test
  void refusesWhatIsNoTextOrTooShort() throws IOException {
    Path broken = directory.resolve("broken.txt");
    Files.write(broken, new byte[] {'a', (byte) 0xC3, (byte) 0xA9, 'b', (byte) 0xE9, 'c'});
    assertThatThrownBy(() -> LanguageDataset.read(broken, Options.CHARACTERS))
        .isInstanceOf(DataException.class)
        .hasMessage(broken + " is not UTF-8 text: byte 4 is 0xE9 (save the file as UTF-8)");
    // A character that is cut off at the end of the file.
    Files.write(broken, new byte[] {'a', (byte) 0xC3});
    assertThatThrownBy(() -> LanguageDataset.read(broken, Options.CHARACTERS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("byte 1 is 0xC3");
    assertThatThrownBy(() -> LanguageDataset.read(file("\n \n"), Options.CHARACTERS))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("t.txt is empty (give a file with text)");
    Path line = file("one line");
    assertThatThrownBy(() -> LanguageDataset.read(line, Options.CHARACTERS))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "t.txt has 8 characters, fewer than the 101 that one window needs (make --window"
                + " smaller, or give a longer text)");
    assertThatThrownBy(() -> LanguageDataset.read(line, Options.WORDS.withSteps(2)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("t.txt has 2 words, fewer than the 3");
    LanguageDataset one = LanguageDataset.read(line, Options.CHARACTERS.withSteps(5));
    assertThatThrownBy(() -> Splits.holdout(one, 0, 0.2, 0))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("t.txt: a test fraction of 0.2 takes all of 1 rows");
    assertThat(one.prepare(Splits.holdout(one, 0, 0, 0)).train().size()).isEqualTo(1);
  }

  @Test
  void bringsTheNamesOfTheJdk() {
    LanguageDataset raw = (LanguageDataset) Catalog.load("jdk-names", null);
    Dataset data = prepare(raw);
    String text = data.preprocessing().text().decode(List.of(), data.train().inputs().ints());
    String tests = data.preprocessing().text().decode(List.of(), data.test().inputs().ints());
    List<String> lines = (text + tests).lines().toList();
    assertThat(lines).contains("PriorityQueue.offer").hasSizeGreaterThan(5_000);
    assertThat(lines.subList(1, lines.size() - 1))
        .filteredOn(line -> !line.matches("[A-Za-z0-9_.]+"))
        .hasSizeLessThan(5);
    assertThat(raw.prepare(Splits.holdout(raw, 0, 0, 0)).provenance()).isEqualTo(data.provenance());
  }

  @Test
  void bringsTheSourceOfTheJdkOrSaysThatItHasNone() {
    Path archive = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    if (!Files.exists(archive)) {
      assertThatThrownBy(() -> Catalog.load("jdk-source", null))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("this JDK has no " + archive);
      return;
    }
    Dataset data = prepare(Catalog.load("jdk-source", null));
    String text = data.preprocessing().text().decode(List.of(), data.train().inputs().ints());
    assertThat(text).contains("public class ").doesNotContain("Licensed to Oracle");
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-shakespeare, 11153, 65",
    "alice, 1436, 67",
    "sonnets, 940, 61",
    "us-names, 2281, 27"
  })
  void readsTheMirror(String id, int rows, int characters) {
    String given = System.getenv("TANDEM_MIRROR");
    Path mirror = Path.of(given != null ? given : "../../shared/data");
    assumeTrue(Files.isDirectory(mirror), "no mirror: set TANDEM_MIRROR");
    RawDataset raw = Catalog.load(id, mirror);
    assertThat(raw.size()).isEqualTo(rows);
    Dataset data = raw.prepare(Splits.holdout(raw, 0.1, 0, 0));
    assertThat(data.notes())
        .anyMatch(note -> note.endsWith("for " + characters + " different characters"));
    int largest = Arrays.stream(data.train().inputs().ints()).max().orElseThrow();
    assertThat(largest).isEqualTo(data.preprocessing().text().vocabulary().size() - 1);
  }
}

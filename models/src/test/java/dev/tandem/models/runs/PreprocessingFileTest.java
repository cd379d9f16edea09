package dev.tandem.models.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.datasets.Catalog;
import dev.tandem.datasets.LanguageDataset;
import dev.tandem.datasets.Preprocessing;
import dev.tandem.datasets.RawDataset;
import dev.tandem.datasets.Splits;
import dev.tandem.datasets.TaggingDataset;
import dev.tandem.datasets.TextDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What training learned of its data is the same after it was written and read. */
class PreprocessingFileTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path directory;

  private static Preprocessing prepared(RawDataset raw) {
    return raw.prepare(Splits.holdout(raw, 0, 0.2, 0)).preprocessing();
  }

  private static void requireSame(Preprocessing written) {
    String text = JSON.writeValueAsString(written);
    assertThat(JSON.readValue(text, Preprocessing.class)).isEqualTo(written);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("data.tsv"), text);
  }

  @Test
  void ofTablesAndArrays() {
    requireSame(prepared(Catalog.load("iris", null)));
    requireSame(prepared(Catalog.load("digits", null)));
  }

  @Test
  void ofSeries() {
    requireSame(prepared(Catalog.load("co2", null)));
  }

  @Test
  void ofTexts() throws IOException {
    requireSame(
        prepared(
            TextDataset.read(
                file("good film\tpos\nbad film\tneg\nbad\tneg\ngood \u00e9\tpos\n"),
                null,
                TextDataset.Options.WORDS)));
    requireSame(
        prepared(
            TaggingDataset.read(
                file("a\tX\nb\tY\n\na\tX\n\nb\tY\n"), TaggingDataset.Options.DEFAULT)));
    requireSame(
        prepared(
            LanguageDataset.read(
                file("to be or not to be\n"), LanguageDataset.Options.CHARACTERS.withSteps(3))));
  }

  @Test
  void aFileOfBeforeHasNeitherTextNorSeries() {
    Preprocessing iris = prepared(Catalog.load("iris", null));
    ObjectNode tree = JSON.valueToTree(iris);
    tree.remove("text");
    tree.remove("series");
    assertThat(JSON.treeToValue(tree, Preprocessing.class)).isEqualTo(iris);
  }

  @Test
  void aDamagedVocabularyIsFound() throws IOException {
    Preprocessing text =
        prepared(
            LanguageDataset.read(
                file("to be or not to be\n"), LanguageDataset.Options.CHARACTERS.withSteps(3)));
    String damaged = JSON.writeValueAsString(text).replace("<unknown>", "unknown");
    assertThatThrownBy(() -> JSON.readValue(damaged, Preprocessing.class))
        .isInstanceOf(JacksonException.class)
        .hasMessageContaining("a vocabulary begins with [<padding>, <unknown>]");
  }
}

package dev.tandem.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.datasets.Catalog;
import dev.tandem.models.Presets;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainHelpTest {
  private static String help() {
    StringWriter out = new StringWriter();
    int code =
        Tandem.execute(
            new String[] {"train", "--help"},
            new PrintWriter(out),
            new PrintWriter(new StringWriter()));
    assertThat(code).isZero();
    return out.toString();
  }

  @Test
  void everyPresetHasALineWithItsNumbers() {
    List<String> lines = help().lines().map(line -> line.strip().replaceAll(" +", " ")).toList();
    for (Presets.Preset preset : Presets.all()) {
      assertThat(lines).filteredOn(line -> line.matches(preset.name() + " \\d.*")).hasSize(1);
    }
    assertThat(lines)
        .contains(
            "epochs batch-size lr weight-decay clip-norm hidden layers dropout",
            "perceptron 100 32 0.003 0.3 - - - -",
            "cnn 20 64 0.003 0.05 - 128 2 0.25",
            "detector 12 16 0.003 0.05 - 16 3 0",
            "deep-lstm 20 64 0.003 0.01 1 64 3 0.2");
  }

  @Test
  void everyDataSetIsNamedAsWhatItIs() {
    String text = help().replaceAll("\\s+", " ");
    String here = text.replaceFirst(".*Data sets that are here: ([^.]*)\\..*", "$1");
    assertThat(List.of(here.split(", ")))
        .containsExactlyElementsOf(
            Catalog.entries().stream()
                .filter(Catalog.Entry::bundled)
                .map(Catalog.Entry::id)
                .toList())
        .contains("scenes", "sunspots", "adding", "jdk-names");
    Catalog.entries().forEach(entry -> assertThat(text).contains(entry.id()));
    assertThat(text).containsOnlyOnce("Data sets that are here").containsOnlyOnce("Presets, and");
  }

  @Test
  void theReadmeNamesEveryDataSet() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    Catalog.entries().forEach(entry -> assertThat(readme).contains("`" + entry.id() + "`"));
  }
}
